/**
 * The error of a store that is unavailable: try again later.
 */
import { GaleError } from 'gale';

/** Whether a store threw this error because it is full, read-only or does not respond. */
export function isUnavailable(error: unknown): error is GaleError {
  if (!(error instanceof GaleError)) return false;
  // gale/sessions reports every error of its store with this code.
  return error.code === 'ROOM_UNAVAILABLE' || (error.code === 'SESSION_STORE' && isUnavailable(error.cause));
}
