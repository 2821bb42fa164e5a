/**
 * Writes messages of streams into the table, in one transaction for all batches. Idempotent: a message that the table has is found by room,
 * author and message id, and stays as it is. What the table has and the stream lost stays too.
 */
import { sql, type Transaction } from 'kysely';
import type { ConsumerBatch, RoomMessage } from 'gale/rooms';
import type { ChatDatabase } from '../database/database.ts';
import type { Tables } from '../database/tables.ts';
import { expiredBy, lobbyId, mentionsAll, type MessageData, type WireSegment } from '../wire.ts';
import { toRow } from './message-columns.ts';
import { Numbering } from './segments.ts';

/** Messages of one room and epoch, in order. */
export type HistoryBatch = Pick<ConsumerBatch<MessageData>, 'room' | 'epoch' | 'kind' | 'messages'>;

/** What a transaction changed in one room. */
export interface WrittenRoom {
  readonly room: string;
  readonly topSeq: number;
  readonly epoch: string;
  /** The segments of the epoch, if they changed. */
  readonly segments: readonly WireSegment[] | undefined;
}

/** A message that the table had before. */
interface KnownMessage {
  readonly seq: number;
  readonly change: number;
  readonly epoch: string;
  readonly streamOffset: number;
}

/** Another place of a known message in the stream. */
interface Moved {
  readonly roomId: string;
  readonly seq: number;
  readonly streamOffset: number;
}

/** A message with mentions. */
export interface Mentioning {
  readonly roomId: string;
  readonly seq: number;
  readonly sentAt: number;
  readonly authorId: string;
  readonly mentions: readonly string[];
}

/** Rows of one statement. Databases limit the number of parameters: SQLite to 32,766. */
const rowsAtOnce = 500;
/** The stream keeps no message that is this many offsets before its newest one: `historyCount` + `maxUnsavedMessages`, and more. */
const keptOffsets = 10_000;

type Step = Transaction<Tables>;

/**
 * Writes batches. Rooms without a row were removed: their messages are ignored.
 *
 * @param batches - Several of one room are in the order of the stream.
 * @throws {@link GaleError} `ROOM_UNAVAILABLE` if the database cannot be used now; nothing was written.
 */
