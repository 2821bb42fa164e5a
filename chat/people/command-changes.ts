/**
 * Shows to open windows what the command line changed of a person: it has no connection to them. Each server does it, so a window may get a
 * notification several times; each of them has the whole state.
 */
import type { Chat } from '../chat.ts';
import type { NewOwner } from '../rooms/members.ts';
import { noteChanged } from './changed-person.ts';

/** An entry of the audit log about a person. */
export interface PersonEntry {
  readonly action: string;
  readonly target: string;
  /** JSON. */
  readonly details: string;
}

/** Call it for an entry of the command line. */
export async function noteCommand(
  chat: Pick<Chat, 'database' | 'directory' | 'people' | 'rooms' | 'log'>,
  { action, target, details }: PersonEntry,
): Promise<void> {
  const { directory } = chat;
  await noteChanged(chat, target);
  const rooms = await directory.ownRooms(target);
  if (action === 'person.role') {
    const { from, to } = JSON.parse(details) as { readonly from?: unknown; readonly to?: unknown };
    if (to === 'guest') await directory.noteOwners(await ownersOf(chat, rooms));
    if (from === 'guest' || to === 'guest') await directory.noteRole(target);
  }
  await directory.noteMembers(rooms);
}

/** All owners: the entry does not have those who became owners when the person was made a guest. */
async function ownersOf(
  { database }: Pick<Chat, 'database'>,
  rooms: ReadonlySet<string>,
): Promise<readonly NewOwner[]> {
  if (rooms.size === 0) return [];
  return database.tables
    .selectFrom('member')
    .innerJoin('room', 'room.id', 'member.roomId')
    .select(['member.roomId', 'member.personId'])
    .where('member.roomId', 'in', [...rooms])
    .where('member.role', '=', 'owner')
    .where('room.kind', 'in', ['public', 'private'])
    .execute();
}
