/**
 * The messages between the thread of the database and the server. Types only.
 */
import type { SQLInputValue } from 'node:sqlite';

/** One statement. */
export interface SqliteQuery {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly SQLInputValue[];
}

/** What the thread receives. */
export type ToSqlite = SqliteQuery | 'close';

/** What the thread was started with. */
export interface SqliteStart {
  readonly path: string;
  /** How long a statement waits for another program that uses the file, in milliseconds. */
  readonly busyMs: number;
}

/** What the thread sends: first whether the file is open, then one message for each statement. */
export type FromSqlite =
  | { readonly state: 'open' }
  | { readonly state: 'failed'; readonly id: number | undefined; readonly message: string; readonly code: number }
  | { readonly state: 'done'; readonly id: number; readonly rows: readonly unknown[]; readonly changes: number };
