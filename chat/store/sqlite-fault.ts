/**
 * Faults of SQLite that are not the program's: a full disk, a read-only file, a disk that fails. They become the one error
 * that means "try again", as in Redis. What breaks a rule of the tables stays what it is.
 */
import { GaleError } from 'gale';

/** Primary result codes. @see https://sqlite.org/rescode.html */
const unavailableCodes: ReadonlySet<number> = new Set([
  3, // SQLITE_PERM
  5, // SQLITE_BUSY
  6, // SQLITE_LOCKED
  7, // SQLITE_NOMEM
  8, // SQLITE_READONLY
  10, // SQLITE_IOERR
  11, // SQLITE_CORRUPT
  13, // SQLITE_FULL
  14, // SQLITE_CANTOPEN
  26, // SQLITE_NOTADB
]);

/**
 * Runs statements.
 *
 * @throws {@link GaleError} `ROOM_UNAVAILABLE` if the file cannot be read or written now.
 */
export function storing<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    const { errcode, message } = error as { errcode?: number; message: string };
    if (errcode === undefined || !unavailableCodes.has(errcode & 0xff)) throw error;
    throw new GaleError('ROOM_UNAVAILABLE', `The chat's store cannot be used: ${message}`, { cause: error });
  }
}
