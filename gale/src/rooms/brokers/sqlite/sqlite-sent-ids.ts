/**
 * Remembered message ids in an SQLite database: for each author in each stream the newest ids, and those of kept messages.
 * Part of {@link SqliteStore}; runs inside its transactions. A row has at most 40 bytes.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { prepareRows, type RowStatement } from '../../../stores/sqlite-rows.ts';
import type { PublishOptions } from '../../broker.ts';
import { toHashNumber } from '../message-hash.ts';
import type { SentId } from '../sent-ids.ts';

/** A message to publish. */
export interface ToSend {
  /** Key of the stream. */
  readonly stream: number;
  readonly author: string;
  readonly id: string;
  /** Offset of the stream's newest message. */
  readonly top: number;
  readonly now: number;
}

/** What is known of the sender and the id of a message. */
export interface Sent {
  readonly stream: number;
  readonly author: string;
  readonly hash: number;
  /** Undefined without remembered ids. */
  readonly sender: Sender | undefined;
  /** Where the same message was stored before, if known. */
  readonly before: SentId | undefined;
}

/** One author in one stream. */
interface Sender {
  readonly key: number;
  /** Messages so far. */
  sent: number;
  /** The newest id that was removed because of `dedupeCount`. */
  dropped: SentId;
  /** Whether `sent` is not written yet. */
  isAhead: boolean;
}

interface SenderRow {
  readonly key: number;
  readonly sent: number;
  readonly lostOffset: number;
  readonly lostTime: number;
}

interface IdRow extends SentId {
  readonly number: number;
}

/** Nulls if no id was dropped. */
interface DroppedRow {
  readonly offset: number | null;
  readonly time: number | null;
}

interface DueRow {
  readonly key: number;
  /** Null if the stream was replaced by a new epoch. */
  readonly top: number | null;
}

/** Least time between two checks of a sender for old ids, in milliseconds. */
const leastDueMs = 1000;

/** Remembered ids. */
export class SqliteSentIds {
  readonly #findSender: RowStatement<SenderRow>;
  readonly #findId: RowStatement<IdRow>;
  readonly #newestDropped: RowStatement<DroppedRow>;
  readonly #addSender: StatementSync;
  readonly #count: StatementSync;
  readonly #add: StatementSync;
  readonly #drop: StatementSync;
  readonly #setLost: StatementSync;
  readonly #due: RowStatement<DueRow>;
  readonly #dropOld: StatementSync;
  readonly #hasAny: StatementSync;
  readonly #dropSender: StatementSync;
  readonly #putOff: StatementSync;
  readonly #dropBefore: StatementSync;
  readonly #moveIds: StatementSync;
  readonly #moveSenders: StatementSync;
  /** The senders of this transaction, by stream and author. What they sent is written once, by {@link finish}. */
  readonly #senders = new Map<string, Sender>();
  /** Options of the last publish. */
  #dedupeMs = 0;
  #historyCount = 0;

