/**
 * The files of SQLite in the data folder, read only. A running server is not disturbed.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileExists } from '../../file-exists.ts';
import { checkMigrations } from './check-migrations.ts';
import { maxDifferenceMs } from './check-clock.ts';
import { Findings, type Finding } from './finding.ts';

/** Most faults that are printed. */
const maxFaults = 5;
/** How long a read waits for a lock, in milliseconds. */
const busyMs = 5000;

/** The database of people, rooms and messages. */
export async function checkSqliteDatabase(folder: string): Promise<readonly Finding[]> {
  const findings = new Findings('database');
  const path = join(folder, 'database.sqlite');
  if (!(await fileExists(path))) {
    findings.note(`${path} does not exist; the first start creates it`);
    return findings.all;
  }
  reading(path, findings, (database) => {
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all()
      .map((row) => row['name']);
    const isNew = !tables.includes('kysely_migration');
    const executed = isNew
      ? undefined
      : database
          .prepare('SELECT name FROM kysely_migration ORDER BY name')
          .all()
          .map((row) => String(row['name']));
    checkMigrations(findings, executed);
    if (!tables.includes('room')) return;
    const newest = Number(database.prepare('SELECT max(last_at) AS at FROM room').get()?.['at'] ?? 0);
    const ahead = newest - Date.now();
    if (ahead > maxDifferenceMs) {
      findings.wrong(
        `the newest message is ${Math.round(ahead / 1000)} seconds in the future, so the clock of this machine is wrong or was; synchronize it, such as with NTP`,
      );
    }
  });
  return findings.all;
}

/** The streams of the rooms, without Redis. */
export async function checkSqliteStreams(folder: string): Promise<readonly Finding[]> {
  const findings = new Findings('streams of the rooms');
  const path = join(folder, 'rooms.sqlite');
  if (await fileExists(path)) reading(path, findings, () => undefined);
  else findings.note(`${path} does not exist; the first start creates it`);
  return findings.all;
}

function reading(path: string, findings: Findings, read: (database: DatabaseSync) => void): void {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: busyMs });
    const faults = [
      ...database
        .prepare(`PRAGMA quick_check(${maxFaults})`)
        .all()
        .map((row) => String(row['quick_check'])),
      ...database
        .prepare('PRAGMA foreign_key_check')
        .all()
        .map((row) => `a row of ${String(row['table'])} refers to a missing one`),
    ].filter((fault) => fault !== 'ok');
    if (faults.length === 0) findings.ok(`${path} is complete`);
    else {
      findings.wrong(
        `${path} is damaged (${[...new Set(faults)].slice(0, maxFaults).join('; ')}); stop the server and restore a backup: npm run chat -- restore`,
      );
    }
    read(database);
  } catch (error) {
    findings.wrong(`${path} cannot be read (${(error as Error).message}); restore a backup: npm run chat -- restore`);
  } finally {
    if (database?.isOpen === true) database.close();
  }
}
