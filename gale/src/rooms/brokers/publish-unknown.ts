import { GaleError } from '../../errors.ts';

/** Makes the error for a retry of a publish whose id may have been dropped. */
export function publishUnknown(room: string, id: string): GaleError {
  return new GaleError(
    'ROOM_PUBLISH_UNKNOWN',
    `Message ${id} in ${room} is unknown, and ids of its author were dropped; it may have been stored, so it was not stored again.`,
  );
}
