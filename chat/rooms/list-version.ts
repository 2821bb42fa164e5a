/**
 * The version of the list of rooms: a count of its changes, in one row of the table `setting`, so that caches on all servers notice each.
 * Every transaction that adds, removes, hides or renames a room that the list shows must count it.
 */
import { sql, type SelectQueryBuilder } from 'kysely';
import type { DatabaseKind } from '../database/column-types.ts';
import type { Step } from '../database/database.ts';
import { locking } from '../database/row-lock.ts';
import type { Tables } from '../database/tables.ts';

const name = 'room-changes';

/** A text that changes with each change of the list. */
export async function readListVersion(step: Step): Promise<string> {
  return (await query(step).executeTakeFirst())?.value ?? '0';
}

/** Counts a change of the list, in the transaction of the change. */
export async function countListChange(step: Step): Promise<void> {
  await step
    .updateTable('setting')
    .set({ value: sql<string>`CAST(CAST(value AS bigint) + 1 AS text)` })
    .where('name', '=', name)
    .execute();
}

/** Makes other transactions that lock or change the list wait until the end of this one. */
export async function lockList(step: Step, kind: DatabaseKind): Promise<void> {
  await locking(kind, query(step)).execute();
}

function query(step: Step): SelectQueryBuilder<Tables, 'setting', { value: string }> {
  return step.selectFrom('setting').select('value').where('name', '=', name);
}
