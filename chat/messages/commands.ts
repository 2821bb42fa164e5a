/** Reads fields of commands, which the client may have sent wrong. */
import { RoomError } from 'gale';

/** Checks that the value of a field is a string. @throws {@link RoomError} `ROOM_BAD_COMMAND`. */
export function readText(value: unknown, field: string): string {
  if (typeof value === 'string') return value;
  throw new RoomError('ROOM_BAD_COMMAND', `${field} must be a string; got ${value === null ? 'null' : typeof value}.`);
}