export function writeHistory(database: ChatDatabase, batches: readonly HistoryBatch[]): Promise<WrittenRoom[]> {
  return database.tables.transaction().execute(async (step) => {
    const ids = [...new Set(batches.map(({ room }) => room))];
    let query = step.selectFrom('room').select(['id', 'topSeq']).where('id', 'in', ids);
    // A server that was stopped for longer than its claim may still write. SQLite has one writer anyway.
    if (database.kind === 'postgres') query = query.orderBy('id').forUpdate();
    const tops = new Map((await query.execute()).map(({ id, topSeq }) => [id, topSeq]));
    const living = batches.filter(({ room }) => tops.has(room));
    if (living.length === 0) return [];
    const segments = await step
      .selectFrom('segment')
      .selectAll()
      .where('roomId', 'in', [...tops.keys()])
      .orderBy('firstOffset')
      .execute();
    const known = await findKnown(step, living);
    const outdated = new Set<string>();
    const news: ReturnType<typeof toRow>[] = [];
    const mentioning: Mentioning[] = [];
    const moved: Moved[] = [];
    const written = new Map<string, WrittenRoom & { readonly lastAt: number }>();
    for (const { room, epoch, kind, messages } of living) {
      for (const message of messages) {
        const row = known.get(keyOf(room, message));
        // After the store lost an amendment, the stream has an older state than the table.
        if (row && row.change > (message.data.change ?? 0)) outdated.add(keyOf(room, message));
      }
      if (kind === 'amendments') continue;
      const before = written.get(room);
      const numbering = new Numbering(
        before?.epoch === epoch && before.segments
          ? before.segments
          : segments.filter((segment) => segment.roomId === room && segment.epoch === epoch).map(toWire),
        before?.topSeq ?? tops.get(room) ?? 0,
      );
      let lastSeq = 0;
      for (const message of messages) {
        const key = keyOf(room, message);
        const row = known.get(key);
        // It was deleted because of its age, and has no number any more.
        if (!row && message.data.deleted?.by === expiredBy) continue;
        lastSeq = numbering.next(message.offset, row?.seq);
        if (row) {
          // The sender used the id again after the stream had forgotten it, perhaps with another text.
          if (row.epoch === epoch && row.streamOffset < message.offset)
            moved.push({ roomId: room, seq: lastSeq, streamOffset: message.offset });
          continue;
        }
        known.set(key, { seq: lastSeq, change: message.data.change ?? 0, epoch, streamOffset: message.offset });
        news.push(toRow(message, { roomId: room, epoch, seq: lastSeq }));
        const { mentions = [] } = message.data;
        if (mentions.length > 0) {
          mentioning.push({ roomId: room, seq: lastSeq, sentAt: message.time, authorId: message.author.id, mentions });
        }
      }
      const last = messages.at(-1);
      if (!last) continue;
      // Messages that come again are followed by others that the table has.
      if (lastSeq === 0 || lastSeq === numbering.topSeq || !(await isFollowed(step, room, epoch, lastSeq)))
        numbering.end(last.offset);
      const { isChanged } = numbering;
      const kept = withoutOld(numbering.segments, last.offset);
      if (isChanged) await writeSegments(step, room, epoch, kept);
      written.set(room, {
        room,
        epoch,
        topSeq: numbering.topSeq,
        segments: isChanged ? kept : before?.epoch === epoch ? before.segments : undefined,
        lastAt: Math.max(last.time, before?.lastAt ?? 0),
      });
    }
    for (let at = 0; at < news.length; at += rowsAtOnce) {
      await step
        .insertInto('message')
        .values(news.slice(at, at + rowsAtOnce))
        .execute();
    }
    await writeTops(step, [...written.values()]);
    for (const each of mentioning) await writeMentions(step, each);
    await markPending(step, living, outdated);
    for (const each of moved) await move(step, each);
    return [...written.values()].map(({ room, topSeq, epoch, segments: changed }) => ({
      room,
      topSeq,
      epoch,
      segments: changed,
    }));
  });
}

function keyOf(room: string, { author, id }: Pick<RoomMessage, 'author' | 'id'>): string {
  return JSON.stringify([room, author.id, id]);
}

function toWire({ firstOffset, delta }: WireSegment): WireSegment {
  return { firstOffset, delta };
}

/** The messages of the batches that the table has, by {@link keyOf}. */
async function findKnown(step: Step, batches: readonly HistoryBatch[]): Promise<Map<string, KnownMessage>> {
  const found = new Map<string, KnownMessage>();
  const keys = batches.flatMap(({ room, messages }) =>
    messages.map(({ author, id }) => sql`(${room}, ${author.id}, ${id})`),
  );
  for (let at = 0; at < keys.length; at += rowsAtOnce) {
    const rows = await step
      .selectFrom('message')
      .select(['roomId', 'authorId', 'messageId', 'seq', 'change', 'epoch', 'streamOffset'])
      .where(sql<boolean>`(room_id, author_id, message_id) IN (VALUES ${sql.join(keys.slice(at, at + rowsAtOnce))})`)
      .execute();
    for (const { roomId, authorId, messageId, ...message } of rows)
      found.set(keyOf(roomId, { author: { id: authorId, name: '' }, id: messageId }), message);
  }
  return found;
}

/** Whether the table has a later message of the same epoch. */
async function isFollowed(step: Step, roomId: string, epoch: string, seq: number): Promise<boolean> {
  const later = await step
    .selectFrom('message')
    .select('seq')
    .where('roomId', '=', roomId)
    .where('seq', '>', seq)
    .where('epoch', '=', epoch)
    .limit(1)
    .executeTakeFirst();
  return later !== undefined;
}

