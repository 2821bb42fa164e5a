/**
 * The server's end of the thread of the database: sends statements, and matches results.
 */
import { Worker } from 'node:worker_threads';
import type { SQLInputValue } from 'node:sqlite';
import { databaseUnavailable } from './database-errors.ts';
import type { FromSqlite, SqliteStart, ToSqlite } from './sqlite-messages.ts';

/** Primary result codes of an environment that does not work now. @see https://sqlite.org/rescode.html */
const unavailableCodes: ReadonlySet<number> = new Set([
  3, // SQLITE_PERM
  5, // SQLITE_BUSY
  6, // SQLITE_LOCKED
  7, // SQLITE_NOMEM
  8, // SQLITE_READONLY
  10, // SQLITE_IOERR
  11, // SQLITE_CORRUPT
  13, // SQLITE_FULL
  14, // SQLITE_CANTOPEN
  26, // SQLITE_NOTADB
]);

/** An error of SQLite, with its result code. */
export class SqliteError extends Error {
  override readonly name = 'SqliteError';
  /** Extended result code. @see https://sqlite.org/rescode.html */
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

/** The result of a statement. */
export interface SqliteResult {
  readonly rows: readonly unknown[];
  readonly changes: number;
}

export class SqliteThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<SqliteResult>>();
  readonly #exited: Promise<void>;
  #nextId = 1;
  #isGone = false;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (message: FromSqlite) => this.#receive(message));
    this.#exited = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#isGone = true;
        for (const { reject } of this.#waiting.values()) reject(databaseUnavailable('its thread ended'));
        this.#waiting.clear();
        resolve();
      });
    });
    // The end of the thread says the same to all who wait.
    worker.on('error', () => undefined);
  }

  /** Opens the file. @throws {@link SqliteError} if it cannot be opened. */
  static async open(start: SqliteStart): Promise<SqliteThread> {
    const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData: start });
    const first = Promise.withResolvers<FromSqlite>();
    worker.once('message', first.resolve);
    worker.once('error', first.reject);
    const message = await first.promise;
    if (message.state === 'failed') {
      await worker.terminate();
      throw new SqliteError(message.message, message.code);
    }
    return new SqliteThread(worker);
  }

  /** @throws {@link GaleError} `ROOM_UNAVAILABLE` if the file cannot be used now; {@link SqliteError} for a violated constraint or a wrong statement. */
  execute(sql: string, parameters: readonly SQLInputValue[]): Promise<SqliteResult> {
    if (this.#isGone) return Promise.reject(databaseUnavailable('it is closed'));
    const id = this.#nextId++;
    const waiting = Promise.withResolvers<SqliteResult>();
    this.#waiting.set(id, waiting);
    this.#worker.postMessage({ id, sql, parameters } satisfies ToSqlite);
    return waiting.promise;
  }

  /** Closes the file after the statements that were sent. */
  async close(): Promise<void> {
    if (!this.#isGone) this.#worker.postMessage('close' satisfies ToSqlite);
    await this.#exited;
  }

  #receive(message: FromSqlite): void {
    if (message.state === 'open' || message.id === undefined) return;
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.state === 'done') return waiting?.resolve(message);
    const error = new SqliteError(message.message, message.code);
    const isUnavailable = unavailableCodes.has(message.code & 0xff);
    waiting?.reject(isUnavailable ? databaseUnavailable(message.message, error) : error);
  }
}
