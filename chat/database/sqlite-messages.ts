/**
 * The messages between the thread of the database and the server. Types only.
 */
import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';

/** One statement. */
export interface SqliteQuery {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly SQLInputValue[];
}

/** What the thread receives: the statements of one turn of the event loop, or the end. */
export type ToSqlite = readonly SqliteQuery[] | 'close';

/** The result of a statement. A list of values is copied between threads in a third of the time of a list of objects. */
export interface SqliteResult {
  /** Names of the columns; empty for a statement without rows. */
  readonly columns: readonly string[];
  /** The values of all rows, one row after the other. */
  readonly values: readonly SQLOutputValue[];
  /** Number of changed rows. */
  readonly changes: number;
}

/** What the thread was started with. */
export interface SqliteStart {
  readonly path: string;
  /** How long a statement waits for another program that uses the file, in milliseconds. */
  readonly busyMs: number;
}

/** The result of one statement, or why it failed. */
export type SqliteAnswer =
  | ({ readonly id: number } & SqliteResult)
  | { readonly id: number; readonly message: string; readonly code: number };

/** What the thread sends: first whether the file is open, then the answers to statements, in their order. */
export type FromSqlite =
  | { readonly state: 'open' }
  | { readonly state: 'refused'; readonly message: string; readonly code: number }
  | { readonly state: 'done'; readonly answers: readonly SqliteAnswer[] };
