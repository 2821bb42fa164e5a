/**
 * Streams and cursors in an SQLite database. Runs in the writing thread of the broker, whose caller begins and commits transactions.
 * Message ids are in {@link SqliteSentIds}. Messages are read by sqlite-reads.ts.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { prepareRows, type RowStatement } from '../../../stores/sqlite-rows.ts';
import type { HeldRooms, Hold, PublishOptions } from '../../broker.ts';
import { isPartOf, lifeAt, parseLives, recordLife, toLivesText } from '../../lives.ts';
import type { StreamTop } from '../../lives.ts';
import type { Amendment, Position, Published, StreamHead } from '../../stream.ts';
import type { AmendReply } from '../amendments.ts';
import { amendText, toEntryBeginning } from '../entry-text.ts';
import { createEpoch, unstoredEpoch } from '../epoch.ts';
import { furtherOf } from '../memory/memory-cursors.ts';
import { mayBeDropped } from '../publish-unknown.ts';
import { cursorOf } from '../holds.ts';
import { RemovedRooms } from '../removed-rooms.ts';
import { SqliteHolds } from './sqlite-holds.ts';
import { SqliteSentIds } from './sqlite-sent-ids.ts';

interface StreamRow {
  readonly key: number;
  readonly epoch: string;
  readonly top: number;
  readonly lives: string;
  readonly version: number;
}

interface MessageRow {
  readonly time: number;
  readonly entry: string;
  readonly version: number;
  readonly amended: number;
}

/** A stream to which the transaction has added messages. */
interface RaisedStream {
  readonly key: number;
  readonly epoch: string;
  top: number;
  lives: string;
  /** Messages up to this offset are no longer kept. */
  trimmed: number;
}

/** A cursor moves by `- :first + 1`, and to `:count` at most; see {@link SqliteStore.renewEpoch}. */
const moveCursors = `UPDATE cursors SET epoch = :to, offset = min(offset - :first + 1, :count)
  WHERE room = :room AND epoch = :from AND offset >= :first - 1`;

/** The operations of the broker that write the file. */
export class SqliteStore {
  /** Milliseconds since 1970, set by the caller before each call. */
  now = 0;
  /** False while the file refuses writes. A room without a stream then has an empty stream that is not stored. */
  makesStreams = true;
  readonly #life: string;
  readonly #removed = new RemovedRooms();
  /** By room. Their heads are written and their old messages removed once, by {@link finish}. */
  readonly #raised = new Map<string, RaisedStream>();
  readonly #find: RowStatement<StreamRow>;
  readonly #make: StatementSync;
  readonly #drop: StatementSync;
  readonly #raise: StatementSync;
  readonly #moveMessages: StatementSync;
  readonly #moveCursors: StatementSync;
  readonly #add: StatementSync;
  readonly #message: RowStatement<MessageRow>;
  readonly #amend: StatementSync;
  readonly #setVersion: StatementSync;
  readonly #trim: StatementSync;
  readonly #oldest: RowStatement<{ readonly first: number | null }>;
  readonly #sentIds: SqliteSentIds;
  readonly #holds: SqliteHolds;
  readonly #cursor: RowStatement<Position>;
  readonly #cursors: RowStatement<Position & { readonly room: string }>;
  readonly #setCursor: StatementSync;
  readonly #dropCursor: StatementSync;
  readonly #setHealth: StatementSync;
  readonly #health: RowStatement<{ readonly checked: number }>;

