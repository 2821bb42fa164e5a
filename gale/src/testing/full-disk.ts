/**
 * A disk that is full for one process: the kernel's limit for the size of files fails each write that would make one grow.
 * Reads and connections go on. The program `prlimit` of util-linux sets the limit; without it tests are skipped with the
 * reason, but fail where `CI=true`.
 */
import { spawnSync } from 'node:child_process';

let isInstalled: boolean | undefined;

/** Why tests with a full disk are skipped, for `node:test`'s option `skip`; false if they are not. */
export function fullDiskMissing(): string | false {
  isInstalled ??= spawnSync('prlimit', ['--version']).status === 0;
  return isInstalled || process.env['CI'] === 'true' ? false : 'prlimit is not installed';
}

/** Lets no file of the process grow, until {@link freeDisk}. @param pid - Of this process or another one of this user. */
export function fillDisk(pid: number = process.pid): void {
  limitFiles(pid, '1');
}

/** Lets files of the process grow again. */
export function freeDisk(pid: number = process.pid): void {
  limitFiles(pid, 'unlimited');
}

function limitFiles(pid: number, bytes: string): void {
  const { status, error, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
  if (status !== 0) throw new Error(`prlimit failed: ${error?.message ?? String(stderr)}`);
}
