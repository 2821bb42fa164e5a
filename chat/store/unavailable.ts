/**
 * The one error that says: the store cannot do it now, try again.
 */
import { GaleError } from 'gale';

/** Whether a store threw this because it is full, read-only, or does not answer. */
export function isUnavailable(error: unknown): error is GaleError {
  return error instanceof GaleError && error.code === 'ROOM_UNAVAILABLE';
}
