/**
 * Deactivates an account, and reverses that. One transaction prevents every way back: it ends the sessions, removes links to sign in,
 * also those that the person made for others, and revokes the invites that they made. Then the windows close: on this server at once, on others by a notification, or by the check of
 * accounts/inactive-people.ts if that gets lost.
 */
import { noteSessionsEnded } from '../accounts/sessions-ended.ts';
import { writeAudit } from '../audit/audit-entry.ts';
import type { Chat } from '../chat.ts';
import type { Step } from '../database/database.ts';
import type { ChatNotification } from '../messages/chat-notification.ts';
import { deactivated } from '../wire.ts';
import { removeLinksMadeBy, revokeInvitesOf } from './links-made.ts';
import type { PeopleStore, RemoveResult } from './people-store.ts';

/** Who does it, and when. */
export interface Deed {
  /** Id of the administrator; null for the command line. */
  readonly actorId: string | null;
  /** In milliseconds since 1970. */
  readonly at: number;
}

/** Changes the database only. The servers of the chat notice it within two seconds. */
export function markDeactivated(people: PeopleStore, id: string, { actorId, at }: Deed): Promise<RemoveResult> {
  return people.setDeactivated(id, at, async (step) => {
    await noteSessionsEnded(step, id, at);
    const details = { sessions: await endSessionsOf(step, id), invites: await revokeInvitesOf(step, id, at) };
    await step.deleteFrom('signInLink').where('personId', '=', id).execute();
    await removeLinksMadeBy(step, id);
    await writeAudit(step, { actorId, action: 'person.deactivate', target: id, details }, at);
  });
}

/** Allows a person to sign in again. The rooms are as before. */
export function markReactivated(people: PeopleStore, id: string, { actorId, at }: Deed): Promise<RemoveResult> {
  return people.setDeactivated(id, null, (step) =>
    writeAudit(step, { actorId, action: 'person.reactivate', target: id, details: {} }, at),
  );
}

/** Deactivates an account and closes its windows. `last` if the chat would have no administrator. */
export async function deactivate(
  { people, liveSessions, rooms, log }: Pick<Chat, 'people' | 'liveSessions' | 'rooms' | 'log'>,
  id: string,
  deed: Deed,
): Promise<RemoveResult> {
  const result = await markDeactivated(people, id, deed);
  if (result !== 'done') return result;
  liveSessions.endPeople(new Set([id]), deactivated);
  const notification: ChatNotification = { type: 'deactivated' };
  // Not awaited: without Redis it fails after a while, and the other servers find out by themselves.
  rooms.notify(id, notification).catch((error: unknown) => {
    log.warn(
      { err: error },
      'A notification of a deactivated account failed; other servers find out within two seconds',
    );
  });
  return 'done';
}

async function endSessionsOf(step: Step, personId: string): Promise<number> {
  const { numDeletedRows } = await step
    .deleteFrom('session')
    .where('personId', '=', personId)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}
