/**
 * The server's end of the SQLite broker's thread: gathers the calls of one turn into one message, hands out the answers,
 * and starts the thread again if it dies.
 */
import { Worker } from 'node:worker_threads';
import { GaleError } from '../../errors.ts';
import type { Logger } from '../../run/log.ts';
import { fullJitter } from '../backoff.ts';
import type { SqliteStore } from './sqlite-store.ts';
import type { Call, FromWorker, StoreCall, ToWorker } from './sqlite-worker.ts';

// From source the thread runs the .ts file as it is, from a build the .js beside this one.
const workerUrl = new URL(`./sqlite-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** What a thread needs from the broker. */
export interface SqliteThreadOptions {
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

/** The thread that has the file open. */
export class SqliteThread {
  readonly #options: SqliteThreadOptions;
  /** Undefined while there is none. */
  #worker: Worker | undefined;
  #calls: Call[] = [];
  /** One for each call that has no answer yet, oldest first; those of `#calls` are at the end. */
  #waiting: Waiting[] = [];
  #isClosed = false;
  #closing: Promise<void> | undefined;

  private constructor(options: SqliteThreadOptions) {
    this.#options = options;
  }

  /**
   * Starts a thread and opens the file.
   *
   * @throws {@link GaleError} `ROOM_STORE_IN_USE`, `ROOM_STORE_UNWRITABLE` or `ROOM_STORE_UNREADABLE`.
   */
  static async open(options: SqliteThreadOptions): Promise<SqliteThread> {
    const thread = new SqliteThread(options);
    await thread.#start();
    return thread;
  }

  /**
   * Calls a method of the {@link SqliteStore} there. Resolves after what it wrote is on the disk; answers come in the order of the calls.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE` if the disk or the thread failed.
   */
  call<Name extends StoreCall>(
    name: Name,
    ...args: Parameters<SqliteStore[Name]>
  ): Promise<ReturnType<SqliteStore[Name]>> {
    return new Promise((resolve, reject) => {
      this.assertOpen();
      if (!this.#worker) throw unavailable(this.#options.path, 'its thread died and is being started again');
      if (this.#waiting.length === 0) this.#worker.ref();
      this.#waiting.push({ resolve, reject });
      if (this.#calls.push([name, ...args]) === 1) setImmediate(() => this.#flush());
    });
  }

  /** @throws {@link GaleError} `ROOM_UNAVAILABLE` after {@link close}. */
  assertOpen(): void {
    if (this.#isClosed) throw new GaleError('ROOM_UNAVAILABLE', `The store ${this.#options.path} is closed.`);
  }

  /** Answers what was called and closes the file. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#flush();
    this.#isClosed = true;
    const worker = this.#worker;
    if (!worker) return;
    worker.ref();
    const { promise: exited, resolve } = Promise.withResolvers<void>();
    worker.once('exit', () => resolve());
    this.#worker?.postMessage({ close: true } satisfies ToWorker);
    await exited;
  }

  #flush(): void {
    const calls = this.#calls;
    if (calls.length === 0) return;
    this.#calls = [];
    this.#worker?.postMessage({ now: this.#options.now(), calls } satisfies ToWorker);
  }

  async #start(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // The flags of this process are not for the thread: one may say how the main script is to be read.
    const worker = new Worker(workerUrl, {
      name: 'gale-sqlite',
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
      reject(unavailable(this.#options.path, `its thread ended with code ${code}`, fault));
      if (this.#worker === worker) this.#onExit(code, fault);
    });
    await promise;
  }

  #answer(worker: Worker, { results, faults }: Extract<FromWorker, { state: 'done' }>): void {
    const answered = this.#waiting.splice(0, results.length);
    for (const { index, message } of faults) {
      const { path, log } = this.#options;
      log.error({ path, reason: message }, 'the store of rooms could not do what it was asked');
      answered[index]?.reject(unavailable(path, message));
    }
    for (const [index, { resolve }] of answered.entries()) resolve(results[index] as never);
    // A thread with nothing to do does not keep the process alive; one that is closing has something to do.
    if (this.#waiting.length === 0 && !this.#isClosed) worker.unref();
  }

  #onExit(code: number, fault: unknown): void {
    const { path, log } = this.#options;
    this.#worker = undefined;
    this.#calls = [];
    const error = unavailable(path, `its thread ended with code ${code}`, fault);
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    if (this.#isClosed) return;
    log.error({ path, error }, 'the thread of the store of rooms died; starting it again');
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
}

function unavailable(path: string, reason: string, cause?: unknown): GaleError {
  const message = `The store ${path} failed: ${reason}. Whether it stored is unknown; repeat with the same id.`;
  return new GaleError('ROOM_UNAVAILABLE', message, cause === undefined ? {} : { cause });
}
