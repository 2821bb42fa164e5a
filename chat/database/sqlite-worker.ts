/**
 * The thread that has the file of the database open. It executes one statement after the other, so that a slow disk never
 * blocks the server. Transactions are statements too; kysely runs one at a time.
 */
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromSqlite, SqliteAnswer, SqliteQuery, SqliteStart, ToSqlite } from './sqlite-messages.ts';

/** Most prepared statements that are kept. */
const maxStatements = 300;

function send(message: FromSqlite): void {
  parentPort?.postMessage(message);
}

function problemOf(error: unknown): { readonly message: string; readonly code: number } {
  const { message, errcode: code = 0 } = error as { message: string; errcode?: number };
  return { message, code };
}

interface Prepared {
  readonly statement: StatementSync;
  /** Names of the columns; empty for a statement without rows. */
  readonly columns: readonly string[];
  /** Whether it changes the tables; the columns of other statements may be different after it. */
  readonly changesTables: boolean;
}

/** Statements by their text. The least recently used one is removed first. */
const statements = new Map<string, Prepared>();

function prepare(database: DatabaseSync, sql: string): Prepared {
  const known = statements.get(sql);
  if (known) statements.delete(sql);
  const prepared = known ?? prepareNew(database, sql);
  statements.set(sql, prepared);
  const [oldest] = statements.size > maxStatements ? statements.keys() : [];
  if (oldest !== undefined) statements.delete(oldest);
  return prepared;
}

function prepareNew(database: DatabaseSync, sql: string): Prepared {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  const columns = statement.columns().map(({ name }) => name);
  return { statement, columns, changesTables: /^\s*(?:create|alter|drop)\b/i.test(sql) };
}

/** SQLITE_BUSY: another program holds the lock. */
const busy = 5;
/** Whether the last write found a lock. While it lasts, only the first write waits for it, so that reads are not delayed. */
let isLocked = false;

function setLocked(database: DatabaseSync, locked: boolean): void {
  if (isLocked === locked) return;
  isLocked = locked;
  const { busyMs } = workerData as SqliteStart;
  database.exec(`PRAGMA busy_timeout = ${locked ? 0 : busyMs}`);
}

/** Answers statements together. A write can wait for a lock, so the answers before it are sent first. */
function executeAll(database: DatabaseSync, queries: readonly SqliteQuery[]): void {
  let answers: SqliteAnswer[] = [];
  const flush = (): void => {
    if (answers.length > 0) send({ state: 'done', answers });
    answers = [];
  };
  for (const query of queries) {
    const answer = execute(database, query, flush);
    answers.push(answer);
  }
  flush();
}

function execute(database: DatabaseSync, { id, sql, parameters }: SqliteQuery, beforeWrite: () => void): SqliteAnswer {
  try {
    const { statement, columns, changesTables } = prepare(database, sql);
    if (changesTables) statements.clear();
    if (columns.length > 0) return { id, columns, values: valuesOf(statement.all(...parameters)), changes: 0 };
    beforeWrite();
    const changes = Number(statement.run(...parameters).changes);
    setLocked(database, false);
    return { id, columns, values: [], changes };
  } catch (error) {
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === busy) setLocked(database, true);
    return { id, ...problemOf(error) };
  }
}

/** @param rows - Arrays, which the type of Node.js does not know. */
function valuesOf(rows: unknown): SQLOutputValue[] {
  return (rows as SQLOutputValue[][]).flat();
}

function open({ path, busyMs }: SqliteStart): DatabaseSync | undefined {
  try {
    const database = new DatabaseSync(path, { timeout: busyMs, enableForeignKeyConstraints: true });
    // A deleted text is overwritten in the file too.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;');
    // Detects a file that can be read only.
    database.exec('BEGIN IMMEDIATE; COMMIT;');
    send({ state: 'open' });
    return database;
  } catch (error) {
    send({ state: 'refused', ...problemOf(error) });
    return undefined;
  }
}

const database = open(workerData as SqliteStart);
if (database) {
  parentPort?.on('message', (message: ToSqlite) => {
    if (message !== 'close') return executeAll(database, message);
    database.close();
    parentPort?.close();
  });
}
