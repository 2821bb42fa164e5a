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

/** @param page - From 0. @returns One page, and whether there are more. */
export async function listRooms(
  { tables }: ChatDatabase,
  query: string,
  page: number,
): Promise<{ readonly rooms: readonly ListedRoom[]; readonly hasMore: boolean }> {
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
    .orderBy(sql`coalesce(room.last_at, room.made_at)`, 'desc')
    .orderBy('room.id')
    .offset(page * roomsPageCount)
    .limit(roomsPageCount + 1);
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
  return { rooms: rows.slice(0, roomsPageCount), hasMore: rows.length > roomsPageCount };
}
