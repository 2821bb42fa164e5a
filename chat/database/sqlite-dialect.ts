/**
 * SQLite for kysely, on `node:sqlite` in a thread. kysely sends one transaction or statement after the other, since there is one connection.
 */
import type { SQLInputValue } from 'node:sqlite';
import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
} from 'kysely';
import type { SqliteThread } from './sqlite-thread.ts';

/** A dialect over an open thread, which it closes with the database. */
export class SqliteThreadDialect implements Dialect {
  readonly #thread: SqliteThread;

  constructor(thread: SqliteThread) {
    this.#thread = thread;
  }

  createDriver(): Driver {
    return new ThreadDriver(this.#thread);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new ThreadAdapter();
  }

  createIntrospector(database: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(database);
  }
}

/** SQLite creates tables in transactions, so a migration that fails leaves nothing. */
class ThreadAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class ThreadDriver implements Driver {
  readonly #thread: SqliteThread;
  readonly #connection: ThreadConnection;

  constructor(thread: SqliteThread) {
    this.#thread = thread;
    this.#connection = new ThreadConnection(thread);
  }

  async init(): Promise<void> {
    // The thread has opened the file.
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }

  async beginTransaction(): Promise<void> {
    // A transaction that reads first and writes later could not get the write lock if a backup held it.
    await this.#thread.execute('BEGIN IMMEDIATE', []);
  }

  async commitTransaction(): Promise<void> {
    await this.#thread.execute('COMMIT', []);
  }

  async rollbackTransaction(): Promise<void> {
    // Some errors make SQLite roll back by itself; then this statement fails, and there is nothing left to do.
    await this.#thread.execute('ROLLBACK', []).catch(() => undefined);
  }

  async releaseConnection(): Promise<void> {
    // There is one connection.
  }

  destroy(): Promise<void> {
    return this.#thread.close();
  }
}

class ThreadConnection implements DatabaseConnection {
  readonly #thread: SqliteThread;

  constructor(thread: SqliteThread) {
    this.#thread = thread;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { rows, changes } = await this.#thread.execute(sql, parameters as readonly SQLInputValue[]);
    // TypeScript cannot read SQL: kysely derives the type of the rows from the query.
    return { rows: rows as Row[], numAffectedRows: BigInt(changes) };
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('The thread returns all rows of a statement at once; read pages instead.');
  }
}
