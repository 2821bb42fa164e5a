/** The error for calls that need rooms which are closed, or are closing. */
import { GaleError } from '../errors.ts';

/** Makes the error. */
export function roomsClosed(): GaleError {
  return new GaleError('ROOM_UNAVAILABLE', 'The rooms are closed; connect to another server.');
}
