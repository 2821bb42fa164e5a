/**
 * A program that serves until a signal tells it to stop, in this process or in several that share its ports.
 * Here is how signals and orders reach what was started; its life is in serving-process.ts, the primary in worker-processes.ts.
 */
import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import { onEndSignals } from './end-signals.ts';
import { assertFunctions, assertLog, assertNames, readIntegers, wrongValue } from './given-options.ts';
import { createLogger } from './log.ts';
import type { Logger } from './log.ts';
import { setProcessCount } from './one-process.ts';
import { ServingProcess } from './serving-process.ts';
import type { ProgramProcess, Stoppable } from './serving-process.ts';
import { sayWhy } from './start-failure.ts';
import { WorkerProcesses } from './worker-processes.ts';
import { isMessage, readyMessage, stopMessage, takePlace } from './worker-messages.ts';

/** How a program runs and ends. */
export interface ProgramOptions {
  /** Processes that run `start`; 1 runs it in this process, 0 in as many as there are processors. @defaultValue 1 */
  readonly processes?: number;
  /** Longest that requests in flight are waited for after a signal, in milliseconds. @defaultValue 10 000 */
  readonly graceMs?: number;
  /** Most restarts of crashed processes within a minute; over it the program ends with code 1. @defaultValue 100 */
  readonly maxRestartsPerMinute?: number;
  /**
   * Words what `start` failed with, for standard error; undefined leaves it to Gale. @defaultValue one line for a
   * {@link GaleError} and errors of the operating system, the stack of any other
   */
  readonly explain?: (error: unknown) => string | undefined;
  /** Where crashes and stops that fail are told. @defaultValue warnings and errors, to standard output */
  readonly log?: Logger;
}

/** Default, least and greatest value of each number. */
const ranges = {
  processes: [1, 0, 1024],
  graceMs: [10_000, 0, 86_400_000],
  maxRestartsPerMinute: [100, 0, 1_000_000],
} as const;
/** A stop that takes so much longer than `graceMs` hangs. */
const hangMs = 5_000;
/** A worker that takes so much longer still cannot even end itself. */
const killMs = 1_000;

/**
 * Runs a program until SIGTERM or SIGINT: closes what `start` returned and ends with exit code 0, or with 1 if that fails or takes
 * over 5 seconds longer than `graceMs`. A second signal ends it at once, with 128 + its number. If `start` fails, that is said
 * on standard error, and the exit code is 1. Called once in a program.
 *
 * With several processes, the whole program runs once more in each; this process hands connections to them and serves nothing.
 * A `MemoryBroker`, and an open `SqliteBroker`, made before are refused then as a failed `start` is.
 * One that crashes, or is ended by a signal, is replaced. If this process dies, the others stop in good order.
 *
 * @param start - Begins to serve; called in each process.
 * @returns Settles when `start` has, in all processes; never, if it fails.
 * @throws {@link GaleError} `OPTION_VALUE` or `OPTION_UNKNOWN`.
 * @example
 * await runProgram(() => app.listen(8888), { processes: 4 });
 */
export async function runProgram(
  start: (process: ProgramProcess) => Stoppable | Promise<Stoppable>,
  options: ProgramOptions = {},
): Promise<void> {
  if (typeof start !== 'function') throw wrongValue('start', 'a function', start);
  assertNames('program', options, [...Object.keys(ranges), 'explain', 'log']);
  const { processes, graceMs, maxRestartsPerMinute } = readIntegers(options, ranges);
  assertLog(options.log);
  assertFunctions(options, ['explain']);
  const { log = createLogger(), explain } = options;
  const place = takePlace();
  const count = processes === 0 ? availableParallelism() : processes;
  try {
    setProcessCount(place?.count ?? count);
  } catch (error) {
    sayWhy(error, explain);
    process.exit(1);
  }
  if (place === undefined && count > 1 && cluster.isPrimary) {
    const workers = new WorkerProcesses({ count, maxRestartsPerMinute, killMs: graceMs + hangMs + killMs, log });
    onEndSignals(['SIGTERM', 'SIGINT'], { stop: () => workers.stop(), end: (code) => workers.end(code) });
    await workers.start();
    return;
  }
  const serving = new ServingProcess({ graceMs, hangMs, log, explain, exit: process.exit });
  const stop = (): void => serving.stop();
  onEndSignals(place ? ['SIGTERM'] : ['SIGTERM', 'SIGINT'], { stop, end: process.exit });
  if (place) obeyPrimary(stop);
  const isServing = await serving.start(() => start(place ?? { index: 0, count: 1, restarts: 0 }));
  // A primary that died meanwhile need not know.
  if (isServing && place) process.send?.(readyMessage, undefined, undefined, () => {});
}

/** Stops when the primary says so or is gone. */
function obeyPrimary(stop: () => void): void {
  // Ctrl-C reaches every process of a terminal; the primary decides.
  process.on('SIGINT', () => {});
  process.on('message', (message) => {
    if (isMessage(message, stopMessage)) stop();
  });
  cluster.worker?.on('disconnect', () => {
    // Otherwise node:cluster ends the process here and now.
    if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
    stop();
  });
}