/** The segments without those that no kept message needs. */
function withoutOld(segments: readonly WireSegment[], lastOffset: number): readonly WireSegment[] {
  const oldest = segments.findLastIndex(({ firstOffset }) => firstOffset <= lastOffset - keptOffsets);
  return oldest <= 0 ? segments : segments.slice(oldest);
}

/** Replaces the segments of a room. Those of earlier epochs have no use. */
async function writeSegments(
  step: Step,
  roomId: string,
  epoch: string,
  segments: readonly WireSegment[],
): Promise<void> {
  await step.deleteFrom('segment').where('roomId', '=', roomId).execute();
  await step
    .insertInto('segment')
    .values(segments.map(({ firstOffset, delta }) => ({ roomId, epoch, firstOffset, delta })))
    .execute();
}

/** Updates all rooms in one statement. */
async function writeTops(
  step: Step,
  rooms: readonly { readonly room: string; readonly topSeq: number; readonly lastAt: number }[],
): Promise<void> {
  if (rooms.length === 0) return;
  const values = rooms.map(({ room, topSeq, lastAt }) => sql`(${room}, ${topSeq}, ${lastAt})`);
  // Both databases name the columns of VALUES so. The casts are for PostgreSQL, which reads parameters as text.
  await sql`
    UPDATE room SET
      top_seq = CAST(v.column2 AS bigint),
      last_at = CASE WHEN last_at > CAST(v.column3 AS bigint) THEN last_at ELSE CAST(v.column3 AS bigint) END
    FROM (VALUES ${sql.join(values)}) AS v WHERE room.id = v.column1`.execute(step);
}

/** Everybody who is mentioned and uses the chat has a row, except the author. */
export async function writeMentions(
  step: Step,
  { roomId, seq, sentAt, authorId, mentions }: Mentioning,
): Promise<void> {
  const isForAll = mentions.includes(mentionsAll);
  const known = step
    .selectFrom('person')
    .select('id')
    .where('deletedAt', 'is', null)
    .where('deactivatedAt', 'is', null);
  // Everybody except guests is in the lobby, without a row.
  const people = !isForAll
    ? known.where('id', 'in', mentions)
    : known.where(({ or, eb }) =>
        or([
          eb('id', 'in', step.selectFrom('member').select('personId').where('roomId', '=', roomId)),
          ...(roomId === lobbyId ? [eb('role', '<>', 'guest')] : []),
        ]),
      );
  await step
    .insertInto('mention')
    .columns(['personId', 'roomId', 'seq', 'sentAt'])
    .expression(
      step
        .selectFrom(people.as('mentioned'))
        .where('mentioned.id', '!=', authorId)
        .select((column) => [
          'mentioned.id as personId',
          column.cast<string>(column.val(roomId), 'text').as('roomId'),
          column.cast<number>(column.val(seq), 'bigint').as('seq'),
          column.cast<number>(column.val(sentAt), 'bigint').as('sentAt'),
        ]),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The sweep of pending changes writes the state of the table into the stream again. */
async function markPending(step: Step, batches: readonly HistoryBatch[], outdated: ReadonlySet<string>): Promise<void> {
  if (outdated.size === 0) return;
  for (const { room, messages } of batches) {
    for (const message of messages) {
      if (!outdated.has(keyOf(room, message))) continue;
      await step
        .updateTable('message')
        .set({ pending: 1 })
        .where('roomId', '=', room)
        .where('authorId', '=', message.author.id)
        .where('messageId', '=', message.id)
        .execute();
    }
  }
}

/** The sweep of pending changes writes the state of the table to the new place, so that the stream has no text that the table does not have. */
async function move(step: Step, { roomId, seq, streamOffset }: Moved): Promise<void> {
  await step
    .updateTable('message')
    .set({ streamOffset, pending: 1 })
    .where('roomId', '=', roomId)
    .where('seq', '=', seq)
    .execute();
}
