/**
 * Rooms whose streams were removed, for a broker of one process: a publish that was on its way then is refused, not
 * stored where nobody will read it.
 */
import { RoomError } from '../room-error.ts';

/** How long a removed room is remembered, in milliseconds; longer than any publish is on its way. */
export const removedMs: number = 10 * 60 * 1000;

/** Rooms by the time until which they are remembered. */
export class RemovedRooms {
  readonly #rooms = new Map<string, number>();

  /** Remembers a room. @param now - In milliseconds, by the clock that {@link has} is given too. */
  add(room: string, now: number): void {
    for (const [oldest, until] of this.#rooms) {
      if (until > now) break;
      this.#rooms.delete(oldest);
    }
    this.#rooms.delete(room);
    this.#rooms.set(room, now + removedMs);
  }

  /** Whether the room was removed lately. */
  has(room: string, now: number): boolean {
    return (this.#rooms.get(room) ?? 0) > now;
  }
}

/** Refuses a publish into a removed room. */
export function removedError(room: string): RoomError {
  return new RoomError('ROOM_UNKNOWN', `The room ${JSON.stringify(room)} was removed.`);
}
