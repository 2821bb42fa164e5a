/** The version of an SQLite file: whose it is, and which steps it has had. */
import type { DatabaseSync } from 'node:sqlite';
import { GaleError } from '../errors.ts';

/**
 * Brings a file to the newest version. Writes nothing if it is.
 *
 * @param applicationId - Marks the files of one kind, as a positive 32-bit integer.
 * @param versions - SQL statements that lead from each version to the next; the first creates the tables.
 * @throws {@link GaleError} `ROOM_STORE_UNREADABLE` for the file of another program or of a newer version.
 */
export function upgradeDatabase(
  database: DatabaseSync,
  path: string,
  applicationId: number,
  versions: readonly string[],
): void {
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
