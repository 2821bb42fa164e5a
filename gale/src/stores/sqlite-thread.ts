/**
 * The server's end of a thread of the SQLite broker: gathers the calls of one turn into one message, hands out the answers,
 * and starts the thread again if it dies. There are two: one writes, the other reads.
 */
import { Worker } from 'node:worker_threads';
import { GaleError } from '../errors.ts';
import type { Logger } from '../run/log.ts';
import { fullJitter } from '../run/backoff.ts';
import type { Call, FromWorker, ToWorker } from './sqlite-thread-messages.ts';

/** What a thread needs from the broker. */
export interface SqliteThreadOptions {
  /** The name of the thread, which the operating system shows. */
  readonly name: string;
  /** The file that the thread runs. */
  readonly program: URL;
  /** Calls that the thread is given at once; further ones wait here. Bounds the answers that are on their way. */
  readonly mostAtOnce: number;
  /** Calls that may wait for an answer; further ones are refused. */
  readonly mostWaiting: number;
  /** What an error says that the caller should do. */
  readonly advice: string;
  readonly path: string;
  readonly now: () => number;
  readonly log: Logger;
  /** The thread had died and is back: something may have been stored without anybody being told. */
  readonly onReturn: () => void;
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: GaleError) => void;
}

/** A thread that has the file open, and the methods it has. */
export class SqliteThread<Calls extends { [Name in keyof Calls]: (...args: never[]) => unknown }> {
  readonly #options: SqliteThreadOptions;
  /** Undefined while there is none. */
  #worker: Worker | undefined;
  #calls: Call[] = [];
  /** One for each call that has no answer yet, oldest first; those of `#calls` are at the end. */
  #waiting: Waiting[] = [];
  #isClosed = false;
  /** Called when nothing waits any more. */
  #onIdle: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: SqliteThreadOptions) {
    this.#options = options;
  }

  /**
   * Starts a thread and opens the file.
   *
   * @throws {@link GaleError} `ROOM_STORE_IN_USE`, `ROOM_STORE_UNWRITABLE` or `ROOM_STORE_UNREADABLE`.
   */
  static async open<Calls extends { [Name in keyof Calls]: (...args: never[]) => unknown }>(
    options: SqliteThreadOptions,
  ): Promise<SqliteThread<Calls>> {
    const thread = new SqliteThread<Calls>(options);
    await thread.#start();
    return thread;
  }

  /**
   * Calls a method there. Resolves after what it wrote is on the disk; answers come in the order of the calls.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE` if the disk or the thread failed, or too many calls wait.
   */
  call<Name extends keyof Calls & string>(
    name: Name,
    ...args: Parameters<Calls[Name]>
  ): Promise<ReturnType<Calls[Name]>> {
    return new Promise((resolve, reject) => {
      this.assertOpen();
      if (!this.#worker) throw this.#unavailable('its thread died and is being started again');
      const { mostWaiting } = this.#options;
      if (this.#waiting.length >= mostWaiting) throw this.#unavailable(`${mostWaiting} calls wait for it already`);
      if (this.#waiting.length === 0) this.#worker.ref();
      this.#waiting.push({ resolve, reject });
      if (this.#calls.push([name, ...args]) === 1) setImmediate(() => this.#flush());
    });
  }

  /** @throws {@link GaleError} `ROOM_UNAVAILABLE` after {@link close}. */
  assertOpen(): void {
    if (this.#isClosed) throw new GaleError('ROOM_UNAVAILABLE', `The store ${this.#options.path} is closed.`);
  }

  /**
   * Takes no more calls, answers those that were made, and closes the file.
   *
   * @param before - Is waited for before the file is closed.
   */
  close(before?: Promise<void>): Promise<void> {
    this.#closing ??= this.#close(before);
    return this.#closing;
  }

  async #close(before: Promise<void> | undefined): Promise<void> {
    this.#isClosed = true;
    this.#flush();
    if (this.#waiting.length > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    await before;
    const worker = this.#worker;
    if (!worker) return;
    worker.ref();
    const { promise: exited, resolve } = Promise.withResolvers<void>();
    worker.once('exit', () => resolve());
    this.#worker?.postMessage({ close: true } satisfies ToWorker);
    await exited;
  }

  #flush(): void {
    const atOnce = this.#options.mostAtOnce - (this.#waiting.length - this.#calls.length);
    const calls = this.#calls.splice(0, atOnce);
    if (calls.length === 0) return;
    this.#worker?.postMessage({ now: this.#options.now(), calls } satisfies ToWorker);
  }

  async #start(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // The flags of this process are not for the thread: one may say how the main script is to be read.
    const worker = new Worker(this.#options.program, {
      name: this.#options.name,
      workerData: { path: this.#options.path },
      execArgv: [],
    });
    let fault: unknown;
    worker.on('message', (word: FromWorker) => {
      if (word.state === 'open') {
        if (this.#isClosed) void worker.terminate();
        else this.#worker = worker;
        worker.unref();
        resolve();
      } else if (word.state === 'refused') reject(new GaleError(word.code, word.message));
      else this.#answer(worker, word);
    });
    worker.on('error', (error: unknown) => (fault = error));
    worker.once('exit', (code) => {
      reject(this.#unavailable(`its thread ended with code ${code}`, fault));
      if (this.#worker === worker) this.#onExit(code, fault);
    });
    await promise;
  }

  #answer(worker: Worker, { results, faults }: Extract<FromWorker, { state: 'done' }>): void {
    const answered = this.#waiting.splice(0, results.length);
    for (const { index, message } of faults) {
      const { path, log } = this.#options;
      log.error({ path, reason: message }, 'the store of rooms could not do what it was asked');
      answered[index]?.reject(this.#unavailable(message));
    }
    for (const [index, { resolve }] of answered.entries()) resolve(results[index] as never);
    this.#flush();
    if (this.#waiting.length > 0) return;
    // A thread with nothing to do does not keep the process alive; one that is closing has something to do.
    if (this.#isClosed) this.#onIdle?.();
    else worker.unref();
  }

  #onExit(code: number, fault: unknown): void {
    const { path, log } = this.#options;
    this.#worker = undefined;
    this.#calls = [];
    const error = this.#unavailable(`its thread ended with code ${code}`, fault);
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    this.#onIdle?.();
    if (this.#isClosed) return;
    log.error({ path, error }, 'a thread of the store of rooms died; starting it again');
    void this.#startAgain();
  }

  async #startAgain(): Promise<void> {
    const { path, log, onReturn } = this.#options;
    for (let attempt = 0; !this.#isClosed; attempt++) {
      await new Promise((resolve) => {
        setTimeout(resolve, fullJitter(attempt, 100, 5000)).unref();
      });
      if (this.#isClosed) return;
      try {
        await this.#start();
        log.info({ path }, 'the store of rooms is open again');
        onReturn();
        return;
      } catch (error) {
        log.error({ path, error, attempt }, 'the store of rooms cannot be opened again yet');
      }
    }
  }

  #unavailable(reason: string, cause?: unknown): GaleError {
    const { path, advice } = this.#options;
    const message = `The store ${path} failed: ${reason}. ${advice}`;
    return new GaleError('ROOM_UNAVAILABLE', message, cause === undefined ? {} : { cause });
  }
}
