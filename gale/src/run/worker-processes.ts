/**
 * The primary of a program with several processes: starts workers, replaces those that crash, and stops them. It serves nothing
 * itself; node:cluster passes connections to the workers in turn. program.ts has the code that runs in a worker.
 */
import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import { GaleError } from '../errors.ts';
import type { Logger } from './log.ts';
import { RestartLimit } from './restart-limit.ts';
import { reportFailure } from './start-failure.ts';
import { environmentFor, isMessage, readyMessage, stopMessage } from './worker-messages.ts';

/** Settings of {@link WorkerProcesses}. */
export interface WorkerSettings {
  /** Number of workers. */
  readonly count: number;
  /** Maximum number of restarts in any minute. */
  readonly maxRestartsPerMinute: number;
  /** Time after the stop message before the workers are killed, in milliseconds. */
  readonly killMs: number;
  readonly log: Logger;
}

/** Holds one worker at a time. The replacement of a worker uses the same slot, with its index. */
interface WorkerSlot {
  readonly index: number;
  worker: Worker | undefined;
  restarts: number;
  /** Whether the current worker is ready. */
  isReady: boolean;
  /** Whether any worker of this slot was ever ready. */
  wasReady: boolean;
}

/** All workers of a program. Created once, in the primary. */
export class WorkerProcesses {
  readonly #settings: WorkerSettings;
  readonly #slots: readonly WorkerSlot[];
  readonly #limit: RestartLimit;
  readonly #allReady: PromiseWithResolvers<void> = Promise.withResolvers();
  #isStopping = false;
  #exitCode = 0;

  constructor(settings: WorkerSettings) {
    this.#settings = settings;
    this.#limit = new RestartLimit(settings.maxRestartsPerMinute);
    this.#slots = Array.from({ length: settings.count }, (_, index) => ({
      index,
      worker: undefined,
      restarts: 0,
      isReady: false,
      wasReady: false,
    }));
  }

  /**
   * Starts the first worker, and the others when it is ready, so that the reason of a failed start is reported once.
   *
   * @returns Resolves when all are ready; never settles if the program ends before.
   */
  start(): Promise<void> {
    this.#fork(this.#slots[0]!);
    return this.#allReady.promise;
  }

  /** Stops all workers, waits for their end and exits with `exitCode`, or with 1 if a worker failed. Safe to call again. */
  stop(exitCode = 0): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#exitCode = exitCode;
    // Ignores the error for a worker that is ending; its exit event follows.
    for (const { worker } of this.#slots) worker?.send(stopMessage, () => {});
    setTimeout(() => {
      this.#settings.log.error({ killMs: this.#settings.killMs }, 'Processes did not stop in time; they are killed');
      this.end(1);
    }, this.#settings.killMs);
    this.#exitWhenAllEnded();
  }

  /** Kills all workers and exits immediately. */
  end(exitCode: number): void {
    for (const { worker } of this.#slots) worker?.process.kill('SIGKILL');
    process.exit(exitCode);
  }

  #fork(slot: WorkerSlot): void {
    const { index, restarts } = slot;
    const worker = cluster.fork(environmentFor({ index, count: this.#settings.count, restarts }));
    slot.worker = worker;
    slot.isReady = false;
    worker.on('message', (message: unknown) => {
      if (isMessage(message, readyMessage)) this.#onReady(slot);
    });
    worker.on('exit', (code, signal) => {
      const onEnd = (): void => this.#onEnd(slot, code, signal);
      // Its last messages, such as the ready message, may arrive after its exit.
      if (worker.isConnected()) worker.once('disconnect', onEnd);
      else onEnd();
    });
    worker.on('error', (error) => {
      this.#settings.log.error({ err: error, index }, 'A process cannot be started or does not take messages');
      // A worker that was never created has no exit event.
      if (worker.process.pid === undefined) this.#onEnd(slot, null, null);
    });
  }

  #onReady(slot: WorkerSlot): void {
    const isFirst = !slot.wasReady;
    slot.isReady = true;
    slot.wasReady = true;
    if (!isFirst || this.#isStopping) return;
    if (slot.index === 0) for (const other of this.#slots.slice(1)) this.#fork(other);
    if (this.#slots.every(({ wasReady }) => wasReady)) this.#allReady.resolve();
  }

  #onEnd(slot: WorkerSlot, code: number | null, signal: string | null): void {
    const { index, worker, isReady, wasReady } = slot;
    slot.worker = undefined;
    // A worker that is not ready may not handle signals yet. Such a signal cancels the start: usually Ctrl-C, which reaches all processes.
    const isCancelled = !isReady && (signal === 'SIGINT' || signal === 'SIGTERM');
    if (this.#isStopping) {
      if (code !== 0 && !isCancelled) this.#exitCode = 1;
      this.#exitWhenAllEnded();
    } else if (wasReady) {
      this.#replace(slot, worker?.process.pid, code, signal);
    } else if (isCancelled) {
      this.stop();
    } else {
      // A worker that exits with 1 has reported the reason itself.
      if (code !== 1) {
        reportFailure(new GaleError('PROGRAM_START', `Process ${index} ${endOf(code, signal)} before it was ready.`));
      }
      this.stop(1);
    }
  }

  #replace(slot: WorkerSlot, pid: number | undefined, code: number | null, signal: string | null): void {
    const { index } = slot;
    const { maxRestartsPerMinute, log } = this.#settings;
    if (!this.#limit.take()) {
      const what = `Process ${index} ${endOf(code, signal)} after ${maxRestartsPerMinute} restarts within a minute`;
      const todo = 'the program ends; see why they crash, or raise maxRestartsPerMinute.';
      reportFailure(new GaleError('PROGRAM_RESTARTS', `${what}; ${todo}`));
      this.stop(1);
      return;
    }
    log.warn({ index, pid, code, signal }, 'A process ended; another one is started');
    slot.restarts++;
    this.#fork(slot);
  }

  #exitWhenAllEnded(): void {
    if (this.#slots.every(({ worker }) => worker === undefined)) process.exit(this.#exitCode);
  }
}

function endOf(code: number | null, signal: string | null): string {
  if (signal !== null) return `was ended by ${signal}`;
  return code === null ? 'could not be made' : `ended with code ${code}`;
}
