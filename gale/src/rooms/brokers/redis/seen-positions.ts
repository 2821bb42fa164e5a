/**
 * The highest offset this server has seen in each room, so that a Redis which went back to an older state is found out
 * before it gives offsets out a second time.
 */
import type { Position } from '../../stream.ts';

/** Rooms remembered at once. */
const mostRooms = 20_000;

/** Nothing is known of the room. */
const nothing: Position = { epoch: '', offset: 0 };

/** Positions by room; the oldest are forgotten. */
export class SeenPositions {
  readonly #rooms = new Map<string, Position>();

  /** The highest position seen in a room; offset 0 of no epoch if none. */
  get(room: string): Position {
    return this.#rooms.get(room) ?? nothing;
  }

  /** Remembers that a position is or was there. */
  note(room: string, epoch: string, offset: number): void {
    const before = this.#rooms.get(room);
    if (before?.epoch === epoch && before.offset >= offset) return;
    this.#rooms.delete(room);
    this.#rooms.set(room, { epoch, offset });
    if (this.#rooms.size <= mostRooms) return;
    for (const oldest of this.#rooms.keys()) {
      this.#rooms.delete(oldest);
      return;
    }
  }
}
