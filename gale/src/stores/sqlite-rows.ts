/**
 * Statements of SQLite whose rows have a type. TypeScript cannot read SQL, so `prepareRows` is the only place where the type of a
 * row is asserted, beside the columns that the statement selects.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

/** A statement that returns rows. */
export interface RowStatement<Row> extends Pick<StatementSync, 'setReturnArrays'> {
  /** The first row; undefined if there is none. */
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
  /** Reads one row at a time. */
  iterate(...values: SQLInputValue[]): Iterable<Row>;
}

/** Prepares a statement. `Row` has the names and types of its columns. */
export function prepareRows<Row>(database: DatabaseSync, sql: string): RowStatement<Row> {
  return database.prepare(sql) as unknown as RowStatement<Row>;
}
