/**
 * The highest offset that this server has seen in each room. It shows when Redis went back to an older state,
 * before Redis assigns offsets a second time.
 */
import type { Position } from '../../stream.ts';

/** Most rooms remembered. */
const maxRooms = 20_000;

/** The position of an unknown room. */
const nothing: Position = { epoch: '', offset: 0, life: '' };

/** Positions by room. The least recently changed are dropped. */
export class SeenPositions {
  readonly #rooms = new Map<string, Position>();

  /** The highest position seen in a room. Offset 0 of the epoch `''` if none. */
  get(room: string): Position {
    return this.#rooms.get(room) ?? nothing;
  }

  /** Remembers a position, unless a higher one of its epoch is known. */
  note(room: string, position: Position): void {
    const { epoch, offset } = position;
    const before = this.#rooms.get(room);
    if (before?.epoch === epoch && before.offset >= offset) return;
    this.#rooms.delete(room);
    this.#rooms.set(room, position);
    if (this.#rooms.size <= maxRooms) return;
    for (const oldest of this.#rooms.keys()) {
      this.#rooms.delete(oldest);
      return;
    }
  }
}
