/**
 * Brings changed messages from the table to the stream of their room, and so to open pages. The table is right: a message is changed there
 * first and marked as pending, then its data is written to the stream, then the mark is removed. After a crash between two of these
 * steps, {@link StreamUpdates.sweep} repeats them. Every step may run twice, on any server.
 */
import { RoomError, type Logger, type Rooms } from 'gale';
import type { RoomMessage } from 'gale/rooms';
import type { ChatDatabase } from '../../database/database.ts';
import { repeatedId, type MessageRow } from '../../history/message-columns.ts';
import { isUnavailable } from '../../store/unavailable.ts';
import type { MessageChangedSignal, MessageData } from '../../wire.ts';
import { loadData } from './stored-message.ts';

/** Most pending messages that one read of a sweep loads. */
const sweepCount = 100;
/** Attempts to write a message that others change at the same time. A sweep makes further ones. */
const maxAttempts = 10;

/** An update of one message, and the one after it. */
interface Update {
  readonly done: Promise<void>;
  next: Promise<void> | undefined;
}

/** A pending message. */
interface Place {
  readonly roomId: string;
  readonly seq: number;
}

export class StreamUpdates {
  readonly #database: ChatDatabase;
  readonly #rooms: Rooms<MessageData>;
  readonly #log: Logger;
  /** Running updates, by room and number. */
  readonly #running = new Map<string, Update>();
  #sweeping: Promise<void> | undefined;
  #isClosed = false;

  constructor(database: ChatDatabase, rooms: Rooms<MessageData>, log: Logger) {
    this.#database = database;
    this.#rooms = rooms;
    this.#log = log;
  }

  /**
   * Writes the newest data of a message to the stream, or signals it to open pages if the stream no longer keeps the message.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE`. The message stays pending.
   */
  put(roomId: string, seq: number): Promise<void> {
    const key = `${seq} ${roomId}`;
    const running = this.#running.get(key);
    if (running) {
      // It may have read the table before this change. One more is enough for all changes until that one begins.
      const again = (): Promise<void> => this.put(roomId, seq);
      return (running.next ??= running.done.then(again, again));
    }
    const done = this.#putNewest(roomId, seq).finally(() => this.#running.delete(key));
    this.#running.set(key, { done, next: undefined });
    return done;
  }

  async #putNewest(roomId: string, seq: number): Promise<void> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const stored = await loadData(this.#database.tables, roomId, seq);
      // Retention, or the removal of the room, has removed it from the table.
      if (!stored) return;
      const { row, data } = stored;
      const kept = await this.#findKept(row);
      if (kept && changeOf(kept) > row.change) {
        await this.#passBy(row, changeOf(kept));
        continue;
      }
      const isThere = kept !== undefined && JSON.stringify(kept.data) === JSON.stringify(data);
      if (kept && !isThere && changeOf(kept) === row.change && row.change > 0) {
        await this.#passBy(row, row.change);
        continue;
      }
      if (kept && !isThere && !(await this.#amend(roomId, kept, data))) continue;
      if (!kept)
        await this.#rooms.signal(roomId, { type: 'message-changed', seq, data } satisfies MessageChangedSignal);
      await this.#settle(row);
      return;
    }
    this.#log.info({ room: roomId, seq }, 'A message is changed so often that it is updated later');
  }

  /** Puts all pending messages. A sweep that runs is not started again. Never throws. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweepAll().finally(() => (this.#sweeping = undefined));
    return this.#sweeping;
  }

  /** Waits for the running sweep, which stops after the message at which it is. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#sweeping;
  }

  async #sweepAll(): Promise<void> {
    let after: Place | undefined;
    try {
      while (!this.#isClosed) {
        const page = await this.#pending(after);
        for (const { roomId, seq } of page) {
          if (this.#isClosed) return;
          await this.#putOrSkip(roomId, seq);
        }
        if (page.length < sweepCount) return;
        after = page.at(-1);
      }
    } catch (error) {
      this.#log.warn({ err: error }, 'Changed messages could not be brought to their rooms; retrying later');
    }
  }

  /** One message that cannot be brought does not hold the others back. */
  async #putOrSkip(roomId: string, seq: number): Promise<void> {
    try {
      await this.put(roomId, seq);
    } catch (error) {
      if (isUnavailable(error)) throw error;
      this.#log.error({ err: error, room: roomId, seq }, 'A changed message could not be brought to its room');
    }
  }

  async #pending(after: Place | undefined): Promise<Place[]> {
    let query = this.#database.tables.selectFrom('message').select(['roomId', 'seq']).where('pending', '=', 1);
    if (after) {
      const { roomId, seq } = after;
      query = query.where(({ eb, and, or }) =>
        or([eb('roomId', '>', roomId), and([eb('roomId', '=', roomId), eb('seq', '>', seq)])]),
      );
    }
    return query.orderBy('roomId').orderBy('seq').limit(sweepCount).execute();
  }

  /** The message as the stream has it; undefined if it is no longer kept. */
  async #findKept({ roomId, epoch, streamOffset, authorId, messageId }: MessageRow): Promise<KeptMessage | undefined> {
    const isIt = ({ id, author, time }: RoomMessage): boolean =>
      author.id === authorId && (id === messageId || repeatedId(id, time) === messageId);
    const page = await this.#rooms.broker.read(roomId, streamOffset - 1, { count: 1, bytes: 1 });
    const [message] = page.messages;
    if (message && isIt(message)) return message as KeptMessage;
    if (page.epoch === epoch && page.first > streamOffset) return undefined;
    // The stream was reset: the message has another offset now, or none.
    const { messages } = await this.#rooms.history(roomId);
    return messages.find(isIt);
  }

  /** @returns False if another server has changed the message in the stream. */
  async #amend(roomId: string, { id, author, version = 0 }: KeptMessage, data: MessageData): Promise<boolean> {
    try {
      await this.#rooms.amend(roomId, { id, author: author.id, data, version });
      return true;
    } catch (error) {
      if (error instanceof RoomError && ['ROOM_AMEND_CONFLICT', 'ROOM_MESSAGE_GONE'].includes(error.code)) return false;
      throw error;
    }
  }

  /**
   * Another server may have written a newer change to the stream since the row was read: then the row has that change now, and nothing
   * happens. Otherwise the stream has changes that the table lost, because a backup of the table was restored: the row gets a greater
   * number, so that it wins.
   */
  async #passBy({ roomId, seq, change }: MessageRow, kept: number): Promise<void> {
    await this.#database.tables
      .updateTable('message')
      .set({ change: kept + 1, pending: 1 })
      .where('roomId', '=', roomId)
      .where('seq', '=', seq)
      .where('change', '=', change)
      .execute();
  }

  async #settle({ roomId, seq, change }: MessageRow): Promise<void> {
    await this.#database.tables
      .updateTable('message')
      .set({ pending: 0 })
      .where('roomId', '=', roomId)
      .where('seq', '=', seq)
      .where('change', '=', change)
      .execute();
  }
}

type KeptMessage = RoomMessage<MessageData>;

function changeOf({ data }: KeptMessage): number {
  return data.change ?? 0;
}
