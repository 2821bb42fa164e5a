/**
 * Read positions in memory.
 */
import type { Cursors } from '../../broker.ts';
import type { Position } from '../../stream.ts';

/** Cursors of one process, lost when it ends. */
export class MemoryCursors implements Cursors {
  readonly #epochOf: (room: string) => string | undefined;
  /** By room, then by person. */
  readonly #rooms = new Map<string, Map<string, Position>>();

  /** @param epochOf - Current epoch of a room; undefined if it has none yet. */
  constructor(epochOf: (room: string) => string | undefined) {
    this.#epochOf = epochOf;
  }

  getAll(person: string, rooms: readonly string[]): Promise<Map<string, Position>> {
    const found = new Map<string, Position>();
    for (const room of rooms) {
      const cursor = this.#rooms.get(room)?.get(person);
      if (cursor) found.set(room, cursor);
    }
    return Promise.resolve(found);
  }

  advance(room: string, person: string, position: Position): Promise<Position> {
    let cursors = this.#rooms.get(room);
    if (!cursors) this.#rooms.set(room, (cursors = new Map()));
    const cursor = furtherOf(cursors.get(person), position, this.#epochOf(room));
    cursors.set(person, cursor);
    return Promise.resolve(cursor);
  }

  delete(room: string, person: string): Promise<void> {
    const cursors = this.#rooms.get(room);
    cursors?.delete(person);
    if (cursors?.size === 0) this.#rooms.delete(room);
    return Promise.resolve();
  }
}

/**
 * Moves a cursor. Inside one epoch it never moves backwards. A cursor in the current epoch never leaves it,
 * since a request for another epoch is late.
 *
 * @param epoch - Current epoch of the stream.
 */
export function furtherOf(cursor: Position | undefined, asked: Position, epoch: string | undefined): Position {
  const { epoch: askedEpoch, offset } = asked;
  if (!cursor) return { epoch: askedEpoch, offset };
  if (cursor.epoch === askedEpoch) return offset > cursor.offset ? { epoch: askedEpoch, offset } : cursor;
  return cursor.epoch === epoch ? cursor : { epoch: askedEpoch, offset };
}
