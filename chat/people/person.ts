/**
 * A new row of `person`. All ways to become one use it: sign-up, setup, an invite, the command line.
 */
import type { Step } from '../database/database.ts';
import type { Role } from '../database/tables.ts';
import { personNameForms } from '../names/name-forms.ts';
import { forgetRemovals, noteRemoval, removedSince } from '../rooms/removals.ts';
import { lobbyId } from '../wire.ts';

/** A person who is not stored yet. */
export interface NewPerson {
  /** Random. */
  readonly id: string;
  readonly name: string;
  /** Form of the name for comparison; unique. */
  readonly nameKey: string;
  /** PHC string of the password's hash. */
  readonly passwordHash: string;
  /** In milliseconds since 1970. */
  readonly createdAt: number;
  readonly role: Role;
}

/**
 * Stores a person, who is a member of the room of everybody from the first moment. Guests are only where they were invited.
 *
 * @param step - A transaction.
 * @returns Whether the person was added; false if the name is taken.
 */
export async function addPerson(step: Step, person: NewPerson): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await step
    .insertInto('person')
    .values({ ...personNameForms(person.name), ...person })
    .onConflict((conflict) => conflict.column('nameKey').doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 1n) return false;
  if (person.role !== 'guest') await addToLobby(step, person);
  return true;
}

/**
 * Adds a person to the room of everybody, or removes them from it, after a change of their role from or to that of a guest.
 *
 * @param step - The transaction of the change.
 */
export async function followRole(step: Step, id: string, role: Role, at: number): Promise<void> {
  if (role !== 'guest') {
    await forgetRemovals(step, lobbyId, [id]);
    return addToLobby(step, { id, createdAt: at });
  }
  await noteRemoval(step, { roomId: lobbyId, personId: id, removedAt: at });
  await step.deleteFrom('member').where('roomId', '=', lobbyId).where('personId', '=', id).execute();
}

/**
 * Makes a guest a member, who is in the lobby.
 *
 * @param invitedAt - When the invite was made: whoever was made a guest since stays one.
 * @returns Whether the person is a member by this call.
 */
export async function makeMember(
  step: Step,
  id: string,
  { invitedAt, at }: { readonly invitedAt: number; readonly at: number },
): Promise<boolean> {
  const { numUpdatedRows } = await step
    .updateTable('person')
    .set({ role: 'member' })
    .where('id', '=', id)
    .where('role', '=', 'guest')
    .where('deletedAt', 'is', null)
    .where(({ not, exists }) => not(exists(removedSince(step, { roomId: lobbyId, personId: id, since: invitedAt }))))
    .executeTakeFirst();
  if (numUpdatedRows === 1n) await followRole(step, id, 'member', at);
  return numUpdatedRows === 1n;
}

async function addToLobby(step: Step, { id, createdAt }: Pick<NewPerson, 'id' | 'createdAt'>): Promise<void> {
  const room = await step.selectFrom('room').select('topSeq').where('id', '=', lobbyId).executeTakeFirstOrThrow();
  await step
    .insertInto('member')
    // Earlier messages are not unread.
    .values({ roomId: lobbyId, personId: id, joinedAt: createdAt, readSeq: room.topSeq })
    // A guest may be in it by an invite.
    .onConflict((conflict) => conflict.columns(['personId', 'roomId']).doNothing())
    .execute();
}
