/**
 * The lock of a data folder for one server: an empty file, as the broker has for its own, so that a backup can read the databases meanwhile.
 * The lock ends with the process, even after a crash.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from '../start-error.ts';

/** SQLITE_BUSY: another process holds the lock. */
const busy = 5;

/** A lock that is held. */
export interface FolderLock {
  close(): void;
}

/**
 * Takes the lock of one database of a folder. The database need not exist.
 *
 * @throws {@link StartError} if another process holds the lock, or if the file beside the database cannot be written.
 */
export function lockFolder(folder: string, database: string = 'database.sqlite'): FolderLock {
  const path = join(folder, database);
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(`${path}-lock`, { timeout: 0 });
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    const { errcode, message } = error as { readonly errcode?: number; readonly message: string };
    if (errcode === busy) {
      throw new StartError(`${folder} is in use by another server; stop it or choose another --data.`, {
        cause: error,
      });
    }
    throw new StartError(`${path} cannot be used: ${message}.`, { cause: error });
  }
}
