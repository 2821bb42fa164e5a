/**
 * The interface of a broker: it stores streams, cursors and leases, and delivers messages between servers.
 * There are brokers in memory, SQLite and Redis; gale/test/support/rooms/broker-suite.ts tests all three.
 * {@link Rooms} is the only caller.
 */
import type {
  Amended,
  Amendment,
  Entry,
  Person,
  Position,
  Published,
  RoomMessage,
  StreamHead,
  StreamPage,
} from './stream.ts';

/** Options of a publish. */
export interface PublishOptions {
  /** Number of newest messages that a room keeps, exactly. */
  readonly historyCount: number;
  /**
   * How long a repeated publish with the same room, author and id gets the response of the first, in milliseconds.
   * The id of a kept message is known longer than that.
   */
  readonly dedupeMs: number;
  /** Number of newest ids of one author in one room that are remembered for `dedupeMs`, in addition to those of kept messages. */
  readonly dedupeCount: number;
  /**
   * Whether this entry may have been stored before. If its id is unknown, and ids of its author in this room were dropped
   * because of `dedupeCount` within `dedupeMs`, it is refused. Otherwise an unknown id is a new entry. @defaultValue false
   */
  readonly retry?: boolean;
  /**
   * A position that the sender knew before its first attempt. If the entry was stored before, it is after this position,
   * so ids dropped up to there do not matter. Without it, the entry may have been stored at any time.
   */
  readonly after?: Position | undefined;
  /** Consumers that hold the history. Omitted without any. */
  readonly hold?: Hold | undefined;
}

/**
 * Consumers that hold the history: a room is not trimmed past the position that each of them saved. The same on all servers.
 * A room in which a consumer has saved nothing yet is held from its oldest kept message.
 */
export interface Hold {
  /** Their names. */
  readonly consumers: readonly string[];
  /** Most messages in a room after the saved position of a consumer. */
  readonly maxMessages: number;
  /** Most bytes of these messages, in UTF-8. A single message may be larger. */
  readonly maxBytes: number;
}

/** Limits of one read. */
export interface ReadLimit {
  /** Most messages, at least 1. */
  readonly count: number;
  /** Most bytes of the stored messages, in UTF-8. A single message may be larger, so that a page is never empty because of it. */
  readonly bytes: number;
}

/** Listens to a room on all servers. */
export interface BrokerListener {
  /** A stored message. Usually in order and once, but gaps and repeats are possible: compare offsets. */
  onMessage(epoch: string, message: RoomMessage): void;
  /** An amended message, in its new state with its `version`. Usually in order and once, but gaps and repeats are possible: compare versions. */
  onAmend(epoch: string, message: RoomMessage): void;
  /** A signal: not stored, may get lost. */
  onSignal(data: unknown): void;
  /** Live delivery was interrupted: read the stream and compare. */
  onDoubt(): void;
}

/** Stores the streams of rooms and delivers messages live. */
export interface Broker {
  /** Where messages are stored, for a log line at the start: `memory`, `sqlite`, `redis`. */
  readonly name: string;
  /** Read positions of people in rooms. */
  readonly cursors: Cursors;
  /** Presence, by leases. */
  readonly presence: Presence;
  /** Positions that consumers have saved. A broker without it cannot have consumers. */
  readonly holds?: Holds;
  /**
   * Stores an entry and gives it the next offset, atomically. Resolves after it is stored. The publishes of a room are stored in the order
   * of the calls, also by a caller that does not wait for each.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE` if the store does not respond. It is then unknown whether the entry was stored, and a retry is safe.
   * `ROOM_PUBLISH_UNKNOWN` if a retry is refused because it is unknown whether the entry was stored. Nothing was changed.
   * {@link RoomError} `ROOM_TOO_FAST` if the entry would be too far ahead of a consumer of `hold`. Nothing was changed.
   */
  publish(room: string, entry: Entry, options: PublishOptions): Promise<Published>;
  /**
   * Replaces the data of a kept message, atomically, and gives the change the next version of the room. The message keeps its
   * offset, author and time; the old data is gone. The versions of a room count its amendments in one epoch, from 1. Idempotent by value: if
   * the message has this data already, nothing is changed. Resolves after it is stored.
   *
   * @throws {@link RoomError} `ROOM_MESSAGE_GONE` if the room keeps no message with this author and id, `ROOM_AMEND_CONFLICT` if it has
   * another version than `version`. {@link GaleError} `ROOM_UNAVAILABLE` if the store does not respond.
   *
   * @param hold - As for {@link publish}. Nothing is trimmed before the consumers have saved the change.
   */
  amend(room: string, amendment: Amendment, hold?: Hold): Promise<Amended>;
  /**
   * Reads messages with an offset greater than `after`, oldest first: as many as `limit` allows, and at least one if there is one.
   * Loads no more than that, and sees every publish acknowledged before the call. A room without messages has an epoch too.
   */
  read(room: string, after: number, limit: ReadLimit): Promise<StreamPage>;
  /** Reads the bounds of many streams in one round trip; each as {@link read} would return them. */
  heads(rooms: readonly string[]): Promise<Map<string, StreamHead>>;
  /** Notifies all listeners of the room on all servers. The signal is not stored. */
  signal(room: string, data: unknown): Promise<void>;
  /** Listens until the returned function is called. Resolves when no later publish can be missed. */
  listen(room: string, listener: BrokerListener): Promise<() => Promise<void>>;
  /**
   * Gives the stream a new epoch, if its epoch is still `epoch`: for a stream that lost messages. Atomically,
   * - the kept messages stay, with offsets from 1 in the same order, with their versions,
   * - the ids of kept messages stay known, all other ids are forgotten,
   * - a cursor of the old epoch stays after the same message. One past the newest message moves to that message.
   *   One before the kept messages does not move, so its person gets a reset.
   */
  renewEpoch(room: string, epoch: string): Promise<void>;
  /**
   * Removes the stream of a room if no message was ever stored in it. This is atomic: a concurrent publish comes
   * either before and keeps the stream, or after and is refused with {@link RoomError} `ROOM_UNKNOWN`. The refusal lasts
   * 10 minutes, longer than any publish can take. The caller ensures that nobody uses the room again.
   *
   * @returns Whether the stream is removed; false if it had a message.
   */
  removeEmpty(room: string): Promise<boolean>;
  /**
   * Removes the stream of a room with its messages. Later publishes are refused with {@link RoomError} `ROOM_UNKNOWN` for 10 minutes, and
   * reads find a room without messages. Consumers get nothing more of it. Idempotent. The caller ensures that nobody uses the room again.
   */
  remove(room: string): Promise<void>;
  /**
   * Writes a small value and reads it back, to detect a store that is full, read-only or gone.
   * Each call costs a write to the disk, so callers with many requests share one.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE` if either fails.
   */
  check(): Promise<void>;
  /** Finishes calls under way and closes files and connections. */
  close(): Promise<void>;
}

