/**
 * People who were removed from a room by somebody else. An invite that was made before does not bring them back to a private room; a later
 * one does, and whoever adds them forgets the removal.
 */
import type { Selectable, SelectQueryBuilder } from 'kysely';
import type { Step } from '../database/database.ts';
import type { RemovalTable, Tables } from '../database/tables.ts';

/** Notes a removal, in its transaction. */
export async function noteRemoval(step: Step, removal: Selectable<RemovalTable>): Promise<void> {
  const { removedAt } = removal;
  await step
    .insertInto('removal')
    .values(removal)
    .onConflict((conflict) => conflict.columns(['personId', 'roomId']).doUpdateSet({ removedAt }))
    .execute();
}

/** Forgets the removals of people who were added again. */
export async function forgetRemovals(step: Step, roomId: string, people: readonly string[]): Promise<void> {
  await step.deleteFrom('removal').where('roomId', '=', roomId).where('personId', 'in', people).execute();
}

/** Ids of the private rooms of an invite to which it does not bring a person back. */
export function closedRooms(
  tables: Step,
  { inviteId, personId }: { readonly inviteId: string; readonly personId: string },
): SelectQueryBuilder<Tables, 'removal' | 'inviteRoom' | 'invite' | 'room', { roomId: string }> {
  return tables
    .selectFrom('removal')
    .innerJoin('inviteRoom', 'inviteRoom.roomId', 'removal.roomId')
    .innerJoin('invite', 'invite.id', 'inviteRoom.inviteId')
    .innerJoin('room', 'room.id', 'removal.roomId')
    .select('removal.roomId')
    .where('invite.id', '=', inviteId)
    .where('removal.personId', '=', personId)
    .where('room.kind', '=', 'private')
    .whereRef('removal.removedAt', '>=', 'invite.madeAt');
}
