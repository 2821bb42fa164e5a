/**
 * Opens the file of the SQLite broker for one server, and migrates its tables to the current version.
 * Runs in the threads of the broker.
 */
import { DatabaseSync } from 'node:sqlite';
import { GaleError } from '../../../errors.ts';
import { earlyLife } from '../../lives.ts';
import { createLife } from '../epoch.ts';
import { toHashNumber } from '../message-hash.ts';
import { lockFileOf } from '../../../stores/sqlite-lock.ts';
import { upgradeDatabase } from '../../../stores/sqlite-version.ts';

/** Marks the file as a store of rooms: `Gale` in ASCII. */
const applicationId = 0x47616c65;

/**
 * Migrations: each element creates a version from the one before.
 *
 * A row of `streams` is one epoch of a room, `lives` as `toLivesText` writes it. A new epoch is a new row with a new key,
 * and rows with the old key are void. `version` counts the amendments of messages; a message that was never amended has version 0.
 *
 * A sender is one author in one stream, with a row of at most 40 bytes in `sent_ids` for each message id.
 * `number` counts the messages of the sender, so the newest `dedupeCount` ids are those above `sent - dedupeCount`.
 * `lost_offset` and `lost_time` belong to the newest id removed because of that count. `due` is the time to remove old ids.
 */
const versions: readonly string[] = [
  `CREATE TABLE streams (
     key INTEGER PRIMARY KEY AUTOINCREMENT, room TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL, top INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE messages (
     stream INTEGER NOT NULL, offset INTEGER NOT NULL, time INTEGER NOT NULL, entry TEXT NOT NULL,
     PRIMARY KEY (stream, offset)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE answers (
     stream INTEGER NOT NULL, author TEXT NOT NULL, id TEXT NOT NULL,
     offset INTEGER NOT NULL, time INTEGER NOT NULL, until INTEGER NOT NULL,
     PRIMARY KEY (stream, author, id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX answers_until ON answers (until);
   CREATE TABLE cursors (
     person TEXT NOT NULL, room TEXT NOT NULL, epoch TEXT NOT NULL, offset INTEGER NOT NULL,
     PRIMARY KEY (person, room)
   ) STRICT, WITHOUT ROWID;`,
  // One row, written and read by checks of the store.
  `CREATE TABLE health (key INTEGER PRIMARY KEY CHECK (key = 1), checked INTEGER NOT NULL) STRICT;`,

  // Versions 1 and 2 stored a response with the whole id for each message of 24 hours. The newest 256 ids of each author stay, and those of kept messages.
  `CREATE TABLE senders (
     key INTEGER PRIMARY KEY, stream INTEGER NOT NULL, author TEXT NOT NULL,
     sent INTEGER NOT NULL, lost_offset INTEGER NOT NULL, lost_time INTEGER NOT NULL, due INTEGER NOT NULL,
     UNIQUE (stream, author)
   ) STRICT;
   CREATE INDEX senders_due ON senders (due);
   CREATE TABLE sent_ids (
     sender INTEGER NOT NULL, hash INTEGER NOT NULL,
     offset INTEGER NOT NULL, time INTEGER NOT NULL, number INTEGER NOT NULL,
     PRIMARY KEY (sender, hash)
   ) STRICT, WITHOUT ROWID;
   CREATE TEMP TABLE known AS
     SELECT stream, author, id, offset, time,
       row_number() OVER (PARTITION BY stream, author ORDER BY offset) AS number,
       count(*) OVER (PARTITION BY stream, author) AS sent,
       EXISTS (SELECT 1 FROM messages WHERE messages.stream = ids.stream AND messages.offset = ids.offset) AS is_kept
     FROM (
       SELECT stream, author, id, offset, time FROM answers WHERE stream IN (SELECT key FROM streams)
       UNION
       SELECT stream, json_extract(entry, '$.author.id'), json_extract(entry, '$.id'), offset, time FROM messages
     ) AS ids;
   INSERT INTO senders (stream, author, sent, lost_offset, lost_time, due)
     SELECT stream, author, max(sent), max(iif(number <= sent - 256, offset, 0)), max(iif(number <= sent - 256, time, 0)),
       max(time) + 86400000
     FROM known GROUP BY stream, author;
   INSERT OR REPLACE INTO sent_ids
     SELECT senders.key, gale_hash(known.author, id), offset, time, number FROM known
     JOIN senders ON senders.stream = known.stream AND senders.author = known.author
     WHERE number > known.sent - 256 OR is_kept ORDER BY senders.key, number;
   DROP TABLE known;
   DROP TABLE answers;`,

  // Messages of earlier versions are in one life.
  `ALTER TABLE streams ADD COLUMN lives TEXT NOT NULL DEFAULT '';
   UPDATE streams SET lives = '${earlyLife} 1' WHERE top > 0;`,

  `ALTER TABLE streams ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE messages ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE messages ADD COLUMN amended INTEGER NOT NULL DEFAULT 0;`,

  // `epoch` and `version`: the amendments that a consumer has saved. `unsaved` is 1 if there may be something to save.
  `CREATE TABLE holds (
     consumer TEXT NOT NULL, room TEXT NOT NULL, epoch TEXT NOT NULL, version INTEGER NOT NULL, unsaved INTEGER NOT NULL,
     PRIMARY KEY (consumer, room)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX holds_unsaved ON holds (consumer, room) WHERE unsaved = 1;`,
];