  /** @param life - Name of the current life of the file. */
  constructor(database: DatabaseSync, life: string) {
    this.#life = life;
    this.#find = prepareRows(database, 'SELECT key, epoch, top, lives, version FROM streams WHERE room = ?');
    this.#make = database.prepare('INSERT INTO streams (room, epoch, top, lives, version) VALUES (?, ?, ?, ?, ?)');
    this.#drop = database.prepare('DELETE FROM streams WHERE key = ?');
    this.#raise = database.prepare('UPDATE streams SET top = ?, lives = ? WHERE key = ?');
    this.#moveMessages = database.prepare('UPDATE messages SET stream = ?, offset = offset - ? WHERE stream = ?');
    this.#moveCursors = database.prepare(moveCursors);
    this.#add = database.prepare('INSERT INTO messages (stream, offset, time, entry) VALUES (?, ?, ?, ?)');
    this.#message = prepareRows(
      database,
      'SELECT time, entry, version, amended FROM messages WHERE stream = ? AND offset = ?',
    );
    this.#amend = database.prepare(
      'UPDATE messages SET entry = ?, version = ?, amended = ? WHERE stream = ? AND offset = ?',
    );
    this.#setVersion = database.prepare('UPDATE streams SET version = ? WHERE key = ?');
    this.#trim = database.prepare('DELETE FROM messages WHERE stream = ? AND offset <= ?');
    this.#oldest = prepareRows(database, 'SELECT min(offset) AS first FROM messages WHERE stream = ?');
    this.#sentIds = new SqliteSentIds(database);
    this.#holds = new SqliteHolds(database);
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
   * @returns Its position; `unknown` for a refused retry; the name of a consumer that it would be too far ahead of.
   */
  publish(
    room: string,
    author: string,
    id: string,
    text: string,
    options: PublishOptions,
  ): Published | 'removed' | 'unknown' | { readonly ahead: string } {
    if (this.#removed.has(room, this.now)) return 'removed';
    const stream = this.#raised.get(room) ?? this.#streamOf(room);
    const { key, epoch, top } = stream;
    const { historyCount, dedupeCount, retry = false, hold } = options;
    const sent = this.#sentIds.find({ stream: key, author, id, top, now: this.now }, options);
    if (sent.before) {
      const { offset, time } = sent.before;
      return { epoch, offset, life: lifeAt(parseLives(stream.lives), offset), time, repeated: true };
    }
    const dropped = retry && this.#sentIds.newestDropped(sent, dedupeCount);
    if (dropped && mayBeDropped(dropped, toTop(stream), this.now, options)) return 'unknown';
    const bytes = hold ? Buffer.byteLength(text) : 0;
    const ahead = hold && this.#holds.findAhead(room, { key, epoch, top }, hold, bytes, historyCount);
    if (ahead !== undefined) return { ahead };
    const offset = top + 1;
    const time = this.now;
    const keepCount = hold ? this.#holds.add(room, { key, epoch, top }, hold, bytes, historyCount) : historyCount;
    this.#add.run(key, offset, time, text);
    this.#raiseTo(offset, room, stream, keepCount);
    this.#sentIds.add(sent, { offset, time }, options);
    return { epoch, offset, life: this.#life, time, repeated: false };
  }

  /** Writes what the publishes of this transaction left for its end. Call it before the commit. */
  finish(): void {
    for (const { key, top, lives, trimmed } of this.#raised.values()) {
      this.#raise.run(top, lives, key);
      if (trimmed > 0) this.#trim.run(key, trimmed);
    }
    this.#raised.clear();
    this.#holds.finish();
    this.#sentIds.finish();
  }

  /** Forgets a transaction that was rolled back. */
  discard(): void {
    this.#raised.clear();
    this.#holds.discard();
    this.#sentIds.discard();
  }

  /** Replaces the data of a message by that of `dataText`. */
  amend(
    room: string,
    { author, id, version: given }: Omit<Amendment, 'data'>,
    dataText: string,
    hold?: Hold,
  ): { readonly reply: AmendReply; readonly text?: string; readonly sent?: number } {
    this.finish();
    const stream = this.#find.get(room);
    const offset = stream && this.#sentIds.offsetOf(stream.key, author, id);
    if (!stream || offset === undefined) return { reply: { refused: 'gone' } };
    const row = this.#message.get(stream.key, offset);
    if (!row?.entry.startsWith(toEntryBeginning({ id, author: { id: author } }))) return { reply: { refused: 'gone' } };
    const { entry, version, amended } = row;
    const position = { epoch: stream.epoch, offset, life: lifeAt(parseLives(stream.lives), offset) };
    const text = amendText(entry, dataText);
    if (text === entry) return { reply: { ...position, version, time: amended || row.time, repeated: true } };
    if (given !== undefined && given !== version) return { reply: { refused: 'conflict', version } };
    const next = stream.version + 1;
    this.#setVersion.run(next, stream.key);
    this.#amend.run(text, next, this.now, stream.key, offset);
    if (hold) this.#holds.note(room, hold.consumers);
    return { reply: { ...position, version: next, time: this.now, repeated: false }, text, sent: row.time };
  }

  /** The bounds of streams. Creates missing streams. */
  heads(rooms: readonly string[]): Map<string, StreamHead> {
    this.finish();
    return new Map(rooms.map((room) => [room, this.#headOf(this.#streamOf(room))]));
  }

  /** Moves the kept messages to a new epoch, with their ids and cursors. @returns Whether the stream had this epoch. */
  renewEpoch(room: string, epoch: string): boolean {
    this.finish();
    const stream = this.#find.get(room);
    if (stream?.epoch !== epoch) return false;
    const { first, top } = this.#headOf(stream);
    const count = top - first + 1;
    const to = createEpoch();
    this.#drop.run(stream.key);
    const key = Number(
      this.#make.run(room, to, count, count > 0 ? `${this.#life} 1` : '', stream.version).lastInsertRowid,
    );
    if (count === 0) return true;
    this.#moveMessages.run(key, first - 1, stream.key);
    this.#sentIds.move(stream.key, key, first - 1);
    this.#moveCursors.run({ to, first, count, room, from: epoch });
    return true;
  }

  /** @returns Whether the stream is removed; false if it has or had messages. */
  removeEmpty(room: string): boolean {
    this.finish();
    const stream = this.#find.get(room);
    if (stream && stream.top > 0) return false;
    if (stream) this.#drop.run(stream.key);
    this.#removed.add(room, this.now);
    return true;
  }

  /** Removes a stream with its messages. */
  remove(room: string): void {
    this.finish();
    const stream = this.#find.get(room);
    if (stream) {
      this.#trim.run(stream.key, stream.top);
      this.#drop.run(stream.key);
    }
    this.#removed.add(room, this.now);
  }

  getCursors(person: string, rooms: readonly string[]): Map<string, Position> {
    const rows = this.#cursors.all(person, JSON.stringify(rooms));
    return new Map(rows.map(({ room, epoch, offset }) => [room, { epoch, offset }]));
  }

  advanceCursor(room: string, person: string, position: Position): Position | undefined {
    const stream = this.#raised.get(room) ?? this.#find.get(room);
    const before = this.#cursorOf(person, room);
    const cursor = furtherOf(before, position, stream && toTop(stream));
    if (cursor && cursor !== before) this.#setCursor.run(person, room, cursor.epoch, cursor.offset);
    return cursor;
  }

  deleteCursor(room: string, person: string): void {
    this.#dropCursor.run(person, room);
  }

  /** What a consumer saved in a room. */
  savedHold(consumer: string, room: string): Position {
    this.finish();
    const stream = this.#streamOf(room);
    return { epoch: stream.epoch, ...this.#holds.savedIn(consumer, room, stream) };
  }

  /** Saves a position of a consumer, if it is part of the stream. */
  saveHold(consumer: string, room: string, position: Position): void {
    this.finish();
    const stream = this.#find.get(room);
    if (!stream || !isPartOf(toTop(stream), position)) return;
    this.advanceCursor(room, cursorOf(consumer), position);
    this.#holds.saveVersion(consumer, room, stream, position.version ?? 0);
  }

  /** Removes a room from those with something to save, if everything is saved. */
  forgetHold(consumer: string, room: string): void {
    this.finish();
    this.#holds.forget(consumer, room, this.#streamOf(room));
  }

  /** A page of the rooms with something to save, after a room. */
  heldRooms(consumer: string, after: string): HeldRooms {
    this.finish();
    return this.#holds.rooms(consumer, after);
  }

  /** Writes and reads the row for checks. */
  check(): void {
    this.#setHealth.run(this.now);
    const checked = this.#health.get()?.checked;
    if (checked !== this.now) throw new Error(`A check must read ${this.now}; got ${checked}.`);
  }

  /** Removes some expired message ids, so that no single transaction removes many. */
  prune(most: number): void {
    this.finish();
    this.#sentIds.prune(this.now, most);
  }

  #raiseTo(offset: number, room: string, stream: StreamRow | RaisedStream, historyCount: number): void {
    let raised = this.#raised.get(room);
    if (!raised) {
      const { key, epoch, lives } = stream;
      this.#raised.set(room, (raised = { key, epoch, top: offset, lives, trimmed: 0 }));
    }
    raised.top = offset;
    raised.trimmed = Math.max(raised.trimmed, offset - historyCount);
    if (raised.lives.startsWith(`${this.#life} `)) return;
    raised.lives = toLivesText(recordLife(parseLives(raised.lives), this.#life, offset));
  }

  #headOf(stream: StreamRow): StreamHead {
    return { ...toTop(stream), first: this.#oldest.get(stream.key)?.first ?? stream.top + 1 };
  }

  #streamOf(room: string): StreamRow {
    const stream = this.#find.get(room);
    if (stream) return stream;
    if (!this.makesStreams || this.#removed.has(room, this.now))
      return { key: 0, epoch: unstoredEpoch, top: 0, lives: '', version: 0 };
    const epoch = createEpoch();
    return { key: Number(this.#make.run(room, epoch, 0, '', 0).lastInsertRowid), epoch, top: 0, lives: '', version: 0 };
  }

  #cursorOf(person: string, room: string): Position | undefined {
    const cursor = this.#cursor.get(person, room);
    return cursor && { epoch: cursor.epoch, offset: cursor.offset };
  }
}

function toTop({
  epoch,
  top,
  lives,
  version = 0,
}: Omit<RaisedStream, 'key' | 'trimmed'> & { version?: number }): StreamTop {
  const stream = { epoch, top, lives: parseLives(lives) };
  return version === 0 ? stream : { ...stream, version };
}
