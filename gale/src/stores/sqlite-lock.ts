/**
 * Holds an SQLite file for one server, while readers of that server have connections of their own.
 * The lock is one of the operating system on an empty file beside it, so it ends with the process, however that ends.
 */
import { DatabaseSync } from 'node:sqlite';

/**
 * Takes the lock of a database that was opened and not read yet.
 *
 * @returns The lock; closing it releases it. Undefined if the database has no file.
 * @throws The error of SQLite: SQLITE_BUSY if another server holds the lock.
 */
export function lockFileOf(database: DatabaseSync): DatabaseSync | undefined {
  // As SQLite names it: a symbolic link and its target have one lock.
  const path = database.prepare('PRAGMA database_list').get()?.['file'];
  if (typeof path !== 'string' || path === '') return undefined;
  const lock = new DatabaseSync(`${path}-lock`, { timeout: 0 });
  try {
    // Never ended and never written, so the file stays empty, and a journal would stay empty beside it.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}
