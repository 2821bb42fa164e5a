/**
 * The primary's side of a program with several processes: starts them, replaces those that crash, and stops them. It serves
 * nothing itself but hands connections to its workers in turn, on node:cluster. A worker's own side is in program.ts.
 */
import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import { GaleError } from '../errors.ts';
import type { Logger } from './log.ts';
import { RestartLimit } from './restart-limit.ts';
import { sayWhy } from './start-failure.ts';
import { environmentFor, isMessage, readyMessage, stopMessage } from './worker-messages.ts';

/** What {@link WorkerProcesses} need. */
export interface WorkerSettings {
  /** How many there are. */
  readonly count: number;
  /** Most restarts within a minute. */
  readonly maxRestartsPerMinute: number;
  /** After this many milliseconds a worker that was told to stop is killed. */
  readonly killMs: number;
  readonly log: Logger;
}

/** Where a worker stands; whoever replaces it stands there too. */
interface Place {
  readonly index: number;
  worker: Worker | undefined;
  restarts: number;
  /** Whether the worker that stands here serves. */
  isReady: boolean;
  /** Whether any that stood here ever did. */
  wasReady: boolean;
}

/** All workers of a program. Made once, in the primary. */
export class WorkerProcesses {
  readonly #settings: WorkerSettings;
  readonly #places: readonly Place[];
  readonly #limit: RestartLimit;
  readonly #allReady: PromiseWithResolvers<void> = Promise.withResolvers();
  #isStopping = false;
  #exitCode = 0;

  constructor(settings: WorkerSettings) {
    this.#settings = settings;
    this.#limit = new RestartLimit(settings.maxRestartsPerMinute);
    this.#places = Array.from({ length: settings.count }, (_, index) => ({
      index,
      worker: undefined,
      restarts: 0,
      isReady: false,
      wasReady: false,
    }));
  }

  /**
   * Starts the first, and the others when that is ready, so that what keeps a program from starting is said once.
   *
   * @returns Settles when all are ready; never, if the program has to end before.
   */
  start(): Promise<void> {
    this.#fork(this.#places[0]!);
    return this.#allReady.promise;
  }

  /** Tells all to stop, waits until they have, and exits with `exitCode`, or with 1 if one did not end well. Safe to call again. */
  stop(exitCode = 0): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#exitCode = exitCode;
    // A worker that is just ending cannot be told any more; its exit is on its way.
    for (const { worker } of this.#places) worker?.send(stopMessage, () => {});
    setTimeout(() => {
      this.#settings.log.error({ killMs: this.#settings.killMs }, 'Processes did not stop in time; they are killed.');
      this.end(1);
    }, this.#settings.killMs);
    this.#exitWhenAllEnded();
  }

  /** Kills all and exits, at once. */
  end(exitCode: number): void {
    for (const { worker } of this.#places) worker?.process.kill('SIGKILL');
    process.exit(exitCode);
  }

  #fork(place: Place): void {
    const { index, restarts } = place;
    const worker = cluster.fork(environmentFor({ index, count: this.#settings.count, restarts }));
    place.worker = worker;
    place.isReady = false;
    worker.on('message', (message: unknown) => {
      if (isMessage(message, readyMessage)) this.#onReady(place);
    });
    worker.on('exit', (code, signal) => {
      const onEnd = (): void => this.#onEnd(place, code, signal);
      // What it said last, that it was ready for one, may come after its exit.
      if (worker.isConnected()) worker.once('disconnect', onEnd);
      else onEnd();
    });
    worker.on('error', (error) => {
      this.#settings.log.error({ err: error, index }, 'A process cannot be started or spoken to.');
      // One that was never there has no exit.
      if (worker.process.pid === undefined) this.#onEnd(place, null, null);
    });
  }

  #onReady(place: Place): void {
    const isFirst = !place.wasReady;
    place.isReady = true;
    place.wasReady = true;
    if (!isFirst || this.#isStopping) return;
    if (place.index === 0) for (const other of this.#places.slice(1)) this.#fork(other);
    if (this.#places.every(({ wasReady }) => wasReady)) this.#allReady.resolve();
  }

  #onEnd(place: Place, code: number | null, signal: string | null): void {
    const { index, worker, isReady, wasReady } = place;
    place.worker = undefined;
    // Before a worker is ready it may not listen to signals yet: it was called off together with the program, by Ctrl-C above all.
    const isCalledOff = !isReady && (signal === 'SIGINT' || signal === 'SIGTERM');
    if (this.#isStopping) {
      if (code !== 0 && !isCalledOff) this.#exitCode = 1;
      this.#exitWhenAllEnded();
    } else if (wasReady) {
      this.#replace(place, worker?.process.pid, code, signal);
    } else if (isCalledOff) {
      this.stop();
    } else {
      // With 1 it has said why itself.
      if (code !== 1) {
        sayWhy(new GaleError('PROGRAM_START', `Process ${index} ${endOf(code, signal)} before it was ready.`));
      }
      this.stop(1);
    }
  }

  #replace(place: Place, pid: number | undefined, code: number | null, signal: string | null): void {
    const { index } = place;
    const { maxRestartsPerMinute, log } = this.#settings;
    if (!this.#limit.take()) {
      const what = `Process ${index} ${endOf(code, signal)} after ${maxRestartsPerMinute} restarts within a minute`;
      const todo = 'the program ends; see why they crash, or raise maxRestartsPerMinute.';
      sayWhy(new GaleError('PROGRAM_RESTARTS', `${what}; ${todo}`));
      this.stop(1);
      return;
    }
    log.warn({ index, pid, code, signal }, 'A process ended; another takes its place.');
    place.restarts++;
    this.#fork(place);
  }

  #exitWhenAllEnded(): void {
    if (this.#places.every(({ worker }) => worker === undefined)) process.exit(this.#exitCode);
  }
}

function endOf(code: number | null, signal: string | null): string {
  if (signal !== null) return `was ended by ${signal}`;
  return code === null ? 'could not be made' : `ended with code ${code}`;
}
