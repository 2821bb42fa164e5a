/**
 * A program that serves until a signal stops it, in this process or in several processes that share its ports.
 * This file connects signals and messages of the primary to the serving process. serving-process.ts starts and stops one process;
 * worker-processes.ts is the primary.
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
import { reportFailure } from './start-failure.ts';
import { WorkerProcesses } from './worker-processes.ts';
import { isMessage, readyMessage, stopMessage, takePosition } from './worker-messages.ts';

/** Options of {@link runProgram}. */
export interface ProgramOptions {
  /** Number of processes that run `start`. 1 runs it in this process; 0 starts one process per processor. @defaultValue 1 */
  readonly processes?: number;
  /** Longest wait for requests in flight after a signal, in milliseconds. @defaultValue 10 000 */
  readonly graceMs?: number;
  /** Most restarts of crashed processes per minute. Above it the program ends with code 1. @defaultValue 100 */
  readonly maxRestartsPerMinute?: number;
  /**
   * Returns the text for standard error when `start` fails; undefined uses the default. @defaultValue one line for a
   * {@link GaleError} and errors of the operating system, the stack of any other error
   */
  readonly explain?: (error: unknown) => string | undefined;
  /** Log for crashes and failed stops. @defaultValue warnings and errors, to standard output */
  readonly log?: Logger;
}

/** Default, minimum and maximum of each number. */
const ranges = {
  processes: [1, 0, 1024],
  graceMs: [10_000, 0, 86_400_000],
  maxRestartsPerMinute: [100, 0, 1_000_000],
} as const;
/** A stop that takes this much longer than `graceMs` counts as hung. */
const hangMs = 5_000;
/** A worker that still runs this much later is killed. */
const killMs = 1_000;

/**
 * Runs a program until SIGTERM or SIGINT: closes what `start` returned and ends with exit code 0, or with 1 if that fails or takes
 * over 5 seconds longer than `graceMs`. A second signal ends it immediately, with code 128 + signal number. If `start` fails, the
 * reason is written to standard error, and the exit code is 1. Call it once in a program.
 *
 * With several processes, each of them runs the whole program again. This process passes connections to them and serves nothing.
 * If a `MemoryBroker` or an open `SqliteBroker` exists already, the program ends as after a failed `start`.
 * A process that crashes or is killed is replaced. If this process dies, the others shut down gracefully.
 *
 * @param start - Starts to serve; called in each process.
 * @returns Resolves when `start` has resolved in all processes; never settles if it fails.
 * @throws {@link GaleError} `OPTION_VALUE` or `OPTION_UNKNOWN`.
 * @example
 * await runProgram(() => app.listen(8888), { processes: 4 });
 */
export async function runProgram(
  start: (process: ProgramProcess) => Stoppable | Promise<Stoppable>,
  options: ProgramOptions = {},
): Promise<void> {
  if (typeof start !== 'function') throw wrongValue('start', 'a function', start);
  const { processes: count, graceMs, maxRestartsPerMinute, log, explain } = resolveProgramOptions(options);
  const position = takePosition();
  try {
    setProcessCount(position?.count ?? count);
  } catch (error) {
    reportFailure(error, explain);
    process.exit(1);
  }
  if (position === undefined && count > 1 && cluster.isPrimary) {
    const workers = new WorkerProcesses({ count, maxRestartsPerMinute, killMs: graceMs + hangMs + killMs, log });
    onEndSignals(['SIGTERM', 'SIGINT'], { stop: () => workers.stop(), end: (code) => workers.end(code) });
    await workers.start();
    return;
  }
  const serving = new ServingProcess({ graceMs, hangMs, log, explain, exit: process.exit });
  const stop = (): void => serving.stop();
  onEndSignals(position ? ['SIGTERM'] : ['SIGTERM', 'SIGINT'], { stop, end: process.exit });
  if (position) stopWithPrimary(stop);
  const isServing = await serving.start(() => start(position ?? { index: 0, count: 1, restarts: 0 }));
  // Ignores the error if the primary has died meanwhile.
  if (isServing && position) process.send?.(readyMessage, undefined, undefined, () => {});
}

/** {@link ProgramOptions}, checked, with the defaults filled in. */
type ResolvedProgramOptions = Readonly<Required<Omit<ProgramOptions, 'explain'>>> & Pick<ProgramOptions, 'explain'>;

function resolveProgramOptions(options: ProgramOptions): ResolvedProgramOptions {
  assertNames('program', options, [...Object.keys(ranges), 'explain', 'log']);
  assertLog(options.log);
  assertFunctions(options, ['explain']);
  const numbers = readIntegers(options, ranges);
  return {
    ...options,
    ...numbers,
    processes: numbers.processes === 0 ? availableParallelism() : numbers.processes,
    log: options.log ?? createLogger(),
  };
}

/** Stops at the stop message of the primary, or when the primary has died. */
function stopWithPrimary(stop: () => void): void {
  // Ctrl-C reaches every process of a terminal; the primary decides.
  process.on('SIGINT', () => {});
  process.on('message', (message) => {
    if (isMessage(message, stopMessage)) stop();
  });
  cluster.worker?.on('disconnect', () => {
    // Otherwise node:cluster ends the process immediately.
    if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
    stop();
  });
}