  constructor(database: DatabaseSync) {
    this.#findSender = prepareRows(
      database,
      `SELECT key, sent, lost_offset AS lostOffset, lost_time AS lostTime FROM senders WHERE stream = ? AND author = ?`,
    );
    this.#findId = prepareRows(database, 'SELECT offset, time, number FROM sent_ids WHERE sender = ? AND hash = ?');
    this.#newestDropped = prepareRows(
      database,
      'SELECT max(offset) AS offset, max(time) AS time FROM sent_ids WHERE sender = ? AND number <= ?',
    );
    this.#addSender = database.prepare(
      'INSERT INTO senders (stream, author, sent, lost_offset, lost_time, due) VALUES (?, ?, 1, 0, 0, ?)',
    );
    this.#count = database.prepare('UPDATE senders SET sent = ? WHERE key = ?');
    this.#add = database.prepare('INSERT OR REPLACE INTO sent_ids VALUES (?, ?, ?, ?, ?)');
    this.#drop = database.prepare('DELETE FROM sent_ids WHERE sender = ? AND number <= ? AND offset <= ?');
    this.#setLost = database.prepare(
      'UPDATE senders SET lost_offset = max(lost_offset, ?), lost_time = max(lost_time, ?) WHERE key = ?',
    );
    this.#due = prepareRows(
      database,
      `SELECT senders.key, top FROM senders LEFT JOIN streams ON streams.key = stream
         WHERE due <= ? ORDER BY due LIMIT 1`,
    );
    this.#dropOld = database.prepare('DELETE FROM sent_ids WHERE sender = ? AND time <= ? AND offset <= ?');
    this.#hasAny = database.prepare('SELECT 1 FROM sent_ids WHERE sender = ? LIMIT 1');
    this.#dropSender = database.prepare('DELETE FROM senders WHERE key = ?');
    this.#putOff = database.prepare('UPDATE senders SET due = ? WHERE key = ?');
    const ofStream = 'sender IN (SELECT key FROM senders WHERE stream = ?)';
    this.#dropBefore = database.prepare(`DELETE FROM sent_ids WHERE ${ofStream} AND offset <= ?`);
    this.#moveIds = database.prepare(`UPDATE sent_ids SET offset = offset - ?, number = 0 WHERE ${ofStream}`);
    this.#moveSenders = database.prepare(
      'UPDATE senders SET stream = ?, sent = 0, lost_offset = 0, lost_time = 0 WHERE stream = ?',
    );
  }

  /** Looks up a message. */
  find({ stream, author, id, top, now }: ToSend, { historyCount, dedupeMs, dedupeCount }: PublishOptions): Sent {
    this.#dedupeMs = dedupeMs;
    this.#historyCount = historyCount;
    const hash = toHashNumber(author, id);
    const sender = this.#senderOf(stream, author);
    const row = sender && this.#findId.get(sender.key, hash);
    if (!row) return { stream, author, hash, sender, before: undefined };
    const { offset, time, number } = row;
    const isKnown = offset > top - historyCount || (number > sender.sent - dedupeCount && time > now - dedupeMs);
    return { stream, author, hash, sender, before: isKnown ? { offset, time } : undefined };
  }

  /** Writes what the senders of this transaction sent. */
  finish(): void {
    for (const { key, sent, isAhead } of this.#senders.values()) if (isAhead) this.#count.run(sent, key);
    this.#senders.clear();
  }

  /** Forgets the senders of a transaction that was rolled back. */
  discard(): void {
    this.#senders.clear();
  }

  /** The offset of the newest message with an author and id. It may be trimmed. */
  offsetOf(stream: number, author: string, id: string): number | undefined {
    const sender = this.#senderOf(stream, author);
    return sender && this.#findId.get(sender.key, toHashNumber(author, id))?.offset;
  }

  /** The newest id of a sender that was dropped because of `dedupeCount`. */
  newestDropped({ sender }: Sent, dedupeCount: number): SentId | undefined {
    return !sender || sender.sent <= dedupeCount ? undefined : this.#newestDroppedOf(sender, sender.sent - dedupeCount);
  }

  /** Remembers the position of a message. */
  add({ stream, author, hash, sender }: Sent, { offset, time }: SentId, options: PublishOptions): void {
    const { historyCount, dedupeCount } = options;
    if (!sender) {
      const key = Number(this.#addSender.run(stream, author, this.#dueAfter(time)).lastInsertRowid);
      this.#senders.set(keyOf(stream, author), { key, sent: 1, dropped: { offset: 0, time: 0 }, isAhead: false });
      this.#add.run(key, hash, offset, time, 1);
      return;
    }
    const { key } = sender;
    const sent = (sender.sent += 1);
    sender.isAhead = true;
    this.#add.run(key, hash, offset, time, sent);
    // The search for ids to drop costs as much as there are ids, so it runs for many at once.
    const atOnce = Math.max(16, Math.ceil(Math.max(dedupeCount, historyCount) / 4));
    if (sent <= dedupeCount || sent % atOnce !== 0) return;
    const dropped = this.#newestDroppedOf(sender, sent - dedupeCount);
    sender.dropped = dropped;
    this.#setLost.run(dropped.offset, dropped.time, key);
    this.#drop.run(key, sent - dedupeCount, offset - historyCount);
  }

  /** Moves the ids of kept messages to another stream, by `shift` offsets back. Forgets all other ids. */
  move(from: number, to: number, shift: number): void {
    this.#dropBefore.run(from, shift);
    this.#moveIds.run(shift, from);
    this.#moveSenders.run(to, from);
  }

  /** Removes expired ids, about `most` rows. */
  prune(now: number, most: number): void {
    for (let removed = 0; removed < most; removed++) {
      const due = this.#due.get(now);
      if (!due) return;
      const { key, top } = due;
      const [since, below] =
        top === null ? [now, Number.MAX_SAFE_INTEGER] : [now - this.#dedupeMs, top - this.#historyCount];
      removed += Number(this.#dropOld.run(key, since, below).changes);
      if (this.#hasAny.get(key)) this.#putOff.run(this.#dueAfter(now), key);
      else this.#dropSender.run(key);
    }
  }

  #senderOf(stream: number, author: string): Sender | undefined {
    const key = keyOf(stream, author);
    const known = this.#senders.get(key);
    if (known) return known;
    const row = this.#findSender.get(stream, author);
    if (!row) return undefined;
    const dropped = { offset: row.lostOffset, time: row.lostTime };
    const sender = { key: row.key, sent: row.sent, dropped, isAhead: false };
    this.#senders.set(key, sender);
    return sender;
  }

  #newestDroppedOf({ key, dropped }: Sender, number: number): SentId {
    const row = this.#newestDropped.get(key, number);
    return {
      offset: Math.max(dropped.offset, row?.offset ?? 0),
      time: Math.max(dropped.time, row?.time ?? 0),
    };
  }

  #dueAfter(now: number): number {
    return now + Math.max(this.#dedupeMs, leastDueMs);
  }
}

function keyOf(stream: number, author: string): string {
  return `${stream} ${author}`;
}
