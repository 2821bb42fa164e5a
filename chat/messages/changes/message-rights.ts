/**
 * Who may change messages of others. Everybody may change their own, in rooms they are in.
 */
import type { Transaction } from 'kysely';
import type { Tables } from '../../database/tables.ts';
import { ChatError } from '../../errors.ts';

/** Whether a person may delete the messages of all. */
export async function isAdministrator(step: Transaction<Tables>, personId: string): Promise<boolean> {
  const person = await step.selectFrom('person').select('role').where('id', '=', personId).executeTakeFirst();
  return person?.role === 'administrator';
}

/**
 * Owners of the room and administrators pin; in a direct conversation everybody does.
 *
 * @throws {@link ChatError} `CHAT_NOT_ALLOWED`.
 */
export async function assertMayPin(step: Transaction<Tables>, roomId: string, personId: string): Promise<void> {
  const room = await step
    .selectFrom('room')
    .leftJoin('member', (join) => join.onRef('member.roomId', '=', 'room.id').on('member.personId', '=', personId))
    .select(['room.kind', 'member.role'])
    .where('room.id', '=', roomId)
    .executeTakeFirst();
  if (room?.kind === 'direct' || room?.role === 'owner' || (await isAdministrator(step, personId))) return;
  throw new ChatError('CHAT_NOT_ALLOWED', 'Only owners of the room and administrators pin messages.');
}
