/**
 * People who were removed from a room by somebody else, or from the lobby since they were made guests. An invite that was made before brings
 * them back neither to a private room nor to the lobby; a later one does, and whoever adds them forgets the removal.
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

/** The removal of a person from a room, if it is not older than a time. */
export function removedSince(
  tables: Step,
  { roomId, personId, since }: { readonly roomId: string; readonly personId: string; readonly since: number },
): SelectQueryBuilder<Tables, 'removal', { roomId: string }> {
  return tables
    .selectFrom('removal')
    .select('roomId')
    .where('roomId', '=', roomId)
    .where('personId', '=', personId)
    .where('removedAt', '>=', since);
}

/** Ids of the rooms of an invite to which it does not bring a person back. */
export function closedRooms(
  tables: Step,
  { inviteId, personId }: { readonly inviteId: string; readonly personId: string },
): SelectQueryBuilder<Tables, 'removal' | 'inviteRoom' | 'invite' | 'room', { roomId: string }> {
  return (
    tables
      .selectFrom('removal')
      .innerJoin('inviteRoom', 'inviteRoom.roomId', 'removal.roomId')
      .innerJoin('invite', 'invite.id', 'inviteRoom.inviteId')
      .innerJoin('room', 'room.id', 'removal.roomId')
      .select('removal.roomId')
      .where('invite.id', '=', inviteId)
      .where('removal.personId', '=', personId)
      // People may join public ones anyway.
      .where('room.kind', '<>', 'public')
      .whereRef('removal.removedAt', '>=', 'invite.madeAt')
  );
}
