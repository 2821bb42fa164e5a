/**
 * The tables of chat.sqlite, by version. A file of an older version is upgraded step by step in one transaction.
 * A file of a newer version is not changed. Never change a released step; add a new one.
 */
import type { DatabaseSync } from 'node:sqlite';

const steps: readonly string[] = [
  `
  CREATE TABLE account (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE session (
    id TEXT PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX session_by_person ON session (person_id);
  CREATE INDEX session_by_end ON session (expires_at);
  CREATE TABLE room (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    made_by TEXT NOT NULL REFERENCES account (id),
    made_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE member (
    person_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    room_id TEXT NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    PRIMARY KEY (person_id, room_id)
  ) STRICT, WITHOUT ROWID;
  `,
  // One row for the health check to write and read.
  'CREATE TABLE health (key INTEGER PRIMARY KEY CHECK (key = 1), checked INTEGER NOT NULL) STRICT;',
  // The sessions of a person by expiry, to find the first one without reading all.
  'DROP INDEX session_by_person; CREATE INDEX session_by_person ON session (person_id, expires_at);',
  // `kept`: a person other than the maker joined the room, or it has a message. It is never removed.
  `
  ALTER TABLE room ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE room ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
  UPDATE room SET kept = 1 WHERE id IN
    (SELECT room_id FROM member JOIN room AS made ON made.id = room_id WHERE person_id <> made.made_by);
  CREATE INDEX room_by_maker ON room (made_by, made_at);
  CREATE INDEX room_lonely ON room (made_at) WHERE kept = 0;
  CREATE INDEX member_by_room ON member (room_id);
  `,
  // A full history of rooms would be the next step: a table of messages by (room_id, offset). See rooms/directory.ts.
];

/**
 * Upgrades a file to a version.
 *
 * @param target - Differs from the newest version only in tests of upgrades.
 * @throws Error if the file was written by a newer version.
 */
export function upgradeSchema(database: DatabaseSync, target: number = steps.length): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > steps.length) {
    throw new Error(`it was written by a newer version (schema ${version}, this one knows ${steps.length})`);
  }
  if (version === target) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const step of steps.slice(version, target)) database.exec(step);
    database.exec(`PRAGMA user_version = ${target}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
