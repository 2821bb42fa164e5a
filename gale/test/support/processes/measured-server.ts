/**
 * An HTTP server in a separate process that reports its connections, sockets, file descriptors and memory.
 * The clients run in the process of the test, so that they are not measured and each side has its own file descriptors.
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { eventually } from '../eventually.ts';

/** Resources of the server's process. */
export interface Measurement {
  /** The server's `connectionCount`. */
  readonly connections: number;
  /** Deadlines in the server's wheel. */
  readonly deadlines: number;
  /** Calls of the listener that have not ended; WebSockets whose `onClose` was not called. */
  readonly running: number;
  /** Responses that wait until their client has read what was written. */
  readonly full: number;
  /** Warnings and errors the server logged since its start. */
  readonly complaints: number;
  /** Sockets that Node.js counts as open. */
  readonly sockets: number;
  /** Open file descriptors; 0 where the system does not report them. */
  readonly fileDescriptors: number;
  /** Heap in use after a garbage collection, and memory outside of it, mostly buffers. */
  readonly memoryBytes: number;
  /** Resident memory of the process, including what the allocator keeps for later. */
  readonly residentBytes: number;
}

/** Maximum growth of memory over three rounds. */
const maxGrownBytes = 512 * 1024;

/**
 * The least measurement of the second half minus the greatest of the first half, in bytes. The resident memory of a process varies by
 * tens of megabytes, because the allocator keeps memory for later. Only a leak raises all later measurements.
 */
export function plateau(sizes: readonly number[]): number {
  const half = Math.floor(sizes.length / 2);
  return Math.min(...sizes.slice(half)) - Math.max(...sizes.slice(0, half));
}

/** Maximum {@link plateau} of a server without a leak: 16 MiB. */
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

  /** Starts another program of this folder; it sends its port and replies to `measure`. */
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
    const measuring = once(this.#child, 'message');
    this.#child.send('measure');
    const [measurement] = (await Promise.race([measuring, this.#exited])) as [Measurement];
    return measurement;
  }

  /** Waits until `isSo` is true for a measurement; `describe` is its description in the error. */
  async until(isSo: (measurement: Measurement) => boolean, describe: string = String(isSo)): Promise<void> {
    let last: Measurement | undefined;
    await eventually(
      async () => isSo((last = await this.measure())),
      () => `${describe}: ${JSON.stringify(last)}`,
    );
  }

  /**
   * Runs `round` five times. After each round, all counts except memory are as at the start. Memory may grow over the first two rounds,
   * while code is compiled and buffers find their size, but hardly over the other three: a leak of one kilobyte by each of 500
   * connections is found.
   *
   * @returns Resident memory of the process after each round.
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
