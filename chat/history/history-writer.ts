/**
 * Writes messages of streams into the table, in one transaction for all batches. Idempotent: a message that the table has is found by room,
 * author and message id, and stays as it is. What the table has and the stream lost stays too.
 */
import { sql, type Transaction } from 'kysely';
import type { ConsumerBatch, RoomMessage } from 'gale/rooms';
import type { ChatDatabase } from '../database/database.ts';
import type { Tables } from '../database/tables.ts';
import { expiredBy, lobbyId, mentionsAll, type MessageData, type WireSegment } from '../wire.ts';
import { repeatedId, toRow, type MessageRow } from './message-columns.ts';
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
  /** Whether it is a direct conversation that had no message before. */
  readonly isBegun: boolean;
}

/** A message that the table had before. */
interface KnownMessage {
  readonly seq: number;
  readonly change: number;
  readonly sentAt: number;
  readonly epoch: string;
  readonly streamOffset: number;
}

/** A message by its unique columns. */
type MessageKey = Pick<MessageRow, 'roomId' | 'authorId' | 'messageId'>;

/** A message of the stream in the table. */
interface Identified {
  /** {@link keyOf} its columns. */
  readonly key: string;
  readonly columns: MessageKey;
  /** Undefined if the table does not have it. */
  readonly row: KnownMessage | undefined;
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
/** A stream knows the ids of at least its newest messages: an id that comes again after more of them was used again by its sender. */
const knownIds = 100;

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
    let query = step.selectFrom('room').select(['id', 'kind', 'topSeq']).where('id', 'in', ids);
    // A server that was stopped for longer than its claim may still write. SQLite has one writer anyway.
    if (database.kind === 'postgres') query = query.orderBy('id').forUpdate();
    const rows = await query.execute();
    const tops = new Map(rows.map(({ id, topSeq }) => [id, topSeq]));
    const empty = new Set(rows.flatMap(({ id, kind, topSeq }) => (kind === 'direct' && topSeq === 0 ? [id] : [])));
    const living = batches.filter(({ room }) => tops.has(room));
    if (living.length === 0) return [];
    const segments = await step
      .selectFrom('segment')
      .selectAll()
      .where('roomId', 'in', [...tops.keys()])
      .orderBy('firstOffset')
      .execute();
    const known = await findKnown(step, living);
    const outdated = new Map<string, MessageKey>();
    const news: ReturnType<typeof toRow>[] = [];
    const mentioning: Mentioning[] = [];
    const written = new Map<string, WrittenRoom & { readonly lastAt: number }>();
    for (const { room, epoch, kind, messages } of living) {
      for (const message of messages) {
        const { key, columns, row } = identify(known, { room, epoch }, message);
        // After the store lost an amendment, the stream has an older state than the table.
        if (row && row.change > (message.data.change ?? 0)) outdated.set(key, columns);
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
        const { key, columns, row } = identify(known, { room, epoch }, message);
        // It was deleted because of its age, and has no number any more.
        if (!row && message.data.deleted?.by === expiredBy) continue;
        lastSeq = numbering.next(message.offset, row?.seq);
        if (row) continue;
        const { time: sentAt, offset: streamOffset } = message;
        const { mentions = [], change = 0 } = message.data;
        known.set(key, { seq: lastSeq, change, sentAt, epoch, streamOffset });
        news.push({ ...toRow(message, { roomId: room, epoch, seq: lastSeq }), messageId: columns.messageId });
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
        isBegun: empty.has(room) && numbering.topSeq > 0,
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
    await markPending(step, [...outdated.values()]);
    return [...written.values()].map(({ room, topSeq, epoch, segments: changed, isBegun }) => ({
      room,
      topSeq,
      epoch,
      segments: changed,
      isBegun,
    }));
  });
}

function keyOf({ roomId, authorId, messageId }: MessageKey): string {
  return JSON.stringify([roomId, authorId, messageId]);
}

/**
 * Finds out which row a message of the stream has, or gets: mostly that of its id. A sender can use an id again when the stream has forgotten it.
 * That is another message, so it has another row.
 */
function identify(
  known: ReadonlyMap<string, KnownMessage>,
  { room: roomId, epoch }: Pick<HistoryBatch, 'room' | 'epoch'>,
  { author, id, time, offset }: RoomMessage,
): Identified {
  const found = find(known, { roomId, authorId: author.id, messageId: id });
  const { row, columns } = found;
  if (!row || row.sentAt === time) return found;
  const repeated = find(known, { ...columns, messageId: repeatedId(id, time) });
  const isRepeated = row.epoch === epoch && offset - row.streamOffset > knownIds;
  // Otherwise the stream had lost the message, and the sender sent it again.
  return isRepeated || repeated.row ? repeated : found;
}

function find(known: ReadonlyMap<string, KnownMessage>, columns: MessageKey): Identified {
  const key = keyOf(columns);
  return { key, columns, row: known.get(key) };
}

function toWire({ firstOffset, delta }: WireSegment): WireSegment {
  return { firstOffset, delta };
}

/** The messages of the batches that the table has, by {@link keyOf}. */
async function findKnown(step: Step, batches: readonly HistoryBatch[]): Promise<Map<string, KnownMessage>> {
  const found = new Map<string, KnownMessage>();
  const keys = batches.flatMap(({ room: roomId, messages }) =>
    messages.map(({ author, id, time }) => ({ roomId, authorId: author.id, messageId: id, time })),
  );
  await addKnown(step, keys, found);
  const repeated = keys.flatMap(({ time, ...key }) => {
    const row = found.get(keyOf(key));
    return row && row.sentAt !== time ? { ...key, messageId: repeatedId(key.messageId, time) } : [];
  });
  await addKnown(step, repeated, found);
  return found;
}

async function addKnown(step: Step, keys: readonly MessageKey[], found: Map<string, KnownMessage>): Promise<void> {
  for (let at = 0; at < keys.length; at += rowsAtOnce) {
    const some = keys.slice(at, at + rowsAtOnce);
    const values = some.map(({ roomId, authorId, messageId }) => sql`(${roomId}, ${authorId}, ${messageId})`);
    const rows = await step
      .selectFrom('message')
      .select(['roomId', 'authorId', 'messageId', 'seq', 'change', 'sentAt', 'epoch', 'streamOffset'])
      .where(sql<boolean>`(room_id, author_id, message_id) IN (VALUES ${sql.join(values)})`)
      .execute();
    for (const row of rows) found.set(keyOf(row), row);
  }
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
async function markPending(step: Step, outdated: readonly MessageKey[]): Promise<void> {
  for (const { roomId, authorId, messageId } of outdated) {
    await step
      .updateTable('message')
      .set({ pending: 1 })
      .where('roomId', '=', roomId)
      .where('authorId', '=', authorId)
      .where('messageId', '=', messageId)
      .execute();
  }
}
