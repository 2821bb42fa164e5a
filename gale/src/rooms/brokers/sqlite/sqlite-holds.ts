/**
 * What consumers have saved, in an SQLite database. Runs in the writing thread of the broker, as a part of {@link SqliteStore}.
 * Saved offsets are cursors, so a new epoch moves them.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { prepareRows, type RowStatement } from '../../../stores/sqlite-rows.ts';
import type { HeldRooms, Hold } from '../../broker.ts';
import type { Position } from '../../stream.ts';
import { cursorOf, isAhead, isFull } from '../holds.ts';

/** The stream of a room. */
interface HeldStream {
  readonly key: number;
  readonly epoch: string;
  readonly top: number;
}

/** A consumer in a room to which the transaction has added messages. */
interface HeldState {
  readonly consumer: string;
  /** Offset that was saved. */
  readonly saved: number;
  /** Whether an amendment is not saved, so that nothing is trimmed. */
  readonly isAmended: boolean;
  /** Offset of the oldest message at the start of the transaction. */
  readonly first: number;
  /** Size of the messages after `saved`. */
  bytes: number;
}

/** Rooms in a page. */
const pageSize = 500;

/** Saved versions, and rooms with something to save. */
export class SqliteHolds {
  /** By room; see {@link finish}. */
  readonly #states = new Map<string, readonly HeldState[]>();
  readonly #oldest: RowStatement<{ readonly first: number | null }>;
  readonly #version: RowStatement<{ readonly version: number }>;
  readonly #bytes: RowStatement<{ readonly bytes: number }>;
  readonly #cursor: RowStatement<Position>;
  readonly #row: RowStatement<{ readonly epoch: string; readonly version: number }>;
  readonly #note: StatementSync;
  readonly #setVersion: StatementSync;
  readonly #forget: StatementSync;
  readonly #rooms: RowStatement<{ readonly room: string }>;

  constructor(database: DatabaseSync) {
    this.#oldest = prepareRows(database, 'SELECT min(offset) AS first FROM messages WHERE stream = ?');
    this.#version = prepareRows(database, 'SELECT version FROM streams WHERE key = ?');
    this.#bytes = prepareRows(
      database,
      'SELECT coalesce(sum(octet_length(entry)), 0) AS bytes FROM messages WHERE stream = ? AND offset > ?',
    );
    this.#cursor = prepareRows(database, 'SELECT epoch, offset FROM cursors WHERE person = ? AND room = ?');
    this.#row = prepareRows(database, 'SELECT epoch, version FROM holds WHERE consumer = ? AND room = ?');
    this.#note = database.prepare(
      `INSERT INTO holds (consumer, room, epoch, version, unsaved) VALUES (?, ?, '', 0, 1)
       ON CONFLICT DO UPDATE SET unsaved = 1 WHERE unsaved = 0`,
    );
    this.#setVersion = database.prepare(
      `INSERT INTO holds (consumer, room, epoch, version, unsaved) VALUES (?, ?, ?, ?, 1)
       ON CONFLICT DO UPDATE SET epoch = excluded.epoch, version = excluded.version`,
    );
    this.#forget = database.prepare('UPDATE holds SET unsaved = 0 WHERE consumer = ? AND room = ? AND unsaved = 1');
    this.#rooms = prepareRows(
      database,
      `SELECT room FROM holds WHERE consumer = ? AND unsaved = 1 AND room > ? ORDER BY room LIMIT ${pageSize}`,
    );
  }

  /** The consumer that an entry would be too far ahead of. */
  findAhead(room: string, stream: HeldStream, hold: Hold, bytes: number, historyCount: number): string | undefined {
    return this.#statesOf(room, stream, hold).find(
      (state) =>
        isFull(hold, state.isAmended, stream.top - state.first + 1, historyCount) ||
        isAhead(hold, stream.top - state.saved, state.bytes, bytes),
    )?.consumer;
  }

  /** Counts an entry that was added. @returns How many messages to keep. */
  add(room: string, stream: HeldStream, hold: Hold, bytes: number, historyCount: number): number {
    const top = stream.top + 1;
    const counts = this.#statesOf(room, stream, hold).map((state) => {
      state.bytes += bytes;
      return top - (state.isAmended ? state.first - 1 : state.saved);
    });
    return Math.max(historyCount, ...counts);
  }

  /** Adds a room with something to save. */
  note(room: string, consumers: readonly string[]): void {
    for (const consumer of consumers) this.#note.run(consumer, room);
  }

  /** Writes what the publishes of this transaction left for its end. */
  finish(): void {
    for (const [room, states] of this.#states) {
      const consumers = states.map(({ consumer }) => consumer);
      this.note(room, consumers);
    }
    this.#states.clear();
  }

  /** Forgets a transaction that was rolled back. */
  discard(): void {
    this.#states.clear();
  }

  /** What a consumer saved in the current epoch. */
  savedIn(consumer: string, room: string, stream: HeldStream): { offset: number; version: number } {
    const before = (this.#oldest.get(stream.key)?.first ?? stream.top + 1) - 1;
    const cursor = this.#cursor.get(cursorOf(consumer), room);
    const row = this.#row.get(consumer, room);
    return {
      offset: cursor?.epoch === stream.epoch ? Math.min(stream.top, Math.max(before, cursor.offset)) : before,
      version: row?.epoch === stream.epoch ? row.version : 0,
    };
  }

  /** Saves a version, and removes the room from those with something to save if that was all. */
  saveVersion(consumer: string, room: string, stream: HeldStream, version: number): void {
    const before = this.savedIn(consumer, room, stream);
    if (version > before.version) this.#setVersion.run(consumer, room, stream.epoch, version);
    this.forget(consumer, room, stream);
  }

  /** Removes a room from those with something to save, if everything is saved. */
  forget(consumer: string, room: string, stream: HeldStream): void {
    const { offset, version } = this.savedIn(consumer, room, stream);
    if (offset >= stream.top && version >= this.#versionOf(stream)) this.#forget.run(consumer, room);
  }

  rooms(consumer: string, from: string): HeldRooms {
    const rooms = this.#rooms.all(consumer, from).map(({ room }) => room);
    return { rooms, next: rooms.length < pageSize ? undefined : rooms.at(-1) };
  }

  #versionOf({ key }: HeldStream): number {
    return this.#version.get(key)?.version ?? 0;
  }

  #statesOf(room: string, stream: HeldStream, { consumers }: Hold): readonly HeldState[] {
    let states = this.#states.get(room);
    if (!states) {
      const first = this.#oldest.get(stream.key)?.first ?? stream.top + 1;
      const version = this.#versionOf(stream);
      states = consumers.map((consumer) => {
        const saved = this.savedIn(consumer, room, stream);
        const bytes = saved.offset < stream.top ? (this.#bytes.get(stream.key, saved.offset)?.bytes ?? 0) : 0;
        return { consumer, saved: saved.offset, isAmended: saved.version < version, first, bytes };
      });
      this.#states.set(room, states);
    }
    return states;
  }
}