/** How long a connection waits for the lock of another one, such as a backup tool, in milliseconds. */
const busyMs = 1000;

/** A database that is locked for this server. */
export interface HeldDatabase {
  readonly database: DatabaseSync;
  /** Name of the life that began when the file was opened. */
  readonly life: string;
  /** Closes the database and releases the lock. */
  close(): void;
}

/**
 * Opens the file, creates it if missing, and locks it until it is closed. Every commit is on disk.
 *
 * @throws {@link GaleError} `ROOM_STORE_IN_USE`, `ROOM_STORE_UNWRITABLE` or `ROOM_STORE_UNREADABLE`.
 */
export function openDatabase(path: string): HeldDatabase {
  let database: DatabaseSync | undefined;
  let lock: DatabaseSync | undefined;
  const close = (): void => {
    if (database?.isOpen) database.close();
    if (lock?.isOpen) lock.close();
  };
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    lock = lockFileOf(database);
    if (!lock) throw unwritable(path, 'it is not a file');
    const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
    if (mode !== 'wal')
      throw unwritable(path, `it does not support a write-ahead log (its journal mode is ${String(mode)})`);
    // The data of an amended or removed message is overwritten in the file too.
    database.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; BEGIN IMMEDIATE');
    database.function('gale_hash', { deterministic: true }, (author, id) => toHashNumber(String(author), String(id)));
    upgradeDatabase(database, path, applicationId, versions);
    database.exec(`COMMIT; PRAGMA busy_timeout = ${busyMs}`);
    return { database, life: createLife(), close };
  } catch (error) {
    close();
    throw error instanceof GaleError ? error : explain(path, error);
  }
}

/**
 * Opens a file that {@link openDatabase} has open, for reads beside its writes.
 *
 * @throws {@link GaleError} `ROOM_STORE_UNREADABLE`.
 */
export function openForReading(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: busyMs });
    database.prepare('SELECT 1 FROM streams LIMIT 1').get();
    return database;
  } catch (error) {
    throw new GaleError('ROOM_STORE_UNREADABLE', `${path} cannot be read: ${(error as Error).message}.`);
  }
}

/** Result codes by the texts of SQLite, since errors in Deno have no `errcode`. */
const codesByText: Readonly<Record<string, number>> = {
  'database is locked': 5,
  'database table is locked': 6,
  'database disk image is malformed': 11,
  'file is not a database': 26,
};

function codeOf(error: unknown): number {
  const { errcode, message } = error as { errcode?: number; message: string };
  return errcode ?? codesByText[message] ?? 0;
}

/** @see https://sqlite.org/rescode.html */
function explain(path: string, error: unknown): GaleError {
  const { message } = error as Error;
  switch (codeOf(error) & 0xff) {
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
      return new GaleError(
        'ROOM_STORE_IN_USE',
        `${path} is in use by another server or another process of this one; stop it, choose another file, or use a RedisBroker for several.`,
      );
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return new GaleError(
        'ROOM_STORE_UNREADABLE',
        `${path} is not a database, or is damaged (${message}); choose another file or restore a backup.`,
      );
    default:
      return unwritable(path, message);
  }
}

function unwritable(path: string, reason: string): GaleError {
  return new GaleError('ROOM_STORE_UNWRITABLE', `${path} cannot be written: ${reason}.`);
}
