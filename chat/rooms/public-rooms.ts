/** The directory: the public rooms that people can find and join, in pages, with search. */
import { sql } from 'kysely';
import type { ChatDatabase } from '../database/database.ts';
import { anywhere, atBeginning, isLike, toQuery } from './find-text.ts';
import { directoryPageCount } from './room-bounds.ts';

/** A room in the directory. */
export interface PublicRoom {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  /** Number of members. */
  readonly size: number;
  /** Time of the newest message, in milliseconds since 1970; null if there has been none. */
  readonly lastAt: number | null;
  readonly isMember: boolean;
}

/** Some rooms, and where the next page begins; undefined after the last one. */
export interface PublicRoomsPage {
  readonly rooms: readonly PublicRoom[];
  readonly next: string | undefined;
}

/**
 * A page of the public rooms that are not archived, the one with the newest activity first.
 *
 * @param query - A part of the name or topic, or the beginning of the pinyin; empty for all.
 * @param after - `next` of the page before; anything else begins at the first page.
 */
export async function pageOfPublicRooms(
  { tables }: ChatDatabase,
  personId: string,
  { query = '', after = '' }: { readonly query?: string; readonly after?: string },
): Promise<PublicRoomsPage> {
  const activity = sql<number>`coalesce(room.last_at, room.made_at)`;
  let found = tables
    .selectFrom('room')
    .select(['room.id', 'room.name', 'room.topic', 'room.lastAt', activity.as('activity')])
    .select(({ selectFrom }) => [
      selectFrom('member')
        .select(({ fn }) => fn.countAll<number>().as('size'))
        .whereRef('member.roomId', '=', 'room.id')
        .as('size'),
      selectFrom('member')
        .select('member.personId')
        .whereRef('member.roomId', '=', 'room.id')
        .where('member.personId', '=', personId)
        .as('me'),
    ])
    // A guest finds no rooms.
    .where(({ exists, selectFrom }) =>
      exists(selectFrom('person').select('id').where('id', '=', personId).where('role', '<>', 'guest')),
    )
    .where('room.kind', '=', 'public')
    .where('room.hidden', '=', 0)
    .where('room.archivedAt', 'is', null)
    .orderBy(activity, 'desc')
    .orderBy('room.id')
    .limit(directoryPageCount + 1);
  const text = toQuery(query);
  if (text !== '') {
    const letters = text.replaceAll(' ', '');
    found = found.where(({ or }) =>
      or([
        isLike('room.name_key', anywhere(text)),
        sql<boolean>`lower(room.topic) LIKE ${anywhere(text)} ESCAPE '\\'`,
        isLike('room.pinyin', atBeginning(letters)),
        isLike('room.pinyin_initials', atBeginning(letters)),
      ]),
    );
  }
  const from = readPlace(after);
  if (from) {
    found = found.where(({ or, and, eb }) =>
      or([
        sql<boolean>`${activity} < ${from.activity}`,
        and([sql<boolean>`${activity} = ${from.activity}`, eb('room.id', '>', from.id)]),
      ]),
    );
  }
  const rows = await found.execute();
  const shown = rows.slice(0, directoryPageCount);
  const last = rows.length > directoryPageCount ? shown.at(-1) : undefined;
  return {
    rooms: shown.map(({ id, name, topic, lastAt, size, me }) => ({
      id,
      name,
      topic,
      lastAt,
      size: size ?? 0,
      isMember: me !== null,
    })),
    next: last && `${last.activity} ${last.id}`,
  };
}

/** Where a page begins: after a room with this activity. */
function readPlace(after: string): { readonly activity: number; readonly id: string } | undefined {
  const [, activity, id] = /^(\d{1,15}) (\S{1,100})$/.exec(after) ?? [];
  return activity === undefined || id === undefined ? undefined : { activity: Number(activity), id };
}
