/** Opens the file of sessions and migrates its tables to the current version. Runs in the thread of the store. */
import { DatabaseSync } from 'node:sqlite';
import { GaleError } from '../../../errors.ts';

/** Marks the file as a store of sessions: `GalS` in ASCII. */
const applicationId = 0x47616c53;

/** How long a process waits for the writes of another one, in milliseconds. */
const busyMs = 5000;

/** Migrations: each element creates a version from the one before. */
const versions: readonly string[] = [
  `CREATE TABLE sessions (
     key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, person TEXT,
     created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX sessions_of_person ON sessions (person, seen_at) WHERE person IS NOT NULL;
   CREATE INDEX sessions_by_end ON sessions (expires_at);
   CREATE TABLE session_values (
     session INTEGER NOT NULL REFERENCES sessions (key) ON DELETE CASCADE, name TEXT NOT NULL, text TEXT NOT NULL,
     PRIMARY KEY (session, name)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE health (key INTEGER PRIMARY KEY CHECK (key = 1), checked INTEGER NOT NULL) STRICT;`,
];

/**
 * Opens the file and creates it if missing. Several processes can have it open. Every commit is on disk.
 *
 * @throws {@link GaleError} `ROOM_STORE_UNWRITABLE` or `ROOM_STORE_UNREADABLE`.
 */
export function openSessionDatabase(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: busyMs });
    const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
    if (mode !== 'wal') {
      throw new GaleError(
        'ROOM_STORE_UNWRITABLE',
        `${path} does not support a write-ahead log (its journal mode is ${String(mode)}); choose a file on a local disk.`,
      );
    }
    database.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; BEGIN IMMEDIATE');
    upgrade(database, path);
    database.exec('COMMIT');
    return database;
  } catch (error) {
    if (database?.isOpen) database.close();
    if (error instanceof GaleError) throw error;
    const { message } = error as Error;
    const code = /not a database|malformed/.test(message) ? 'ROOM_STORE_UNREADABLE' : 'ROOM_STORE_UNWRITABLE';
    throw new GaleError(code, `${path} cannot be opened as a store of sessions: ${message}.`, { cause: error });
  }
}

function upgrade(database: DatabaseSync, path: string): void {
  const id = numberOf(database, 'application_id');
  const version = numberOf(database, 'user_version');
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  if (!isEmpty && id !== applicationId) {
    throw new GaleError('ROOM_STORE_UNREADABLE', `${path} is a database of another program; choose another file.`);
  }
  if (version > versions.length) {
    throw new GaleError(
      'ROOM_STORE_UNREADABLE',
      `The version of ${path} must be at most ${versions.length}; got ${version}. Run a newer Gale.`,
    );
  }
  // No write without need: a server that starts with a full disk can still read.
  if (version === versions.length) return;
  for (const make of versions.slice(version)) database.exec(make);
  database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${versions.length}`);
}

function numberOf(database: DatabaseSync, pragma: string): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}