/** Stored read positions. The offline inbox is the stream after a cursor. */
export interface Cursors {
  /** A person's cursor in each of the rooms that have one. */
  getAll(person: string, rooms: readonly string[]): Promise<Map<string, Position>>;
  /**
   * Moves a cursor to `position`, inside one epoch never backwards. Nothing moves if the stream's message at that offset has another
   * life. Cursors are stored without a life: they are in the same store as the messages, so both go back together.
   *
   * @returns The cursor now; undefined if there is none.
   */
  advance(room: string, person: string, position: Position): Promise<Position | undefined>;
  /** Deletes a cursor. */
  delete(room: string, person: string): Promise<void>;
}

/** Some of the rooms in which a consumer may have something to save. */
export interface HeldRooms {
  readonly rooms: readonly string[];
  /** Argument for the next page. Undefined after the last one. */
  readonly next: string | undefined;
}

/**
 * Saved positions of consumers. One server at a time has a consumer: its claim is a lease with a number that grows with each claim.
 * A position is saved with its version, and only by the newest claim.
 */
export interface Holds {
  /** Claims a consumer for a time. @returns The number of the claim; undefined while another server has the consumer. */
  claim(consumer: string, leaseMs: number): Promise<number | undefined>;
  /** Extends a claim to `leaseMs` from now. @returns False if there is a newer claim. */
  renew(consumer: string, claim: number, leaseMs: number): Promise<boolean>;
  /** Ends a claim before its time. */
  release(consumer: string, claim: number): Promise<void>;
  /**
   * Pages of the rooms with messages or amendments that were stored with `hold` and are not saved. There may be others among them, and
   * repeats. A room that is there during a whole pass is returned.
   *
   * @param from - `next` of the page before; undefined for the first page.
   */
  rooms(consumer: string, from?: string): Promise<HeldRooms>;
  /**
   * The position that a consumer saved in the current epoch of a room, without its life; before the oldest kept message if there is none.
   * Later calls with an older claim are refused for this room.
   *
   * @returns Undefined if there is a newer claim.
   */
  saved(consumer: string, claim: number, room: string): Promise<Position | undefined>;
  /**
   * Saves a position; never backwards in an epoch. Nothing is saved if the position is not part of the stream: then messages
   * come again.
   *
   * @returns False if there is a newer claim; nothing was saved.
   */
  save(consumer: string, claim: number, room: string, position: Position): Promise<boolean>;
  /** Removes a room from {@link rooms} if everything in it is saved, until the next publish with `hold`. */
  forget(consumer: string, room: string): Promise<void>;
}

/** One connection of one person in one room. */
export interface Lease {
  readonly room: string;
  readonly person: Person;
  /** Unique name of the connection on all servers. */
  readonly connection: string;
}

/** Presence. A lease that is not renewed expires, so the people of a killed server leave. */
export interface Presence {
  /** @returns Whether this is the person's first lease in the room. */
  enter(lease: Lease, leaseMs: number): Promise<boolean>;
  /** Extends leases to `leaseMs` from now. Creates an expired lease again. */
  renew(leases: readonly Lease[], leaseMs: number): Promise<void>;
  /** @returns Whether it was the person's last lease in the room. False if there was none. */
  leave(lease: Lease): Promise<boolean>;
  /** People with a valid lease, each once, by time of entry. */
  list(room: string): Promise<Person[]>;
  /** Removes expired leases. @returns The people without another lease, each to one caller only. */
  sweep(room: string): Promise<Person[]>;
}
