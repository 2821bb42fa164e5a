/**
 * An HTTP server in a process of its own that tells what it holds: connections, sockets, file descriptors, memory.
 * The clients of a test live in the test's process, so that they are not measured and each side has its own file descriptors.
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { eventually } from '../eventually.ts';

/** What the server's process holds. */
export interface Measurement {
  /** The server's `connectionCount`. */
  readonly connections: number;
  /** Deadlines in the server's wheel. */
  readonly deadlines: number;
  /** Calls of the listener that have not ended; WebSockets whose `onClose` was not called. */
  readonly running: number;
  /** Answers that wait for their client to take what was written. */
  readonly full: number;
  /** Warnings and errors the server logged since its start. */
  readonly complaints: number;
  /** Sockets that Node.js counts as open. */
  readonly sockets: number;
  /** Open file descriptors; 0 where the system does not tell. */
  readonly fileDescriptors: number;
  /** Heap in use after a garbage collection, and what it keeps outside, buffers above all. */
  readonly memoryBytes: number;
  /** Memory of the process as the system counts it, what the allocator keeps for later included. */
  readonly residentBytes: number;
}

/** What memory may grow by over three rounds. */
const maxGrownBytes = 512 * 1024;

/**
 * What the least of the second half of some measurements is over the most of the first half, in bytes. What the system counts as a
 * process' memory goes up and down by tens of megabytes with what the allocator keeps for later; only what is kept each time lifts
 * all of the later ones.
 */
export function plateau(sizes: readonly number[]): number {
  const half = Math.floor(sizes.length / 2);
  return Math.min(...sizes.slice(half)) - Math.max(...sizes.slice(0, half));
}

/** What {@link plateau} may be of a server that leaves nothing behind: 16 MiB. */
export const maxPlateauBytes: number = 16 * 2 ** 20;

/** The server of one test. */
export class MeasuredServer {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<never>;

  private constructor(child: ChildProcess, exited: Promise<never>, port: number) {
    this.#child = child;
    this.#exited = exited;
    this.port = port;
  }

  /** Starts a server, which ends with the test, in a Node.js with these further options. */
  static start(t: TestContext, ...nodeOptions: readonly string[]): Promise<MeasuredServer> {
    return MeasuredServer.startProgram(t, 'measured-server-process.ts', ...nodeOptions);
  }

  /** Starts another program beside this file that tells its port and answers measurements. */
  static async startProgram(t: TestContext, name: string, ...nodeOptions: readonly string[]): Promise<MeasuredServer> {
    const program = fileURLToPath(new URL(name, import.meta.url));
    const child = fork(program, { execArgv: ['--expose-gc', '--conditions=gale-source', ...nodeOptions] });
    const exited = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`the server ended with ${signal ?? code}`);
    });
    exited.catch(() => {});
    t.after(async () => {
      child.kill();
      await assert.rejects(exited, /SIGTERM/);
    });
    const [port] = (await Promise.race([once(child, 'message'), exited])) as [number];
    return new MeasuredServer(child, exited, port);
  }

  /** Measures now, after a garbage collection. */
  async measure(): Promise<Measurement> {
    const told = once(this.#child, 'message');
    this.#child.send('measure');
    const [measurement] = (await Promise.race([told, this.#exited])) as [Measurement];
    return measurement;
  }

  /** Waits until `isSo` of what the server holds; `describe` says in the error what that is. */
  async until(isSo: (measurement: Measurement) => boolean, describe: string = String(isSo)): Promise<void> {
    let last: Measurement | undefined;
    await eventually(
      async () => isSo((last = await this.measure())),
      () => `${describe}: ${JSON.stringify(last)}`,
    );
  }

  /**
   * Runs `round` five times. After each, everything but memory is as it was at the start; memory may still grow over the first two,
   * while code is compiled and buffers find their size, and hardly over the other three: a kilobyte that each of 500 connections left
   * behind would be found.
   *
   * @returns What the process took of the system's memory after each round.
   */
  async staysTheSame(round: () => Promise<void>): Promise<number[]> {
    const { memoryBytes: _, residentBytes: __, ...atStart } = await this.measure();
    assert.equal(atStart.connections, 0);
    const memory: number[] = [];
    const resident: number[] = [];
    for (let count = 1; count <= 5; count++) {
      await round();
      await this.until(({ memoryBytes, residentBytes, ...now }) => {
        memory[count - 1] = memoryBytes;
        resident[count - 1] = residentBytes;
        if (now.connections === 0) assert.equal(now.deadlines, 0, 'no deadline outlives its connection');
        return isDeepStrictEqual(now, atStart);
      }, `as at the start after round ${count}`);
    }
    const grown = memory[4]! - memory[1]!;
    assert.ok(grown < maxGrownBytes, `memory grew by ${grown} bytes over three rounds: ${memory.join(', ')}`);
    return resident;
  }
}
