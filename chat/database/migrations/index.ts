/**
 * All migrations, in the order of their names. Never change a released one; add the next number.
 */
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { columnTypes, type ColumnTypes, type DatabaseKind } from '../column-types.ts';
import { createTables } from './0001-tables.ts';
import { createSessions } from './0010-sessions.ts';
import { addDeletedRooms } from './0040-deleted-rooms.ts';
import { addNameSkeletons } from './0060-name-skeletons.ts';
import { addOrderIndexes } from './0070-audit.ts';
import { nameVisitors } from './0080-audit-visitors.ts';
import { addRemovals } from './0090-removals.ts';
import { addSessionsEnded } from './0100-sessions-ended.ts';

/** One step. It runs once for each database, in a transaction. */
type Step = (database: Kysely<unknown>, types: ColumnTypes) => Promise<void>;

const steps: Readonly<Record<string, Step>> = {
  '0001-tables': createTables,
  '0010-sessions': createSessions,
  '0040-deleted-rooms': addDeletedRooms,
  '0060-name-skeletons': addNameSkeletons,
  '0070-audit': addOrderIndexes,
  '0080-audit-visitors': nameVisitors,
  '0090-removals': addRemovals,
  '0100-sessions-ended': addSessionsEnded,
};

/** @returns The migrations for one kind of database, by name. */
export function migrationsFor(kind: DatabaseKind): Record<string, Migration> {
  const types = columnTypes[kind];
  return Object.fromEntries(
    Object.entries(steps).map(([name, step]) => [name, { up: (database: Kysely<unknown>) => step(database, types) }]),
  );
}
