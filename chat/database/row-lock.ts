/**
 * Locks of rows until the end of a transaction. SQLite has one transaction at a time and needs none.
 */
import type { SelectQueryBuilder } from 'kysely';
import type { DatabaseKind } from './column-types.ts';

/** Adds a lock of the rows that a query reads: other transactions that change or lock them wait. */
export function locking<Tables, Table extends keyof Tables, Row>(
  kind: DatabaseKind,
  query: SelectQueryBuilder<Tables, Table, Row>,
): SelectQueryBuilder<Tables, Table, Row> {
  return kind === 'postgres' ? query.forUpdate() : query;
}
