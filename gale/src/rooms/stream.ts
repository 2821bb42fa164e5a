/**
 * The words for a room's stream: positions, messages, pages. Types only.
 * A room is an append-only stream. Each message has an `offset` (1, 2, 3 … without a hole) inside an `epoch`,
 * which changes only if the stream was lost.
 */

/** Somebody who writes or is present; an application decides what an id is. */
export interface Person {
  /** Stable and unique. */
  readonly id: string;
  /** What others are shown. */
  readonly name: string;
}

/** A place in a stream: everything up to and with `offset` was seen. */
export interface Position {
  /** Which life of the stream the offset belongs to. */
  readonly epoch: string;
  /** Offset of the last message seen; 0 stands before the first. */
  readonly offset: number;
}

/** One stored message. */
export interface RoomMessage<Data = unknown> {
  /** Its place: 1 for the first of the epoch, then one more each. */
  readonly offset: number;
  /** Chosen by the sender; the same when a send is repeated. */
  readonly id: string;
  readonly author: Person;
  /** When the broker stored it, in milliseconds since 1970 by the broker's clock. For show; order is by offset. */
  readonly time: number;
  /** What was said; any JSON value. */
  readonly data: Data;
}

/** What a publisher hands in; the broker adds offset and time. */
export interface Entry<Data = unknown> {
  readonly id: string;
  readonly author: Person;
  readonly data: Data;
}

/** The broker's answer to a publish. A repeated one gets the answer of the first. */
export interface Published extends Position {
  /** When it was stored, in milliseconds since 1970. */
  readonly time: number;
  /** Whether the entry had been stored by an earlier publish with the same id. */
  readonly repeated: boolean;
}

/** The bounds of a stream, as they were at one moment. */
export interface StreamHead {
  readonly epoch: string;
  /** Offset of the newest message; 0 if there has been none. */
  readonly top: number;
  /** Offset of the oldest message still kept; `top + 1` if none is. */
  readonly first: number;
}

/** A stretch of a stream, as it was at one moment. */
export interface StreamPage<Data = unknown> extends StreamHead {
  /** Ascending by offset, without a hole between them. */
  readonly messages: readonly RoomMessage<Data>[];
  /** Size of the messages as they are stored, in bytes of UTF-8. */
  readonly bytes: number;
}
