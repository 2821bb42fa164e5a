/**
 * The thread that has the file of the database open. It executes one statement after the other, so that a slow disk never
 * blocks the server. Transactions are statements too; kysely runs one at a time.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
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

/** Statements by their text. The least recently used one is removed first. */
const statements = new Map<string, StatementSync>();

function prepare(database: DatabaseSync, sql: string): StatementSync {
  const known = statements.get(sql);
  if (known) statements.delete(sql);
  const statement = known ?? database.prepare(sql);
  statements.set(sql, statement);
  const [oldest] = statements.size > maxStatements ? statements.keys() : [];
  if (oldest !== undefined) statements.delete(oldest);
  return statement;
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
    const statement = prepare(database, sql);
    if (statement.columns().length > 0) return { id, rows: statement.all(...parameters), changes: 0 };
    beforeWrite();
    const changes = Number(statement.run(...parameters).changes);
    setLocked(database, false);
    return { id, rows: [], changes };
  } catch (error) {
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === busy) setLocked(database, true);
    return { id, ...problemOf(error) };
  }
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
