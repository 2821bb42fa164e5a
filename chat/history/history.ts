/**
 * All messages of all rooms: copies them from the streams into the table, and is asked for them. One server at a time copies, the consumer
 * `history` of the rooms. Streams keep what is not copied yet, so that a crash at any point repeats work and loses nothing.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { GaleError, type Logger, type Rooms } from 'gale';
import type { ConsumerBatch } from 'gale/rooms';
import type { ChatDatabase } from '../database/database.ts';
import { isUnavailable } from '../store/unavailable.ts';
import type { MessageData, SegmentsSignal } from '../wire.ts';
import { findUncopied } from './uncopied.ts';
import { writeHistory, type HistoryBatch } from './history-writer.ts';

/** The name of the consumer, in the option `consumers` of the rooms. */
export const historyConsumer = 'history';

/** Messages in one transaction. */
const maxMessages = 1000;
/** Wait for further batches before a transaction, in milliseconds: one pass over the rooms yields them one after the other. */
const gatherMs = 5;
/** Shortest and longest wait after a failure, in milliseconds. */
const [minRetryMs, maxRetryMs] = [100, 5000];
/** Interval of work that the server with the consumer does, in milliseconds. */
const dutyMs = 10_000;
/** How often a server looks whether it has the consumer, in milliseconds. */
const lookMs = 500;
/** Interval of reads while waiting for a message that another server copies, in milliseconds. */
const waitStepMs = 50;

/** What a {@link History} needs. */
export interface HistoryOptions {
  readonly log: Logger;
  /** Interval of the duties, in milliseconds; for tests. @defaultValue 10 000 */
  readonly dutyMs?: number;
  /** Called when a direct conversation has its first message. */
  readonly onBegun?: (roomId: string) => Promise<void>;
}

export class History {
  readonly #database: ChatDatabase;
  readonly #rooms: Rooms<MessageData>;
  readonly #log: Logger;
  readonly #dutyMs: number;
  readonly #onBegun: HistoryOptions['onBegun'];
  readonly #duties: (() => Promise<void>)[] = [];
  readonly #closing = new AbortController();
  /** Batches for the next transaction. */
  #gathered: ConsumerBatch<MessageData>[] = [];
  #gatheredMessages = 0;
  /** The transaction that runs or is about to. */
  #writing: Promise<void> | undefined;
  #reading: Promise<void> | undefined;
  #working: Promise<void> | undefined;

  constructor(database: ChatDatabase, rooms: Rooms<MessageData>, options: HistoryOptions) {
    this.#database = database;
    this.#rooms = rooms;
    this.#log = options.log;
    this.#dutyMs = options.dutyMs ?? dutyMs;
    this.#onBegun = options.onBegun;
  }

  /** Begins to copy. */
  start(): void {
    this.#rooms.onClosing(() => this.#closing.abort());
    this.#reading = this.#readForever();
    this.#working = this.#workForever();
  }

  /**
   * Adds work for the server that has the consumer: at once when it gets it, then every 10 seconds. It must be safe if two servers do
   * it. A failure is logged, and the work is repeated.
   */
  addDuty(work: () => Promise<void>): void {
    this.#duties.push(work);
  }

  /** Waits for what was read. Call it after the rooms are closed, which ends the consumer, and before the broker and the database close. */
  async close(): Promise<void> {
    await Promise.all([this.#reading, this.#working]);
    await this.#writing;
  }

  /**
   * Waits until the table has a message, which the consumer copies a moment after its publish.
   *
   * @returns Whether it has it; false after the time.
   * @throws {@link GaleError} `ROOM_UNAVAILABLE`.
   */
  async waitFor(roomId: string, seq: number, forMs: number = 2000): Promise<boolean> {
    const until = performance.now() + forMs;
    for (;;) {
      const room = await this.#database.tables
        .selectFrom('room')
        .select('topSeq')
        .where('id', '=', roomId)
        .executeTakeFirst();
      if (!room || performance.now() >= until) return false;
      if (room.topSeq >= seq) return true;
      await delay(waitStepMs);
    }
  }

  async #readForever(): Promise<void> {
    const consumer = this.#rooms.consumer(historyConsumer);
    while (!this.#isClosing) {
      try {
        for await (const batch of consumer) await this.#gather(batch);
      } catch (error) {
        if (error instanceof GaleError && error.code === 'ROOM_CONSUMER_LOST') {
          this.#log.info({ consumer: historyConsumer }, 'Another server copies the history now');
        } else this.#log.error({ err: error }, 'The copy of the history stopped; it starts again');
      }
      await this.#pause(minRetryMs);
    }
  }

  /** Adds a batch to the next transaction. Waits while that has enough. */
  async #gather(batch: ConsumerBatch<MessageData>): Promise<void> {
    this.#gathered.push(batch);
    this.#gatheredMessages += batch.messages.length;
    this.#writing ??= this.#writeGathered().finally(() => (this.#writing = undefined));
    if (this.#gatheredMessages >= maxMessages) await this.#writing;
  }

  async #writeGathered(): Promise<void> {
    await delay(gatherMs);
    while (this.#gathered.length > 0) {
      const batches = this.#gathered;
      this.#gathered = [];
      this.#gatheredMessages = 0;
      await this.#writeUntilDone(batches);
    }
  }

