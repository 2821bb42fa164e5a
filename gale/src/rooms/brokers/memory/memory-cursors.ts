/**
 * Read positions in memory.
 */
import type { Cursors } from '../../broker.ts';
import { lifeAt } from '../../lives.ts';
import type { StreamTop } from '../../lives.ts';
import type { Position } from '../../stream.ts';

/** Where the kept messages of an epoch are in the next one: from offset 1. */
export interface Renewal {
  readonly from: string;
  /** Offset of the oldest kept message in the old epoch. */
  readonly first: number;
  readonly to: string;
  /** Number of kept messages. */
  readonly count: number;
}

/** Cursors of one process, lost when it ends. */
export class MemoryCursors implements Cursors {
  readonly #streamOf: (room: string) => StreamTop | undefined;
  /** By room, then by person. */
  readonly #rooms = new Map<string, Map<string, Position>>();

  /** @param streamOf - The stream of a room; undefined if it has none yet. */
  constructor(streamOf: (room: string) => StreamTop | undefined) {
    this.#streamOf = streamOf;
  }

  getAll(person: string, rooms: readonly string[]): Promise<Map<string, Position>> {
    const found = new Map<string, Position>();
    for (const room of rooms) {
      const cursor = this.#rooms.get(room)?.get(person);
      if (cursor) found.set(room, cursor);
    }
    return Promise.resolve(found);
  }

  /** A person's cursor in a room. */
  get(room: string, person: string): Position | undefined {
    return this.#rooms.get(room)?.get(person);
  }

  advance(room: string, person: string, position: Position): Promise<Position | undefined> {
    const cursors = this.#rooms.get(room);
    const cursor = furtherOf(cursors?.get(person), position, this.#streamOf(room));
    if (cursor && cursors) cursors.set(person, cursor);
    else if (cursor) this.#rooms.set(room, new Map([[person, cursor]]));
    return Promise.resolve(cursor);
  }

  delete(room: string, person: string): Promise<void> {
    const cursors = this.#rooms.get(room);
    cursors?.delete(person);
    if (cursors?.size === 0) this.#rooms.delete(room);
    return Promise.resolve();
  }

  /** Moves the cursors after a position back to it. */
  goBack(room: string, { epoch, offset }: Position): void {
    const cursors = this.#rooms.get(room);
    for (const [person, cursor] of cursors ?? []) {
      if (cursor.epoch === epoch && cursor.offset > offset) cursors?.set(person, { epoch, offset });
    }
  }

  /** Moves the cursors of an epoch that was renewed. */
  renew(room: string, renewal: Renewal): void {
    const cursors = this.#rooms.get(room);
    for (const [person, cursor] of cursors ?? []) cursors?.set(person, toRenewed(cursor, renewal));
  }
}

/**
 * Moves a cursor. Inside one epoch it never moves backwards. A cursor in the current epoch never leaves it,
 * since a request for another epoch is late. A request for a message of another life has no effect.
 */
export function furtherOf(
  cursor: Position | undefined,
  asked: Position,
  stream: StreamTop | undefined,
): Position | undefined {
  const { epoch, offset, life } = asked;
  const isCurrent = epoch === stream?.epoch;
  if (isCurrent && offset > 0 && life !== undefined && life !== lifeAt(stream.lives, offset)) return cursor;
  if (!cursor) return { epoch, offset };
  if (cursor.epoch === epoch) return offset > cursor.offset ? { epoch, offset } : cursor;
  return cursor.epoch === stream?.epoch ? cursor : { epoch, offset };
}

function toRenewed(cursor: Position, { from, first, to, count }: Renewal): Position {
  const offset = Math.min(cursor.offset - first + 1, count);
  return cursor.epoch !== from || offset < 0 || count === 0 ? cursor : { epoch: to, offset };
}
