/**
 * PostgreSQL for kysely, with the pool of `pg`. Errors of the connection become `ROOM_UNAVAILABLE`.
 */
import {
  PostgresDialect,
  type AbortableOperationOptions,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
} from 'kysely';
import { DatabaseError, Pool, types } from 'pg';
import type { Logger } from 'gale';
import { databaseUnavailable } from './database-errors.ts';

/** Connections to the database of one server. */
const maxConnections = 10;
/** Timeout of a new connection, and of the wait for a free one, in milliseconds. */
const connectMs = 5000;
/** Longest statement, in milliseconds. Those of migrations take as long as they need. */
const statementMs = 10_000;
/** How long a server that does not respond is waited for, in milliseconds. */
const responseMs = 12_000;

/** Object id of the type of bigint columns and counts. */
const int8 = 20;

/**
 * @param forMigrations - Whether statements take as long as they need.
 * @returns The pool; it connects when it is used.
 */
export function openPool(url: string, log: Logger, forMigrations: boolean = false): Pool {
  const pool = new Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: connectMs,
    ...(forMigrations ? {} : { statement_timeout: statementMs, query_timeout: responseMs }),
    keepAlive: true,
    application_name: 'gale-chat',
    types: {
      // All integers of the tables are safe.
      getTypeParser: ((type: number, format?: 'text' | 'binary') =>
        type === int8 ? Number : types.getTypeParser(type, format)) as typeof types.getTypeParser,
    },
  });
  // A connection that is lost while a transaction has it, between two statements, has no other listener: the server would end. The next
  // statement of the transaction fails.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', (error) => log.warn({ err: withoutDetails(error) }, 'A connection to the database was lost'));
  return pool;
}

/** A dialect over a pool, which it closes with the database. */
export class PoolDialect extends PostgresDialect {
  constructor(pool: Pool) {
    super({ pool });
  }

  override createDriver(): Driver {
    return new PoolDriver(super.createDriver());
  }
}

/** Converts the errors of another driver. */
class PoolDriver implements Driver {
  readonly #driver: Driver;
  readonly #connections = new WeakMap<DatabaseConnection, PoolConnection>();

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  init(options?: AbortableOperationOptions): Promise<void> {
    return this.#driver.init(options);
  }

  async acquireConnection(options?: AbortableOperationOptions): Promise<DatabaseConnection> {
    const connection = await converting(() => this.#driver.acquireConnection(options), true);
    const known = this.#connections.get(connection) ?? new PoolConnection(connection);
    this.#connections.set(connection, known);
    return known;
  }

  // The driver knows its own connections only.
  beginTransaction(connection: DatabaseConnection, settings: Parameters<Driver['beginTransaction']>[1]): Promise<void> {
    return converting(() => this.#driver.beginTransaction(innerOf(connection), settings));
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return converting(() => this.#driver.commitTransaction(innerOf(connection)));
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return converting(() => this.#driver.rollbackTransaction(innerOf(connection)));
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    return this.#driver.releaseConnection(innerOf(connection));
  }

  destroy(): Promise<void> {
    return this.#driver.destroy();
  }
}

function innerOf(connection: DatabaseConnection): DatabaseConnection {
  return (connection as PoolConnection).inner;
}

class PoolConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;

  constructor(inner: DatabaseConnection) {
    this.inner = inner;
  }

  executeQuery<Row>(query: CompiledQuery, options?: AbortableOperationOptions): Promise<QueryResult<Row>> {
    return converting(() => this.inner.executeQuery<Row>(withoutNul(query), options));
  }

  streamQuery<Row>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<Row>> {
    return this.inner.streamQuery<Row>(query, chunkSize);
  }
}

/**
 * PostgreSQL has no U+0000 in texts and refuses the statement. Texts that are stored never contain it, so a text with it only looks for
 * something that does not exist, such as an id that a client made up; U+FFFD instead finds nothing either, as in SQLite.
 */
function withoutNul(query: CompiledQuery): CompiledQuery {
  if (!query.parameters.some(hasNul)) return query;
  const parameters = query.parameters.map((value) => (hasNul(value) ? value.replaceAll('\0', '\ufffd') : value));
  return { ...query, parameters };
}

function hasNul(value: unknown): value is string {
  return typeof value === 'string' && value.includes('\0');
}

/**
 * Classes of SQLSTATE that mean: not now. 08 connection, 25006 read only, 40 a conflict of transactions, 53 resources (a full disk
 * included), 55P03 lock, 57 shutdown and timeout, 58 the system.
 */
const unavailable = /^(?:08|25006|40|53|55P03|57|58)/u;

/** @param always - Whether every error means: not now. So it is while a connection is opened. */
async function converting<Result>(run: () => Promise<Result>, always: boolean = false): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    const { code } = error as { code?: unknown };
    // Errors of the server have a code of five characters; all others are errors of the connection.
    const isOfServer = error instanceof DatabaseError && typeof code === 'string';
    if (!always && isOfServer && !unavailable.test(code)) throw error;
    throw databaseUnavailable(withoutDetails(error).message);
  }
}

/** The error without fields that may contain data or the password. */
function withoutDetails(error: unknown): Error {
  const { message, code } = error as { message?: string; code?: string };
  return new Error(message === undefined || message === '' ? (code ?? 'no response') : message);
}
