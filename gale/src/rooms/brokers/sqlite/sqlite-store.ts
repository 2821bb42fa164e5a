/**
 * Streams and cursors in an SQLite database. Runs in the writing thread of the broker, whose caller begins and commits transactions.
 * Message ids are in {@link SqliteSentIds}. Messages are read by sqlite-reads.ts.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { prepareRows, type RowStatement } from '../../../stores/sqlite-rows.ts';
import type { PublishOptions } from '../../broker.ts';
import type { Position, Published, StreamHead } from '../../stream.ts';
import { createEpoch, unstoredEpoch } from '../epoch.ts';
import { furtherOf } from '../memory/memory-cursors.ts';
import { mayBeDropped } from '../publish-unknown.ts';
import { RemovedRooms } from '../removed-rooms.ts';
import { SqliteSentIds } from './sqlite-sent-ids.ts';

interface StreamRow {
  readonly key: number;
  readonly epoch: string;
  readonly top: number;
}

/** The operations of the broker that write the file. */
export class SqliteStore {
  /** Milliseconds since 1970, set by the caller before each call. */
  now = 0;
  /** False while the file refuses writes. A room without a stream then has an empty stream that is not stored. */
  makesStreams = true;
  readonly #removed = new RemovedRooms();
  readonly #find: RowStatement<StreamRow>;
  readonly #make: StatementSync;
  readonly #drop: StatementSync;
  readonly #raise: StatementSync;
  readonly #add: StatementSync;
  readonly #trim: StatementSync;
  readonly #oldest: RowStatement<{ readonly first: number | null }>;
  readonly #sentIds: SqliteSentIds;
  readonly #cursor: RowStatement<Position>;
  readonly #cursors: RowStatement<Position & { readonly room: string }>;
  readonly #setCursor: StatementSync;
  readonly #dropCursor: StatementSync;
  readonly #setHealth: StatementSync;
  readonly #health: RowStatement<{ readonly checked: number }>;

  constructor(database: DatabaseSync) {
    this.#find = prepareRows(database, 'SELECT key, epoch, top FROM streams WHERE room = ?');
    this.#make = database.prepare('INSERT INTO streams (room, epoch, top) VALUES (?, ?, 0)');
    this.#drop = database.prepare('DELETE FROM streams WHERE key = ?');
    this.#raise = database.prepare('UPDATE streams SET top = ? WHERE key = ?');
    this.#add = database.prepare('INSERT INTO messages (stream, offset, time, entry) VALUES (?, ?, ?, ?)');
    this.#trim = database.prepare('DELETE FROM messages WHERE stream = ? AND offset <= ?');
    this.#oldest = prepareRows(database, 'SELECT min(offset) AS first FROM messages WHERE stream = ?');
    this.#sentIds = new SqliteSentIds(database);
    this.#cursor = prepareRows(database, 'SELECT epoch, offset FROM cursors WHERE person = ? AND room = ?');
    this.#cursors = prepareRows(
      database,
      `SELECT room, epoch, offset FROM cursors WHERE person = ? AND room IN (SELECT value FROM json_each(?))`,
    );
    this.#setCursor = database.prepare('INSERT OR REPLACE INTO cursors VALUES (?, ?, ?, ?)');
    this.#dropCursor = database.prepare('DELETE FROM cursors WHERE person = ? AND room = ?');
    this.#setHealth = database.prepare('INSERT OR REPLACE INTO health VALUES (1, ?)');
    this.#health = prepareRows(database, 'SELECT checked FROM health');
  }

  /**
   * Stores the text of an entry, unless its author and id are known.
   *
   * @returns Its position; `unknown` for a refused retry.
   */
  publish(
    room: string,
    author: string,
    id: string,
    text: string,
    options: PublishOptions,
  ): Published | 'removed' | 'unknown' {
    if (this.#removed.has(room, this.now)) return 'removed';
    const { key, epoch, top } = this.#streamOf(room);
    const { historyCount, dedupeCount, retry = false } = options;
    const sent = this.#sentIds.find({ stream: key, author, id, top, now: this.now }, options);
    if (sent.before) return { epoch, ...sent.before, repeated: true };
    const dropped = retry && this.#sentIds.newestDropped(sent, dedupeCount);
    if (dropped && mayBeDropped(dropped, epoch, this.now, options)) return 'unknown';
    const offset = top + 1;
    const time = this.now;
    this.#add.run(key, offset, time, text);
    this.#raise.run(offset, key);
    this.#trim.run(key, offset - historyCount);
    this.#sentIds.add(sent, { offset, time }, options);
    return { epoch, offset, time, repeated: false };
  }

  /** The bounds of streams. Creates missing streams. */
  heads(rooms: readonly string[]): Map<string, StreamHead> {
    return new Map(rooms.map((room) => [room, this.#headOf(this.#streamOf(room))]));
  }

  /** @returns Whether the stream had this epoch. */
  renewEpoch(room: string, epoch: string): boolean {
    const stream = this.#find.get(room);
    if (stream?.epoch !== epoch) return false;
    this.#trim.run(stream.key, stream.top);
    this.#drop.run(stream.key);
    this.#make.run(room, createEpoch());
    return true;
  }

  /** @returns Whether the stream is removed; false if it has or had messages. */
  removeEmpty(room: string): boolean {
    const stream = this.#find.get(room);
    if (stream && stream.top > 0) return false;
    if (stream) this.#drop.run(stream.key);
    this.#removed.add(room, this.now);
    return true;
  }

  getCursors(person: string, rooms: readonly string[]): Map<string, Position> {
    const rows = this.#cursors.all(person, JSON.stringify(rooms));
    return new Map(rows.map(({ room, epoch, offset }) => [room, { epoch, offset }]));
  }

  advanceCursor(room: string, person: string, position: Position): Position {
    const stream = this.#find.get(room);
    const before = this.#cursorOf(person, room);
    const cursor = furtherOf(before, position, stream?.epoch);
    if (cursor !== before) this.#setCursor.run(person, room, cursor.epoch, cursor.offset);
    return cursor;
  }

  deleteCursor(room: string, person: string): void {
    this.#dropCursor.run(person, room);
  }

  /** Writes and reads the row for checks. */
  check(): void {
    this.#setHealth.run(this.now);
    const checked = this.#health.get()?.checked;
    if (checked !== this.now) throw new Error(`A check must read ${this.now}; got ${checked}.`);
  }

  /** Removes some expired message ids, so that no single transaction removes many. */
  prune(most: number): void {
    this.#sentIds.prune(this.now, most);
  }

  #headOf({ key, epoch, top }: StreamRow): StreamHead {
    return { epoch, top, first: this.#oldest.get(key)?.first ?? top + 1 };
  }

  #streamOf(room: string): StreamRow {
    const stream = this.#find.get(room);
    if (stream) return stream;
    if (!this.makesStreams || this.#removed.has(room, this.now)) return { key: 0, epoch: unstoredEpoch, top: 0 };
    const epoch = createEpoch();
    return { key: Number(this.#make.run(room, epoch).lastInsertRowid), epoch, top: 0 };
  }

  #cursorOf(person: string, room: string): Position | undefined {
    const cursor = this.#cursor.get(person, room);
    return cursor && { epoch: cursor.epoch, offset: cursor.offset };
  }
}
