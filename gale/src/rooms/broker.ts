/**
 * What a broker has to do: keep streams, carry them between servers, and remember cursors and leases.
 * Memory, SQLite and Redis do it; one shared suite of tests (brokers/suite.ts) runs against all three.
 * {@link Rooms} is the only caller.
 */
import type { Entry, Person, Position, Published, RoomMessage, StreamHead, StreamPage } from './stream.ts';

/** How a publish is stored. */
export interface PublishOptions {
  /** How many of the newest messages a room keeps; exactly, not about. */
  readonly historyCount: number;
  /**
   * How long a repeated publish with the same room, author and id gets the response of the first, in milliseconds.
   * An id whose message the room still keeps is known longer than that.
   */
  readonly dedupeMs: number;
  /** How many of the newest ids of one author in one room are remembered for `dedupeMs`, beside those of kept messages. */
  readonly dedupeCount: number;
  /**
   * This entry may have been stored before. If its id is unknown, and ids of its author in this room were dropped
   * because of `dedupeCount` within `dedupeMs`, it is refused. Otherwise an unknown id is a new entry. @defaultValue false
   */
  readonly retry?: boolean;
  /**
   * If the entry was stored before, then after this position: the sender knew the position before its first attempt.
   * So ids that were dropped do not matter up to there. Left out: it may have been stored at any time.
   */
  readonly after?: Position | undefined;
}

/** How much one read returns at most. */
export interface ReadLimit {
  /** Messages, at least 1. */
  readonly count: number;
  /** Size of the messages as they are stored, in bytes of UTF-8. A single message may be larger: a page is never empty because of it. */
  readonly bytes: number;
}

/** Told what happens in a room, on this server or another. */
export interface BrokerListener {
  /** A stored message. Mostly in order and once, but holes and repeats are possible: compare offsets. */
  onMessage(epoch: string, message: RoomMessage): void;
  /** A signal: not stored, may get lost. */
  onSignal(data: unknown): void;
  /** Live delivery was broken for a while: read the stream and compare. */
  onDoubt(): void;
}

/** Streams of rooms, and live delivery beside them. */
export interface Broker {
  /** Where messages are kept, as one word or phrase for a start-up line: `memory`, `sqlite`, `redis`. */
  readonly name: string;
  /** How far each person has read each room. */
  readonly cursors: Cursors;
  /** Who is where, by leases. */
  readonly presence: Presence;
  /**
   * Stores an entry and gives it the next offset, atomically. Resolves after it is stored.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE` if the store does not answer; whether it was stored is then unknown, and repeating is safe.
   * `ROOM_PUBLISH_UNKNOWN` if a retry is refused because nobody knows any more whether it was stored; nothing was changed.
   */
  publish(room: string, entry: Entry, options: PublishOptions): Promise<Published>;
  /**
   * Reads messages with an offset over `after`, oldest first: as many as `limit` allows, and at least one if there is one.
   * Loads no more than that, and sees every publish that was acknowledged before the call. A room nobody wrote to has an epoch too.
   */
  read(room: string, after: number, limit: ReadLimit): Promise<StreamPage>;
  /** Reads the bounds of many streams in one round trip; each as {@link read} would return them. */
  heads(rooms: readonly string[]): Promise<Map<string, StreamHead>>;
  /** Tells everyone who listens to the room, on all servers, without storing. */
  signal(room: string, data: unknown): Promise<void>;
  /** Listens until the returned function was called; resolves when nothing published from now on can be missed. */
  listen(room: string, listener: BrokerListener): Promise<() => Promise<void>>;
  /**
   * Gives the stream a new epoch with no messages, if its epoch still is `epoch`: for a stream that went backwards.
   * The kept messages are dropped, since their offsets may have been given out twice.
   */
  renewEpoch(room: string, epoch: string): Promise<void>;
  /**
   * Removes the stream of a room for good, if no message was ever stored in it: both in one step, so that a publish comes
   * either before and keeps the stream, or after and is refused with {@link RoomError} `ROOM_UNKNOWN`. The refusal lasts
   * 10 minutes, which is longer than any publish is on its way. The caller lets nobody begin to use the room again.
   *
   * @returns Whether there is no stream any more; false if there was a message.
   */
  removeEmpty(room: string): Promise<boolean>;
  /**
   * Writes a small value of its own and reads it back, so that a store that is full, read-only or gone is noticed.
   * Each call costs a write to the disk: callers that are asked often share one.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE` if either fails.
   */
  check(): Promise<void>;
  /** Finishes what was begun and lets go of files and connections. */
  close(): Promise<void>;
}

/** Stored read positions: the offline inbox is the stream behind one of them. */
export interface Cursors {
  /** A person's cursor in each of the rooms that have one. */
  getAll(person: string, rooms: readonly string[]): Promise<Map<string, Position>>;
  /**
   * Moves a cursor to `position`; inside one epoch never backwards.
   *
   * @returns The cursor as it is now.
   */
  advance(room: string, person: string, position: Position): Promise<Position>;
  /** Forgets a cursor. */
  delete(room: string, person: string): Promise<void>;
}

/** One connection of one person in one room. */
export interface Lease {
  readonly room: string;
  readonly person: Person;
  /** Names the connection among all servers. */
  readonly connection: string;
}

/** Who is where. A lease that is not renewed runs out, so a killed server's people leave. */
export interface Presence {
  /** @returns Whether this is the person's first lease in the room. */
  enter(lease: Lease, leaseMs: number): Promise<boolean>;
  /** Makes leases last `leaseMs` from now; one that had run out is made anew. */
  renew(leases: readonly Lease[], leaseMs: number): Promise<void>;
  /** @returns Whether it was the person's last lease in the room. False if there was none. */
  leave(lease: Lease): Promise<boolean>;
  /** People with a lease that has not run out, each once, by time of entry. */
  list(room: string): Promise<Person[]>;
  /** Removes leases that ran out. @returns The people for whom it was the last; each is told to one caller only. */
  sweep(room: string): Promise<Person[]>;
}
