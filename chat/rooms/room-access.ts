/**
 * What one person may do in one room, read from the database. A room that a person must not know of is the same as one that does not
 * exist: both are undefined, so no command can reveal a private room.
 */
import type { Selectable } from 'kysely';
import { CompiledStatement } from '../database/compiled-statement.ts';
import type { ChatDatabase } from '../database/database.ts';
import type { Role, RoomKind, RoomRole, RoomTable } from '../database/tables.ts';

/** Longer ids are unknown without a read. Ids of rooms have 12 characters. */
const maxRoomIdCharacters = 100;

/** The columns of a room that its pages show. */
export const roomColumns = [
  'room.id',
  'room.kind',
  'room.name',
  'room.topic',
  'room.pinyin',
  'room.pinyinInitials',
  'room.archivedAt',
  'room.topSeq',
  'room.lastAt',
  'room.madeAt',
] as const;

/** A room of the database, without what only the store uses. */
export type KnownRoom = Readonly<
  Pick<
    Selectable<RoomTable>,
    'id' | 'kind' | 'name' | 'topic' | 'pinyin' | 'pinyinInitials' | 'archivedAt' | 'topSeq' | 'lastAt' | 'madeAt'
  >
>;

/** A room and a person who may know of it. */
export interface RoomAccess {
  readonly room: KnownRoom;
  /** Role in the room; undefined for a person who is not a member. In a direct conversation its maker is the owner. */
  readonly role: RoomRole | undefined;
  readonly isMember: boolean;
  /** Role in the chat. */
  readonly personRole: Role;
}

/** Reads the access of one person to one room. @returns Undefined if the room does not exist, or not for this person. */
export async function findAccess(
  database: ChatDatabase,
  roomId: string,
  personId: string,
): Promise<RoomAccess | undefined> {
  if (roomId.length > maxRoomIdCharacters) return undefined;
  const [row] = await accessOf.execute(database, { roomId, personId });
  if (!row) return undefined;
  const { roomRole, personRole, ...room } = row;
  const isMember = roomRole !== null || isInLobby(room.kind, personRole);
  const isVisible = isMember || (room.kind === 'public' && personRole !== 'guest');
  return isVisible ? { room, role: roomRole ?? undefined, isMember, personRole } : undefined;
}

/** Almost all commands execute it. */
const accessOf = new CompiledStatement(
  (tables, { roomId, personId }: { readonly roomId: string; readonly personId: string }) =>
    tables
      .selectFrom('room')
      .innerJoin('person', (join) => join.on('person.id', '=', personId))
      .leftJoin('member', (join) =>
        join.onRef('member.roomId', '=', 'room.id').onRef('member.personId', '=', 'person.id'),
      )
      .select(roomColumns)
      .select(['member.role as roomRole', 'person.role as personRole'])
      .where('room.id', '=', roomId)
      .where('room.hidden', '=', 0),
);

/** Everybody except guests is in the lobby, without a row. */
function isInLobby(kind: RoomKind, role: Role): boolean {
  return kind === 'lobby' && role !== 'guest';
}

/** Whether a person may rename, archive and delete a room, and change its members. */
export function canManage({ room, role, personRole, isMember }: RoomAccess): boolean {
  if ((room.kind !== 'public' && room.kind !== 'private') || personRole === 'guest') return false;
  return role === 'owner' || (personRole === 'administrator' && (isMember || room.kind === 'public'));
}

/** Whether a person may set the topic. The lobby has no owner. */
export function canSetTopic(access: RoomAccess): boolean {
  return canManage(access) || (access.room.kind === 'lobby' && access.personRole === 'administrator');
}

/** Whether a person may add people. */
export function canAddPeople({ room, isMember, personRole }: RoomAccess): boolean {
  return (room.kind === 'public' || room.kind === 'private') && isMember && personRole !== 'guest';
}

/** Whether a person may leave. A direct conversation and the lobby cannot be left. */
export function canLeave({ room: { kind } }: RoomAccess): boolean {
  return kind === 'public' || kind === 'private';
}
