/**
 * The server's end of the thread of the database: sends statements, and matches results. The statements of one turn of the event loop are
 * one message, since each message wakes the thread, which costs more than most statements.
 */
import { Worker } from 'node:worker_threads';
import type { SQLInputValue } from 'node:sqlite';
import { databaseUnavailable } from './database-errors.ts';
import type { FromSqlite, SqliteAnswer, SqliteQuery, SqliteResult, SqliteStart, ToSqlite } from './sqlite-messages.ts';

const endProgram = 'end the program that locks';
const restore = 'restore a backup of';

/** Primary result codes of an environment that does not work now, and what to do with the file. @see https://sqlite.org/rescode.html */
const unavailableCodes: ReadonlyMap<number, string> = new Map([
  [3, 'check who may write'], // SQLITE_PERM
  [5, endProgram], // SQLITE_BUSY
  [6, endProgram], // SQLITE_LOCKED
  [7, 'give the server more memory for'], // SQLITE_NOMEM
  [8, 'check who may write'], // SQLITE_READONLY
  [10, 'check the free space and the health of the disk of'], // SQLITE_IOERR
  [11, restore], // SQLITE_CORRUPT
  [13, 'free space on the disk of'], // SQLITE_FULL
  [14, 'check who may open'], // SQLITE_CANTOPEN
  [26, restore], // SQLITE_NOTADB
]);

const begin = 'BEGIN IMMEDIATE';
const transactionWords: ReadonlySet<string> = new Set([begin, 'COMMIT', 'ROLLBACK']);

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

/**
 * A thread that has the file open. If it ends, such as for lack of memory, the next statement starts it again, but not inside a transaction:
 * its first statements are lost, so all others fail until its end.
 */
export class SqliteThread {
  readonly #start: SqliteStart;
  readonly #waiting = new Map<number, PromiseWithResolvers<SqliteResult>>();
  /** Statements of this turn. */
  #unsent: SqliteQuery[] = [];
  #worker: Worker | undefined;
  #opening: Promise<void> | undefined;
  #exited: Promise<void> = Promise.resolve();
  #nextId = 1;
  #isInTransaction = false;
  #isClosed = false;

  private constructor(start: SqliteStart) {
    this.#start = start;
  }

  /** Opens the file. @throws {@link SqliteError} if it cannot be opened. */
  static async open(start: SqliteStart): Promise<SqliteThread> {
    const thread = new SqliteThread(start);
    await thread.#open();
    return thread;
  }

  /** @throws {@link GaleError} `ROOM_UNAVAILABLE` if the file cannot be used now; {@link SqliteError} for a violated constraint or a wrong statement. */
  execute(sql: string, parameters: readonly SQLInputValue[]): Promise<SqliteResult> {
    // Most statements need no promise of their own.
    const isPlain = this.#worker && !this.#isClosed && !transactionWords.has(sql);
    return isPlain ? this.#send(sql, parameters) : this.#executeInSteps(sql, parameters);
  }

  async #executeInSteps(sql: string, parameters: readonly SQLInputValue[]): Promise<SqliteResult> {
    if (this.#isClosed) throw databaseUnavailable('it is closed');
    if (!this.#worker) await this.#openAgain(sql);
    const result = await this.#send(sql, parameters);
    if (transactionWords.has(sql)) this.#isInTransaction = sql === begin;
    return result;
  }

  /** Closes the file after the statements that were sent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#opening?.catch(() => undefined);
    this.#flush();
    this.#worker?.postMessage('close' satisfies ToSqlite);
    await this.#exited;
  }

  async #openAgain(sql: string): Promise<void> {
    const isLost = this.#isInTransaction;
    if (sql === 'ROLLBACK') this.#isInTransaction = false;
    if (isLost) throw databaseUnavailable('its thread ended during the transaction');
    try {
      await (this.#opening ??= this.#open().finally(() => (this.#opening = undefined)));
    } catch (error) {
      throw databaseUnavailable((error as Error).message, error);
    }
  }

  async #open(): Promise<void> {
    const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData: this.#start });
    const first = Promise.withResolvers<FromSqlite>();
    worker.once('message', first.resolve);
    worker.once('error', first.reject);
    const message = await first.promise;
    if (message.state === 'refused') {
      await worker.terminate();
      throw new SqliteError(message.message, message.code);
    }
    worker.on('message', (received: FromSqlite) => this.#receive(received));
    this.#exited = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#worker = undefined;
        this.#unsent = [];
        for (const { reject } of this.#waiting.values()) reject(databaseUnavailable('its thread ended'));
        this.#waiting.clear();
        resolve();
      });
    });
    // The end of the thread says the same to all who wait.
    worker.on('error', () => undefined);
    this.#worker = worker;
  }

  #send(sql: string, parameters: readonly SQLInputValue[]): Promise<SqliteResult> {
    const id = this.#nextId++;
    const waiting = Promise.withResolvers<SqliteResult>();
    this.#waiting.set(id, waiting);
    if (this.#unsent.push({ id, sql, parameters }) === 1) setImmediate(() => this.#flush());
    return waiting.promise;
  }

  #flush(): void {
    if (this.#unsent.length === 0) return;
    this.#worker?.postMessage(this.#unsent satisfies ToSqlite);
    this.#unsent = [];
  }

  #receive(message: FromSqlite): void {
    if (message.state === 'done') for (const answer of message.answers) this.#settle(answer);
  }

  #settle(answer: SqliteAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('values' in answer) return waiting?.resolve(answer);
    const todo = unavailableCodes.get(answer.code & 0xff);
    waiting?.reject(
      todo === undefined
        ? new SqliteError(answer.message, answer.code)
        : databaseUnavailable(`${answer.message}; ${todo} ${this.#start.path}`),
    );
  }
}
