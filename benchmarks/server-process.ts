/** A measured server, or a store that it uses: a separate process, pinned to one core. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, isListenedAt } from 'gale/testing';

/** A started server. */
export interface ServerProcess {
  readonly port: number;
  readonly pid: number;
  /** Stops it; resolves when it has ended. */
  stop(): Promise<void>;
}

/**
 * Starts a server and resolves when its port accepts connections; rejects after 30 seconds. `TMPDIR` is a new folder that
 * is removed with the server.
 *
 * @param commandFor - Program and arguments for a port; paths are relative to this folder.
 * @param core - The first core, unless the process belongs to the load.
 */
export async function startServer(
  commandFor: (port: number) => readonly string[],
  core: 0 | 1 = 0,
): Promise<ServerProcess> {
  const port = await freePort();
  const command = commandFor(port);
  const folder = await mkdtemp(join(tmpdir(), 'gale-bench-'));
  const child = spawn('taskset', ['--cpu-list', String(core), ...command], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...process.env, NODE_ENV: 'production', TMPDIR: folder },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(child, 'spawn').catch((cause: unknown) => {
    throw new Error('taskset cannot be started; install util-linux.', { cause });
  });
  const pid = child.pid ?? 0;
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    await rm(folder, { recursive: true, force: true });
  };
  for (const deadline = Date.now() + 30_000; ;) {
    if (await isListenedAt(port)) return { port, pid, stop };
    if (Date.now() > deadline || child.exitCode !== null) {
      await stop();
      throw new Error(`${command.join(' ')} does not accept connections on port ${port}.`);
    }
    await delay(20);
  }
}
