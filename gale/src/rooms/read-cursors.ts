/**
 * Read positions over the cursors of the broker. Caches recently used cursors,
 * so that a person who publishes directly after the last message they read moves on without a read of the broker.
 */
import type { Cursors } from './broker.ts';
import type { Logger } from '../run/log.ts';
import type { Position } from './stream.ts';

/** Most cached cursors, about 200 bytes each. */
const rememberedCount = 20_000;

/** The cursors, as one server sees them. */
export class ReadCursors {
  readonly #cursors: Cursors;
  readonly #log: Logger;
  readonly #remembered = new Map<string, Position | undefined>();
  readonly #following = new Set<Promise<void>>();

  constructor(cursors: Cursors, log: Logger) {
    this.#cursors = cursors;
    this.#log = log;
  }

  /** The cursor of a person in a room, from the broker. Undefined if there is none. */
  async get(room: string, person: string): Promise<Position | undefined> {
    return (await this.getAll(person, [room])).get(room);
  }

  /** The cursors of a person in those of the rooms that have one. */
  async getAll(person: string, rooms: readonly string[]): Promise<Map<string, Position>> {
    const cursors = await this.#cursors.getAll(person, rooms);
    for (const room of rooms) this.#remember(room, person, cursors.get(room));
    return cursors;
  }

  /** Moves a cursor, never backwards inside an epoch. `moved` is false if the cursor was known to be there or further. */
  async advance(room: string, person: string, position: Position): Promise<{ cursor: Position; moved: boolean }> {
    const before = this.#remembered.get(keyOf(room, person));
    const cursor = await this.#cursors.advance(room, person, position);
    this.#remember(room, person, cursor);
    return { cursor, moved: before?.epoch !== cursor.epoch || before.offset !== cursor.offset };
  }

  /** Deletes a cursor. */
  async delete(room: string, person: string): Promise<void> {
    this.#remembered.delete(keyOf(room, person));
    await this.#cursors.delete(room, person);
  }

  /**
   * Moves the cursor of a person to their own message if they had read everything before it.
   * Starts at once in the background; later calls of the broker are processed after it.
   */
  followOwn(room: string, person: string, own: Position): void {
    const following = this.#followOwn(room, person, own)
      .catch((error: unknown) => this.#log.warn({ err: error, room }, 'Could not move a cursor to an own message'))
      .finally(() => this.#following.delete(following));
    this.#following.add(following);
  }

  /** Settles when no move is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#following);
  }

  async #followOwn(room: string, person: string, own: Position): Promise<void> {
    let offset = offsetIn(own.epoch, this.#remembered.get(keyOf(room, person)));
    // Another server may have moved the cursor, so the cache can prove that it follows, not that it does not.
    if (offset < own.offset - 1 || !this.#remembered.has(keyOf(room, person))) {
      offset = offsetIn(own.epoch, await this.get(room, person));
    }
    if (offset === own.offset - 1) await this.advance(room, person, { epoch: own.epoch, offset: own.offset });
  }

  #remember(room: string, person: string, cursor: Position | undefined): void {
    const key = keyOf(room, person);
    this.#remembered.delete(key);
    this.#remembered.set(key, cursor);
    if (this.#remembered.size > rememberedCount) {
      for (const oldest of this.#remembered.keys()) {
        this.#remembered.delete(oldest);
        break;
      }
    }
  }
}

function keyOf(room: string, person: string): string {
  return `${room}\n${person}`;
}

function offsetIn(epoch: string, cursor: Position | undefined): number {
  return cursor?.epoch === epoch ? cursor.offset : 0;
}
