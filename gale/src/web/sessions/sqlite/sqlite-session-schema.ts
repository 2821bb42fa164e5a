/** Opens the file of sessions and migrates its tables to the current version. Runs in the thread of the store. */
import { DatabaseSync } from 'node:sqlite';
import { GaleError } from '../../../errors.ts';
import { upgradeDatabase } from '../../../stores/sqlite-version.ts';

/** Marks the file as a store of sessions: `GalS` in ASCII. */
const applicationId = 0x47616c53;

/** How long a start waits while another process creates the file, in milliseconds. */
const openMs = 5000;
/** How long writes wait for those of another process, in milliseconds. Reads of this process wait meanwhile. */
const busyMs = 1000;

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
    database = new DatabaseSync(path, { timeout: openMs });
    const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
    if (mode !== 'wal') {
      throw new GaleError(
        'ROOM_STORE_UNWRITABLE',
        `${path} does not support a write-ahead log (its journal mode is ${String(mode)}); choose a file on a local disk.`,
      );
    }
    database.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; BEGIN IMMEDIATE');
    upgradeDatabase(database, path, applicationId, versions);
    database.exec(`COMMIT; PRAGMA busy_timeout = ${busyMs}`);
    return database;
  } catch (error) {
    if (database?.isOpen) database.close();
    if (error instanceof GaleError) throw error;
    const { message } = error as Error;
    const code = /not a database|malformed/.test(message) ? 'ROOM_STORE_UNREADABLE' : 'ROOM_STORE_UNWRITABLE';
    throw new GaleError(code, `${path} cannot be opened as a store of sessions: ${message}.`, { cause: error });
  }
}