  /** Writes batches and saves their positions, until it succeeds. When the rooms close, a failure ends it: the next start gets them again. */
  async #writeUntilDone(batches: readonly ConsumerBatch<MessageData>[]): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#write(batches);
        // The last batch of a room saves all before it.
        const last = new Map(batches.map((batch) => [batch.room, batch]));
        await Promise.all([...last.values()].map((batch) => batch.save()));
        if (attempt > 0) this.#log.info({ attempts: attempt + 1 }, 'The history is copied again');
        return;
      } catch (error) {
        if (error instanceof GaleError && error.code === 'ROOM_CONSUMER_LOST') return;
        if (attempt === 0 && isUnavailable(error)) {
          this.#log.warn({ err: error }, 'Messages could not be copied into the history; they wait in their rooms');
        } else if (!isUnavailable(error)) {
          this.#log.error(
            { err: error },
            'Messages could not be copied into the history because of an unexpected error; retrying',
          );
        }
      }
      if (this.#isClosing) return;
      await this.#pause(Math.min(maxRetryMs, minRetryMs * 2 ** Math.min(attempt, 10)));
    }
  }

  async #write(batches: readonly HistoryBatch[]): Promise<void> {
    for (const { room, epoch, segments, isBegun } of await writeHistory(this.#database, batches)) {
      if (isBegun && !this.#isClosing) await this.#noteBegun(room);
      if (!segments) continue;
      const signal: SegmentsSignal = { type: 'segments', epoch, segments };
      this.#rooms.signal(room, signal).catch((error: unknown) => {
        // A page asks again when it needs the numbers.
        this.#log.warn({ err: error, room }, 'The numbers of messages could not be sent to open pages');
      });
    }
  }

  async #noteBegun(room: string): Promise<void> {
    try {
      await this.#onBegun?.(room);
    } catch (error) {
      // Windows see it when they reconnect.
      if (!this.#isClosing)
        this.#log.warn({ err: error, room }, 'A new direct conversation could not be shown to its people');
    }
  }

  /** Does the duties while this server has the consumer. */
  async #workForever(): Promise<void> {
    const consumer = this.#rooms.consumer(historyConsumer);
    let nextAt = -Infinity;
    let hasCompared = false;
    for (; !this.#isClosing; await this.#pause(lookMs)) {
      if (!consumer.isOwned) {
        nextAt = -Infinity;
        hasCompared = false;
        continue;
      }
      if (performance.now() < nextAt) continue;
      if (!hasCompared) hasCompared = await this.#do(() => this.#copyUncopied());
      for (const duty of this.#duties) await this.#do(duty);
      nextAt = performance.now() + this.#dutyMs;
    }
  }

  async #do(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!this.#isClosing) this.#log.warn({ err: error }, 'Regular work on the history failed; it is repeated later');
      return false;
    }
  }

  /** Copies what streams keep and the table has not, although it was saved: messages of an earlier version, or of a restored database. */
  async #copyUncopied(): Promise<void> {
    for await (const batch of findUncopied(this.#database, this.#rooms)) {
      if (this.#isClosing) return;
      await this.#write([batch]);
    }
  }

  get #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#closing.signal }).catch(() => {});
  }
}
