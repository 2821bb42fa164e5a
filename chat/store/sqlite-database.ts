/**
 * The connection to chat.sqlite. Errors of the environment (a full disk, a read-only file, a failing disk) become
 * `ROOM_UNAVAILABLE`, which means "try again", as with Redis. Violated constraints keep their own errors.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { GaleError } from 'gale';

/** Primary result codes. @see https://sqlite.org/rescode.html */
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

/** A statement that returns rows. */
export interface RowStatement<Row> {
  /** The first row; undefined if there is none. */
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
}

/** A database whose methods, and those of its statements, throw {@link GaleError} `ROOM_UNAVAILABLE` while the file cannot be used. */
export class SqliteDatabase extends DatabaseSync {
  override exec(sql: string): void {
    storing(() => super.exec(sql));
  }

  override prepare(sql: string): StatementSync {
    const statement = storing(() => super.prepare(sql));
    for (const name of ['run', 'get', 'all'] as const) {
      const call = statement[name].bind(statement) as (...values: never[]) => never;
      statement[name] = (...values: never[]) => storing(() => call(...values));
    }
    return statement;
  }

  /**
   * Prepares a statement that returns rows. `Row` has the names and types of its columns. TypeScript cannot read SQL, so this is
   * the only place where the type of a row is asserted.
   */
  prepareRows<Row>(sql: string): RowStatement<Row> {
    return this.prepare(sql) as unknown as RowStatement<Row>;
  }

  /**
   * Runs `work` in one transaction. `work` must be synchronous: the connection is shared, and other work that ran
   * meanwhile would become part of this transaction.
   */
  transaction<Result>(work: () => Result): Result {
    this.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.exec('COMMIT');
      return result;
    } catch (error) {
      // Some errors make SQLite roll back by itself.
      if (this.isTransaction) this.exec('ROLLBACK');
      throw error;
    }
  }
}

function storing<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    const { errcode, message } = error as { errcode?: number; message: string };
    if (errcode === undefined || !unavailableCodes.has(errcode & 0xff)) throw error;
    throw new GaleError('ROOM_UNAVAILABLE', `The database of the chat cannot be used: ${message}`, { cause: error });
  }
}
