/**
 * Deletes messages that are older than a number of days, in bounded steps: first from the streams, then from the table with their reactions and
 * mentions. A crash between the two repeats the step. A `seq` is never used again, since the room keeps its newest one.
 */
import { GaleError, type Logger, type Rooms } from 'gale';
import type { ChatDatabase } from '../database/database.ts';
import { expiredBy, type MessageChangedSignal, type MessageData } from '../wire.ts';
import { streamId } from './message-columns.ts';
import { seqAt } from './segments.ts';

const dayMs = 86_400_000;
/** Messages in one step. */
const stepCount = 1000;
/** Steps in one run, so that it ends. The next run continues. */
const maxSteps = 100;

/** What a {@link Retention} needs. */
export interface RetentionOptions {
  /** Age at which messages are deleted, in days; 0 deletes none. */
  readonly retentionDays: number;
  readonly log: Logger;
  /** Milliseconds since 1970. @defaultValue `Date.now` */
  readonly now?: () => number;
}

/** The newest expired message of a room. */
interface ExpiredRoom {
  readonly roomId: string;
  readonly seq: number;
}

export class Retention {
  readonly #database: ChatDatabase;
  readonly #rooms: Rooms<MessageData>;
  readonly #options: RetentionOptions;

  constructor(database: ChatDatabase, rooms: Rooms<MessageData>, options: RetentionOptions) {
    this.#database = database;
    this.#rooms = rooms;
    this.#options = options;
  }

  /** Deletes what has expired. The server with the history calls it regularly. */
  async sweep(): Promise<void> {
    const { retentionDays, now = Date.now, log } = this.#options;
    if (retentionDays === 0) return;
    const before = now() - retentionDays * dayMs;
    let count = 0;
    const swept = new Map<string, number>();
    try {
      for (let step = 0; step < maxSteps; step++) {
        const expired = await this.#findExpired(before);
        if (expired.length === 0) break;
        for (const room of expired) {
          await this.#clearStream(room);
          count += await this.#delete(room);
          swept.set(room.roomId, room.seq);
        }
      }
    } finally {
      await this.#signal(swept);
    }
    if (count > 0) log.info({ count, retentionDays }, 'Messages were deleted because of their age');
  }

  /** Open pages remove the messages, and do not count them as unread. @param swept - The newest deleted `seq` of each room. */
  async #signal(swept: ReadonlyMap<string, number>): Promise<void> {
    const data: MessageData = { text: '', deleted: { at: 0, by: expiredBy } };
    for (const [roomId, seq] of swept) {
      try {
        await this.#rooms.signal(roomId, { type: 'message-changed', seq, data } satisfies MessageChangedSignal);
      } catch (error) {
        this.#options.log.warn({ err: error, roomId }, 'Open pages were not notified of expired messages');
      }
    }
  }

  async #findExpired(before: number): Promise<ExpiredRoom[]> {
    const oldest = this.#database.tables
      .selectFrom('message')
      .select(['roomId', 'seq'])
      .where('sentAt', '<', before)
      .orderBy('sentAt')
      .limit(stepCount)
      .as('oldest');
    return this.#database.tables
      .selectFrom(oldest)
      .select(({ fn }) => ['roomId', fn.max<number>('seq').as('seq')])
      .groupBy('roomId')
      .execute();
  }

  /** Replaces the data of the messages that the stream still keeps. Positions in the stream stay. */
  async #clearStream({ roomId, seq }: ExpiredRoom): Promise<void> {
    const head = (await this.#rooms.heads([roomId])).get(roomId);
    if (!head || head.first > head.top) return;
    const { tables } = this.#database;
    const segments = await tables
      .selectFrom('segment')
      .select(['firstOffset', 'delta'])
      .where('roomId', '=', roomId)
      .where('epoch', '=', head.epoch)
      .orderBy('firstOffset')
      .execute();
    // Without segments every message may be in the stream.
    const first = seqAt(segments, head.first) ?? 0;
    if (first > seq) return;
    const rows = await tables
      .selectFrom('message')
      .select(['authorId', 'messageId', 'change'])
      .where('roomId', '=', roomId)
      .where('seq', '>=', first)
      .where('seq', '<=', seq)
      .execute();
    for (const { authorId, messageId, change } of rows) {
      const data: MessageData = { text: '', change: change + 1, deleted: { at: 0, by: expiredBy } };
      try {
        await this.#rooms.amend(roomId, { author: authorId, id: streamId(messageId), data });
      } catch (error) {
        if (!(error instanceof GaleError) || error.code !== 'ROOM_MESSAGE_GONE') throw error;
      }
    }
  }

  /** Deletes all messages up to one, so that the rest has no hole. They are not unread for anybody. */
  async #delete({ roomId, seq }: ExpiredRoom): Promise<number> {
    return this.#database.tables.transaction().execute(async (step) => {
      const { numDeletedRows } = await step
        .deleteFrom('message')
        .where('roomId', '=', roomId)
        .where('seq', '<=', seq)
        .executeTakeFirst();
      await step
        .updateTable('member')
        .set({ readSeq: seq })
        .where('roomId', '=', roomId)
        .where('readSeq', '<', seq)
        .execute();
      return Number(numDeletedRows);
    });
  }
}
