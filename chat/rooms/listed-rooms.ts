/** The public and private rooms for administrators, in pages, the one with the newest activity first. Direct conversations are not listed. */
import { sql } from 'kysely';
import type { ChatDatabase } from '../database/database.ts';
import type { RoomKind } from '../database/tables.ts';
import { anywhere, atBeginning, isLike, toQuery } from './find-text.ts';

/** Rooms of one page. */
export const roomsPageCount = 50;

/** A room of the list. */
export interface ListedRoom {
  readonly id: string;
  readonly kind: RoomKind;
  readonly name: string;
  readonly archivedAt: number | null;
  readonly topSeq: number;
  readonly lastAt: number | null;
  /** Number of members. */
  readonly size: number | null;
}

/**
 * A page of the rooms.
 *
 * @param query - A part of the name, or the beginning of its pinyin; empty for all.
 * @param after - `next` of the page before. Any other text begins with the first page.
 */
export async function listRooms(
  { tables }: ChatDatabase,
  query: string,
  after: string,
): Promise<{ readonly rooms: readonly ListedRoom[]; readonly next: string | undefined }> {
  const activeAt = sql<number>`coalesce(room.last_at, room.made_at)`;
  let found = tables
    .selectFrom('room')
    .select(['room.id', 'room.kind', 'room.name', 'room.archivedAt', 'room.topSeq', 'room.lastAt'])
    .select(({ selectFrom }) =>
      selectFrom('member')
        .select(({ fn }) => fn.countAll<number>().as('size'))
        .whereRef('member.roomId', '=', 'room.id')
        .as('size'),
    )
    .where('room.kind', 'in', ['public', 'private'])
    .where('room.hidden', '=', 0)
    .select(activeAt.as('activeAt'))
    .orderBy(activeAt, 'desc')
    .orderBy('room.id')
    .limit(roomsPageCount + 1);
  const place = readPlace(after);
  if (place) {
    found = found.where(({ and, eb, or }) =>
      or([eb(activeAt, '<', place.at), and([eb(activeAt, '=', place.at), eb('room.id', '>', place.id)])]),
    );
  }
  const text = toQuery(query);
  if (text !== '') {
    const letters = text.replaceAll(' ', '');
    found = found.where(({ or }) =>
      or([
        isLike('room.name_key', anywhere(text)),
        isLike('room.pinyin', atBeginning(letters)),
        isLike('room.pinyin_initials', atBeginning(letters)),
      ]),
    );
  }
  const rows = await found.execute();
  const rooms = rows.slice(0, roomsPageCount);
  const last = rows.length > roomsPageCount ? rooms.at(-1) : undefined;
  return { rooms, next: last && `${last.activeAt}.${last.id}` };
}

/** Reads where the page before ended: the time of the newest activity, and the id of its last room. */
function readPlace(after: string): { readonly at: number; readonly id: string } | undefined {
  const [, at, id = ''] = /^(\d{1,15})\.(.{1,100})$/u.exec(after) ?? [];
  return at === undefined ? undefined : { at: Number(at), id };
}
