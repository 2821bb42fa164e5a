/**
 * The main thread's side of an SQLite thread: batches the calls of one turn into one message, resolves them with the results,
 * and restarts the thread if it ends. The SQLite broker has two: one writes, the other reads.
 */
import { Worker } from 'node:worker_threads';
import { GaleError } from '../errors.ts';
import type { Logger } from '../run/log.ts';
import { fullJitter } from '../run/backoff.ts';
import { RateLimitedWarning } from '../run/rate-limited-warning.ts';
import type { Call, FromWorker, ToWorker } from './sqlite-thread-messages.ts';

/** Options of a thread. */
export interface SqliteThreadOptions {
  /** Name of the thread, as the operating system shows it. */
  readonly name: string;
  /** Program of the thread. */
  readonly program: URL;
  /** Most calls sent to the thread without a result; further calls wait here. Bounds the results in transit. */
  readonly maxAtOnce: number;
  /** Most calls without a result; further calls are refused. */
  readonly maxWaiting: number;
  /** Next step for the caller, as the last sentence of an error. */
  readonly advice: string;
  readonly path: string;
  readonly now: () => number;
  readonly log: Logger;
  /** Called after the thread was restarted: a call may have been stored without a result. */
  readonly onRestart: () => void;
}

/** Gets the result of a call, or its error. */
export interface CallEnd<Result> {
  resolve(result: Result): void;
  reject(error: GaleError): void;
}

