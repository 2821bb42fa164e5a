/**
 * Recently removed rooms, for a broker of one process. A publish under way during the removal is refused,
 * instead of being stored where nobody reads it.
 */
import { RoomError } from '../room-error.ts';

/** How long a removed room is remembered, in milliseconds. Longer than any publish can take. */
export const removedMs: number = 10 * 60 * 1000;

/** Removed rooms, each with the time until which it is remembered. */
export class RemovedRooms {
  readonly #rooms = new Map<string, number>();

  /** Remembers a room. @param now - In milliseconds, by the same clock as for {@link has}. */
  add(room: string, now: number): void {
    for (const [oldest, until] of this.#rooms) {
      if (until > now) break;
      this.#rooms.delete(oldest);
    }
    this.#rooms.delete(room);
    this.#rooms.set(room, now + removedMs);
  }

  /** Whether the room was removed in the last {@link removedMs}. */
  has(room: string, now: number): boolean {
    return (this.#rooms.get(room) ?? 0) > now;
  }
}

/** Creates the error for a publish into a removed room. */
export function removedError(room: string): RoomError {
  return new RoomError('ROOM_UNKNOWN', `The room ${JSON.stringify(room)} was removed.`);
}
