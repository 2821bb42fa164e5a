/** A server under measurement: a process of its own, pinned to the first core, told its port, ended by its id. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { freePort } from 'gale/testing';

/** One contestant of a benchmark. */
export interface Contestant {
  readonly name: string;
  /** Words behind `node`: a file of this folder or of `examples/`, and its arguments; `--port=N` is added. */
  readonly words: readonly string[];
}

/** A started contestant. */
export interface ServerProcess {
  readonly port: number;
  readonly pid: number;
  /** Ends it; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Starts a contestant and resolves when its port answers; rejects after 10 seconds. */
export async function startServer(contestant: Contestant): Promise<ServerProcess> {
  const port = await freePort();
  const words = ['--cpu-list', '0', process.execPath, '--conditions=gale-source', ...contestant.words];
  const child = spawn('taskset', [...words, `--port=${port}`], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('taskset could not be started; it is part of util-linux.');
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  for (const deadline = Date.now() + 10_000; ;) {
    if (await answers(port)) return { port, pid, stop };
    if (Date.now() > deadline || child.exitCode !== null) {
      await stop();
      throw new Error(`${contestant.name} does not answer on port ${port}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
