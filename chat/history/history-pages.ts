/**
 * Reads pages of the history. The messages of a room are numbered without a hole from its oldest one on, so a page is a range of `seq`.
 */
import { sql } from 'kysely';
import type { ChatDatabase } from '../database/database.ts';
import { historyPageCount, maxReactionPeople, type HistoryMessage, type WireReaction } from '../wire.ts';
import { streamId, toData } from './message-columns.ts';

/** Which page: the newest one, or the one before, after or around a `seq`. */
export type PageRequest =
  | { readonly before: number }
  | { readonly after: number }
  | { readonly around: number }
  | Record<never, never>;

/** A page, and the ends of the history. */
export interface HistoryPage {
  /** Ascending by `seq`, without a hole. */
  readonly messages: readonly HistoryMessage[];
  /** The oldest `seq` of the room; `top + 1` if it has no message. */
  readonly first: number;
  /** The newest `seq` of the room in the table. */
  readonly top: number;
}

/**
 * Reads a page of at most `count` messages.
 *
 * @throws {@link GaleError} `ROOM_UNAVAILABLE`.
 */
export async function readPage(
  { tables }: ChatDatabase,
  roomId: string,
  request: PageRequest,
  count: number = historyPageCount,
): Promise<HistoryPage> {
  const { first, top } = (await readEnds({ tables }, [roomId])).get(roomId) ?? { first: 1, top: 0 };
  const from = Math.max(first, firstOf(request, top, count));
  const to = Math.min(top, from + count - 1, 'before' in request ? request.before - 1 : Infinity);
  if (to < from) return { messages: [], first, top };
  const [rows, reactions] = await Promise.all([
    tables
      .selectFrom('message')
      .leftJoin('person', 'person.id', 'message.authorId')
      .selectAll('message')
      .select('person.name as authorName')
      .where('roomId', '=', roomId)
      .where('seq', '>=', from)
      .where('seq', '<=', to)
      .orderBy('seq')
      .execute(),
    readReactions({ tables }, roomId, from, to),
  ]);
  const messages = rows.map((row): HistoryMessage => {
    const author = { id: row.authorId, name: row.authorName ?? '' };
    return {
      seq: row.seq,
      id: streamId(row.messageId),
      author,
      time: row.sentAt,
      data: toData(row, reactions.get(row.seq)),
    };
  });
  return { messages, first, top };
}

/** The ends of the history of each room that exists, as a {@link HistoryPage} has them. */
export async function readEnds(
  { tables }: Pick<ChatDatabase, 'tables'>,
  roomIds: readonly string[],
): Promise<ReadonlyMap<string, Pick<HistoryPage, 'first' | 'top'>>> {
  if (roomIds.length === 0) return new Map();
  const rows = await tables
    .selectFrom('room')
    .select((room) => [
      'room.id',
      'room.topSeq',
      room
        .selectFrom('message')
        .select(({ fn }) => fn.min<number | null>('message.seq').as('first'))
        .whereRef('message.roomId', '=', 'room.id')
        .as('first'),
    ])
    .where('room.id', 'in', roomIds)
    .execute();
  return new Map(rows.map(({ id, topSeq, first }) => [id, { first: first ?? topSeq + 1, top: topSeq }]));
}

/** The `seq` with which a page begins. */
function firstOf(request: PageRequest, top: number, count: number): number {
  if ('after' in request) return request.after + 1;
  if ('before' in request) return request.before - count;
  // At the end of the history, a page around a message has more messages before it.
  if ('around' in request) {
    const from = request.around - count / 2;
    return Math.min(from, top - count + 1);
  }
  return top - count + 1;
}

/** The reactions of a range of messages, each emoji with its count and its first people. */
export async function readReactions(
  { tables }: Pick<ChatDatabase, 'tables'>,
  roomId: string,
  from: number,
  to: number,
): Promise<Map<number, WireReaction[]>> {
  const ranked = tables
    .selectFrom('reaction')
    .select([
      'seq',
      'emoji',
      'personId',
      sql<number>`row_number() OVER (PARTITION BY seq, emoji ORDER BY made_at, person_id)`.as('place'),
      sql<number>`count(*) OVER (PARTITION BY seq, emoji)`.as('count'),
      sql<number>`min(made_at) OVER (PARTITION BY seq, emoji)`.as('firstAt'),
    ])
    .where('roomId', '=', roomId)
    .where('seq', '>=', from)
    .where('seq', '<=', to);
  const rows = await tables
    .selectFrom(ranked.as('ranked'))
    .select(['seq', 'emoji', 'personId', 'count'])
    .where('place', '<=', maxReactionPeople)
    // The emoji in the order of their first use.
    .orderBy('seq')
    .orderBy('firstAt')
    .orderBy('emoji')
    .orderBy('place')
    .execute();
  const found = new Map<number, (WireReaction & { people: string[] })[]>();
  for (const { seq, emoji, personId, count } of rows) {
    const of = found.get(seq) ?? [];
    found.set(seq, of);
    const last = of.at(-1);
    if (last?.emoji === emoji) last.people.push(personId);
    else of.push({ emoji, count, people: [personId] });
  }
  return found;
}