/** A thread that has the file open. `Calls` are its methods. */
export class SqliteThread<Calls extends { [Name in keyof Calls]: (...args: never[]) => unknown }> {
  readonly #options: SqliteThreadOptions;
  /** On a full disk all writes fail, and clients repeat them. */
  readonly #failures: RateLimitedWarning;
  /** Undefined while no thread has the file open. */
  #worker: Worker | undefined;
  #calls: Call[] = [];
  /** Calls without a result, oldest first. The calls in `#calls` are the last ones. */
  #waiting: CallEnd<never>[] = [];
  #isClosed = false;
  /** Called when no call waits any more. */
  #onIdle: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: SqliteThreadOptions) {
    this.#options = options;
    this.#failures = new RateLimitedWarning(options.log, 'Calls of the SQLite store failed');
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
   * Calls a method of the thread. Resolves after its writes are on disk; results arrive in the order of the calls.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE` if the disk or the thread fails, or if too many calls wait.
   */
  call<Name extends keyof Calls & string>(
    name: Name,
    ...args: Parameters<Calls[Name]>
  ): Promise<ReturnType<Calls[Name]>> {
    return new Promise((resolve, reject) => this.send({ resolve, reject }, name, ...args));
  }

  /**
   * As {@link call}, with the result for `end`. The results of one commit arrive in one turn of the event loop, one after the other,
   * before the promise of any of them is continued.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE` if the call cannot be sent.
   */
  send<Name extends keyof Calls & string>(
    end: CallEnd<ReturnType<Calls[Name]>>,
    name: Name,
    ...args: Parameters<Calls[Name]>
  ): void {
    this.assertOpen();
    if (!this.#worker) throw this.#unavailable('its thread ended and is restarting');
    const { maxWaiting } = this.#options;
    if (this.#waiting.length >= maxWaiting) throw this.#unavailable(`${maxWaiting} calls are waiting already`);
    if (this.#waiting.length === 0) this.#worker.ref();
    this.#waiting.push(end);
    if (this.#calls.push([name, ...args]) === 1) setImmediate(flush, this);
  }

  /** @throws {@link GaleError} `ROOM_UNAVAILABLE` after {@link close}. */
  assertOpen(): void {
    if (this.#isClosed) throw new GaleError('ROOM_UNAVAILABLE', `The store ${this.#options.path} is closed.`);
  }

  /**
   * Refuses further calls, waits for the results of earlier ones, and closes the file.
   *
   * @param before - The file is closed after this settled.
   */
  close(before?: Promise<void>): Promise<void> {
    this.#closing ??= this.#close(before);
    return this.#closing;
  }

  async #close(before: Promise<void> | undefined): Promise<void> {
    this.#isClosed = true;
    this.flush();
    if (this.#waiting.length > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    await before;
    const worker = this.#worker;
    if (!worker) {
      this.#failures.stop();
      return;
    }
    worker.ref();
    const { promise: exited, resolve } = Promise.withResolvers<void>();
    worker.once('exit', () => resolve());
    this.#worker?.postMessage({ close: true } satisfies ToWorker);
    await exited;
    this.#failures.stop();
  }

  /** Sends the calls of this turn. @internal */
  flush(): void {
    const atOnce = this.#options.maxAtOnce - (this.#waiting.length - this.#calls.length);
    const calls = this.#calls.splice(0, atOnce);
    if (calls.length === 0) return;
    this.#worker?.postMessage({ now: this.#options.now(), calls } satisfies ToWorker);
  }

  async #start(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // The flags of this process must not reach the thread: one may define how the main script is loaded.
    const worker = new Worker(this.#options.program, {
      name: this.#options.name,
      workerData: { path: this.#options.path },
      execArgv: [],
    });
    let fault: unknown;
    worker.on('message', (message: FromWorker) => {
      if (message.state === 'open') {
        if (this.#isClosed) void worker.terminate();
        else this.#worker = worker;
        worker.unref();
        resolve();
      } else if (message.state === 'refused') reject(new GaleError(message.code, message.message));
      else this.#settle(worker, message);
    });
    worker.on('error', (error: unknown) => (fault = error));
    worker.once('exit', (code) => {
      reject(this.#unavailable(`its thread ended with code ${code}`, fault));
      if (this.#worker === worker) this.#onExit(code, fault);
    });
    await promise;
  }

  #settle(worker: Worker, { results, faults }: Extract<FromWorker, { state: 'done' }>): void {
    const settled = this.#waiting.splice(0, results.length);
    const failed = new Map(faults.map(({ index, message }) => [index, message]));
    for (const [index, end] of settled.entries()) {
      const message = failed.get(index);
      if (message === undefined) end.resolve(results[index] as never);
      else this.#refuse(end, message);
    }
    this.flush();
    if (this.#waiting.length > 0) return;
    // An idle thread does not keep the process alive, unless it is closing.
    if (this.#isClosed) this.#onIdle?.();
    else worker.unref();
  }

  #refuse(end: CallEnd<never>, message: string): void {
    const error = this.#unavailable(message);
    this.#failures.note({ path: this.#options.path, err: error });
    end.reject(error);
  }

  #onExit(code: number, fault: unknown): void {
    const { path, log } = this.#options;
    this.#worker = undefined;
    this.#calls = [];
    const error = this.#unavailable(`its thread ended with code ${code}`, fault);
    for (const end of this.#waiting.splice(0)) end.reject(error);
    this.#onIdle?.();
    if (this.#isClosed) return;
    log.error({ path, err: error }, 'A thread of the SQLite store ended; restarting it');
    void this.#restart();
  }

  async #restart(): Promise<void> {
    const { path, log, onRestart } = this.#options;
    for (let attempt = 0; !this.#isClosed; attempt++) {
      await new Promise((resolve) => {
        setTimeout(resolve, fullJitter(attempt, 100, 5000)).unref();
      });
      if (this.#isClosed) return;
      try {
        await this.#start();
        log.info({ path }, 'Restarted a thread of the SQLite store');
        onRestart();
        return;
      } catch (error) {
        log.error({ path, err: error, attempt }, 'Could not restart a thread of the SQLite store; retrying');
      }
    }
  }

  #unavailable(reason: string, cause?: unknown): GaleError {
    const { path, advice } = this.#options;
    const message = `The store ${path} failed: ${reason}. ${advice}`;
    return new GaleError('ROOM_UNAVAILABLE', message, cause === undefined ? {} : { cause });
  }
}

function flush(thread: { flush(): void }): void {
  thread.flush();
}
