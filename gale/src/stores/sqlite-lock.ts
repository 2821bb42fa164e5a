/**
 * Locks an SQLite file for one server, whose readers have connections of their own.
 * The operating system locks an empty file next to the database, so the lock ends with the process, even after a crash.
 */
import { DatabaseSync } from 'node:sqlite';

/**
 * Locks a database that was opened and not read yet.
 *
 * @returns The lock; closing it releases it. Undefined if the database has no file.
 * @throws The error of SQLite: SQLITE_BUSY if another server holds the lock.
 */
export function lockFileOf(database: DatabaseSync): DatabaseSync | undefined {
  // The name that SQLite reports, so that a symbolic link and its target share one lock.
  const path = database.prepare('PRAGMA database_list').get()?.['file'];
  if (typeof path !== 'string' || path === '') return undefined;
  const lock = new DatabaseSync(`${path}-lock`, { timeout: 0 });
  try {
    // The transaction never ends and never writes, so the file and its journal stay empty.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}
