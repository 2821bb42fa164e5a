/**
 * The lock of the list of rooms: one row of the table `setting`. Transactions that check the number of rooms before they add one take it.
 */
import type { DatabaseKind } from '../database/column-types.ts';
import type { Step } from '../database/database.ts';
import { locking } from '../database/row-lock.ts';

const name = 'room-changes';

/** Makes other transactions that lock the list wait until the end of this one. */
export async function lockList(step: Step, kind: DatabaseKind): Promise<void> {
  await locking(kind, step.selectFrom('setting').select('value').where('name', '=', name)).execute();
}
