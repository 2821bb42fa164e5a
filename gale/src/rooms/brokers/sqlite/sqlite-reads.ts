/**
 * Reads of streams in an SQLite database, over a connection of their own. Runs in the reading thread of the broker.
 * A room without a stream has no result, since only the writing thread creates streams.
 */
import type { DatabaseSync } from 'node:sqlite';
import { prepareRows, type RowStatement } from '../../../stores/sqlite-rows.ts';
import type { ReadLimit } from '../../broker.ts';
import { parseLives } from '../../lives.ts';
import type { StreamHead } from '../../stream.ts';

/** A page with its entries as text, for the main thread to parse. */
export interface TextPage extends StreamHead {
  readonly rows: readonly TextRow[];
  readonly bytes: number;
}

type TextRow = readonly [offset: number, time: number, text: string, bytes: number, version: number, amended: number];

interface HeadRow extends Omit<StreamHead, 'lives' | 'version'> {
  readonly key: number;
  readonly room: string;
  readonly lives: string;
  readonly version: number;
}

const headColumns =
  'key, room, epoch, top, lives, version, coalesce((SELECT min(offset) FROM messages WHERE stream = key), top + 1) AS first';

/** Reads, each of one consistent state of the file. */
export class SqliteReads {
  readonly #database: DatabaseSync;
  readonly #head: RowStatement<HeadRow>;
  readonly #heads: RowStatement<HeadRow>;
  readonly #page: RowStatement<TextRow>;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#head = prepareRows(database, `SELECT ${headColumns} FROM streams WHERE room = ?`);
    this.#heads = prepareRows(
      database,
      `SELECT ${headColumns} FROM streams WHERE room IN (SELECT value FROM json_each(?))`,
    );
    this.#page = prepareRows(
      database,
      `SELECT offset, time, entry, octet_length(entry), version, amended FROM messages
       WHERE stream = ? AND offset > ? ORDER BY offset LIMIT ?`,
    );
    this.#page.setReturnArrays(true);
  }

  /** @returns Undefined if the room has no stream. */
  read(room: string, after: number, limit: ReadLimit): TextPage | undefined {
    this.#database.exec('BEGIN');
    try {
      const found = this.#head.get(room);
      return found && { ...toHead(found), ...this.#rowsOf(found.key, after, limit) };
    } finally {
      this.#database.exec('COMMIT');
    }
  }

  /** @returns The bounds of those rooms that have a stream. */
  heads(rooms: readonly string[]): Map<string, StreamHead> {
    const found = this.#heads.all(JSON.stringify(rooms));
    return new Map(found.map((row) => [row.room, toHead(row)]));
  }

  #rowsOf(key: number, after: number, limit: ReadLimit): Pick<TextPage, 'rows' | 'bytes'> {
    const rows: TextRow[] = [];
    let bytes = 0;
    // One row at a time, so that rows past the limit are not loaded.
    for (const row of this.#page.iterate(key, after, limit.count)) {
      if (rows.length > 0 && bytes + row[3] > limit.bytes) break;
      bytes += row[3];
      rows.push(row);
    }
    return { rows, bytes };
  }
}

function toHead({ epoch, top, first, lives, version }: HeadRow): StreamHead {
  const head = { epoch, top, first, lives: parseLives(lives) };
  return version === 0 ? head : { ...head, version };
}
