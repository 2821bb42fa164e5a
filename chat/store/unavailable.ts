/**
 * The error of a store that is unavailable: try again later.
 */
import { GaleError } from 'gale';

/** Whether a store threw this error because it is full, read-only or does not respond. */
export function isUnavailable(error: unknown): error is GaleError {
  return error instanceof GaleError && error.code === 'ROOM_UNAVAILABLE';
}
