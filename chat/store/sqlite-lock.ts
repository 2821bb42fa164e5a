/**
 * The lock of a database for one server: an empty file beside it, as the broker has for its own, so that a backup can read the database
 * meanwhile. The lock ends with the process, even after a crash.
 */
import { DatabaseSync } from 'node:sqlite';

/**
 * Takes the lock.
 *
 * @param path - The database, which need not exist.
 * @returns The lock; closing it releases it.
 * @throws The error of SQLite: SQLITE_BUSY if another process holds the lock.
 */
export function lockDatabase(path: string): DatabaseSync {
  const lock = new DatabaseSync(`${path}-lock`, { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}
