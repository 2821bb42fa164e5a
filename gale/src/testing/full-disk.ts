/**
 * Simulates a full disk for one process: the kernel's limit for file sizes fails each write that would make a file grow.
 * Reads and connections continue. The program `prlimit` of util-linux sets the limit. Without it tests are skipped with the
 * reason, or fail with `CI=true`.
 */
import { spawnSync } from 'node:child_process';

let isInstalled: boolean | undefined;

/** The reason to skip tests with a full disk, for the option `skip` of `node:test`. False if they run. */
export function fullDiskMissing(): string | false {
  isInstalled ??= spawnSync('prlimit', ['--version']).status === 0;
  return isInstalled || process.env['CI'] === 'true' ? false : 'prlimit is not installed';
}

/** Stops the files of a process from growing, until {@link freeDisk}. @param pid - This process, or another one of the same user. */
export function fillDisk(pid: number = process.pid): void {
  limitFiles(pid, '1');
}

/** Lets the files of a process grow again. */
export function freeDisk(pid: number = process.pid): void {
  limitFiles(pid, 'unlimited');
}

function limitFiles(pid: number, bytes: string): void {
  const { status, error, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
  if (status !== 0) throw new Error(`prlimit failed: ${error?.message ?? String(stderr)}`);
}
