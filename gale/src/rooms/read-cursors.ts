/**
 * Read positions over the cursors of the broker. Caches recently used cursors,
 * so that a person who publishes directly after the last message they read moves on without a read of the broker.
 */
import type { Cursors } from './broker.ts';
import { consumerPrefix } from './brokers/holds.ts';
import { CursorFollower } from './cursor-follower.ts';
import { wrongValue } from '../run/given-options.ts';
import type { Logger } from '../run/log.ts';
import type { Position } from './stream.ts';

/** Most cached cursors, about 200 bytes each. */
const rememberedCount = 20_000;

/** The cursors, as one server sees them. */
export class ReadCursors {
  readonly #cursors: Cursors;
  readonly #remembered = new Map<string, Position | undefined>();
  readonly #follower: CursorFollower;

  constructor(cursors: Cursors, log: Logger) {
    this.#cursors = cursors;
    const followed = {
      last: (room: string, person: string) => this.#last(room, person),
      read: async (room: string, person: string) => (await this.#read(person, [room])).get(room),
      move: (room: string, person: string, to: Position) => this.advance(room, person, to),
    };
    this.#follower = new CursorFollower(followed, (error, room) =>
      log.warn({ err: error, room }, 'Could not move a cursor to an own message'),
    );
  }

  /** The cursor of a person in a room, from the broker. Undefined if there is none. */
  async get(room: string, person: string): Promise<Position | undefined> {
    return (await this.getAll(person, [room])).get(room);
  }

  /** The cursors of a person in those of the rooms that have one. They have followed all messages that were stored here. */
  async getAll(person: string, rooms: readonly string[]): Promise<Map<string, Position>> {
    for (const room of rooms) await this.#follower.followed(room, person);
    return this.#read(person, rooms);
  }

  /**
   * Moves a cursor, never backwards inside an epoch. `moved` is false if the cursor was known to be there or further.
   * The cursor is undefined if there is none, since the position was not part of the stream.
   */
  async advance(
    room: string,
    person: string,
    position: Position,
  ): Promise<{ cursor: Position | undefined; moved: boolean }> {
    assertPerson(person);
    const before = this.#remembered.get(keyOf(room, person));
    const cursor = await this.#cursors.advance(room, person, position);
    this.#remember(room, person, cursor);
    return { cursor, moved: before?.epoch !== cursor?.epoch || before?.offset !== cursor?.offset };
  }

  /** Deletes a cursor. */
  async delete(room: string, person: string): Promise<void> {
    assertPerson(person);
    await this.#follower.followed(room, person);
    this.#remembered.delete(keyOf(room, person));
    await this.#cursors.delete(room, person);
  }

  /**
   * Moves the cursor of a person to their own message if they had read everything before it.
   * Starts at once in the background; later calls of this class see its result.
   */
  followOwn(room: string, person: string, own: Position): void {
    this.#follower.follow(room, person, own);
  }

  /** Settles when no move is under way. */
  settled(): Promise<void> {
    return this.#follower.settled();
  }

  async #read(person: string, rooms: readonly string[]): Promise<Map<string, Position>> {
    const cursors = await this.#cursors.getAll(person, rooms);
    for (const room of rooms) this.#remember(room, person, cursors.get(room));
    return cursors;
  }

  #last(room: string, person: string): { readonly cursor: Position | undefined } | undefined {
    const key = keyOf(room, person);
    return this.#remembered.has(key) ? { cursor: this.#remembered.get(key) } : undefined;
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

/** Consumers have cursors too, which people must not move. */
function assertPerson(person: string): void {
  if (!person.startsWith(consumerPrefix)) return;
  throw wrongValue('id of a person', `a string that does not begin with ${JSON.stringify(consumerPrefix)}`, person);
}

function keyOf(room: string, person: string): string {
  return `${room}\n${person}`;
}
