/**
 * SQLite for kysely, on `node:sqlite` in a thread with one connection. Statements are sent without waiting for those before; while a transaction
 * is open, all others wait.
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
import type { SqliteResult } from './sqlite-messages.ts';
import type { SqliteThread } from './sqlite-thread.ts';

/** A dialect over an open thread, which it closes with the database. */
export class SqliteThreadDialect implements Dialect {
  readonly #driver: ThreadDriver;

  constructor(thread: SqliteThread) {
    this.#driver = new ThreadDriver(thread);
  }

  /** Executes a statement outside of transactions; it waits for the end of one that is open. */
  execute(sql: string, parameters: readonly SQLInputValue[]): Promise<SqliteResult> {
    return this.#driver.execute(undefined, sql, parameters);
  }

  createDriver(): Driver {
    return this.#driver;
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

  /** kysely would send one statement after the other. The driver lets only transactions be alone. */
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class ThreadDriver implements Driver {
  readonly #thread: SqliteThread;
  /** The one whose transaction is open. */
  #owner: ThreadConnection | undefined;
  #released: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(thread: SqliteThread) {
    this.#thread = thread;
  }

  async init(): Promise<void> {
    // The thread has opened the file.
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return new ThreadConnection((connection, { sql, parameters }) =>
      this.execute(connection, sql, parameters as readonly SQLInputValue[]),
    );
  }

  /** @param connection - Undefined for a statement without one, which belongs to no transaction. */
  execute(
    connection: ThreadConnection | undefined,
    sql: string,
    parameters: readonly SQLInputValue[],
  ): Promise<SqliteResult> {
    const isFree = this.#owner === undefined || this.#owner === connection;
    return isFree ? this.#thread.execute(sql, parameters) : this.#executeLater(connection, sql, parameters);
  }

  async #executeLater(
    connection: ThreadConnection | undefined,
    sql: string,
    parameters: readonly SQLInputValue[],
  ): Promise<SqliteResult> {
    while (this.#owner !== undefined && this.#owner !== connection) await this.#released.promise;
    return this.#thread.execute(sql, parameters);
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    while (this.#owner !== undefined) await this.#released.promise;
    this.#owner = connection as ThreadConnection;
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

  /** kysely calls it after the end of a transaction too, also one that failed. */
  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    if (this.#owner !== connection) return;
    this.#owner = undefined;
    const released = this.#released;
    this.#released = Promise.withResolvers();
    released.resolve();
  }

  destroy(): Promise<void> {
    return this.#thread.close();
  }
}

type Run = (connection: ThreadConnection, query: CompiledQuery) => Promise<SqliteResult>;

/** What kysely sends statements over, for one transaction or one statement. All use the same connection of SQLite. */
class ThreadConnection implements DatabaseConnection {
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const result = await this.#run(this, query);
    return { rows: toRows<Row>(result), numAffectedRows: BigInt(result.changes) };
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('The thread returns all rows of a statement at once; read pages instead.');
  }
}

/** TypeScript cannot read SQL: kysely derives the type of the rows from the query. */
function toRows<Row>({ columns, values }: SqliteResult): Row[] {
  const rows: Row[] = [];
  for (let at = 0; at < values.length; at += columns.length) {
    const row: Record<string, unknown> = {};
    for (let column = 0; column < columns.length; column += 1) row[columns[column]!] = values[at + column];
    rows.push(row as Row);
  }
  return rows;
}
