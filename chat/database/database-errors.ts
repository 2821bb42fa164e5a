/**
 * Errors of a database that cannot be used now: a full disk, a lock, a lost connection. They become `ROOM_UNAVAILABLE`, which means
 * "try again", as with Redis. Violated constraints keep their own errors.
 */
import { GaleError } from 'gale';

/** How the messages begin. */
export const unavailablePrefix = 'The database of the chat cannot be used: ';

/** @param reason - Must not contain a password. */
export function databaseUnavailable(reason: string, cause?: unknown): GaleError {
  const options = cause === undefined ? {} : { cause };
  return new GaleError('ROOM_UNAVAILABLE', unavailablePrefix + reason, options);
}

/** Whether a statement was refused because a unique column would have a value twice. */
export function isOfUniqueKey(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  // SQLITE_CONSTRAINT_UNIQUE, and unique_violation of PostgreSQL.
  return code === 2067 || code === '23505';
}
