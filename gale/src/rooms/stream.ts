/**
 * Types of the stream of a room: positions, messages, pages.
 * A room is an append-only stream. Each message has an `offset` (1, 2, 3 … without a gap) inside an `epoch`,
 * which changes only if the store lost messages, and a `life`: the run of the store that stored it.
 */
import type { StreamTop } from './lives.ts';

/** A person who publishes or is present. The application defines the ids. */
export interface Person {
  /** Stable and unique. */
  readonly id: string;
  /** The name that others see. */
  readonly name: string;
}

/** A position in a stream: everything up to `offset`, inclusive, was seen. */
export interface Position {
  /** The epoch of the offset. A stream that lost messages gets a new one. */
  readonly epoch: string;
  /** Offset of the last message seen; 0 is before the first message. */
  readonly offset: number;
  /**
   * The `life` of that message. It shows whether the message is part of the stream, after the store went back to an older state.
   * Empty for offset 0. Without it, such a loss may stay undetected.
   */
  readonly life?: string | undefined;
  /** The newest amendment seen: all changes up to it of messages up to `offset`. Omitted if there was none. */
  readonly version?: number | undefined;
}

/** One stored message. */
export interface RoomMessage<Data = unknown> {
  /** Position in the epoch: 1 for the first message, then one more each. */
  readonly offset: number;
  /** Chosen by the sender. A retry has the same id. */
  readonly id: string;
  readonly author: Person;
  /** When the broker stored it, in milliseconds since 1970 by the clock of the broker. For display only; the order is by offset. */
  readonly time: number;
  /** The content, any JSON value. */
  readonly data: Data;
  /** The run of the store that stored it, for a {@link Position}. Empty if that is no longer known. */
  readonly life: string;
  /** Number of its newest amendment, which counts in its room and epoch. Omitted if it was never amended. */
  readonly version?: number;
  /** When it was amended last, in milliseconds since 1970 by the clock of the broker. Omitted if it was never amended. */
  readonly amended?: number;
}

/** A message to publish. The broker adds offset and time. */
export interface Entry<Data = unknown> {
  readonly id: string;
  readonly author: Person;
  readonly data: Data;
}

/** The response of the broker to a publish. A repeated publish gets the response of the first. */
export interface Published extends Position {
  readonly life: string;
  /** When it was stored, in milliseconds since 1970. */
  readonly time: number;
  /** Whether an earlier publish with the same id stored the entry. */
  readonly repeated: boolean;
}

/** A change of a stored message: other data for the message with this author and id. */
export interface Amendment<Data = unknown> {
  /** Id of the message. */
  readonly id: string;
  /** Id of its author. */
  readonly author: string;
  /** The new data, instead of the stored data. */
  readonly data: Data;
  /**
   * The `version` of the message that was changed; 0 if it was never amended. If the message has another version now, the amendment
   * is refused with `ROOM_AMEND_CONFLICT`. Without it, the amendment is unconditional, and a repeat could undo a later one.
   */
  readonly version?: number | undefined;
}

/** The response of the broker to an amendment. */
export interface Amended extends Position {
  readonly life: string;
  /** The version of the message now. */
  readonly version: number;
  /** When it was amended, in milliseconds since 1970. */
  readonly time: number;
  /** Whether the message had this data already. Nothing was changed. */
  readonly repeated: boolean;
}

/** The bounds of a stream at one moment. */
export interface StreamHead extends StreamTop {
  /** Offset of the oldest kept message; `top + 1` if none is kept. */
  readonly first: number;
}

/** Where messages follow from. */
export interface StreamStart {
  readonly epoch: string;
  /** Offset of the newest message; 0 if there has been none. */
  readonly top: number;
  /** Offset of the oldest kept message; `top + 1` if none is kept. */
  readonly first: number;
  /** The life of the position before the first message that follows. */
  readonly life: string;
  /** Amendments after this version follow. Omitted if there was none. */
  readonly version?: number;
}

/** A page of a stream at one moment. */
export interface StreamPage<Data = unknown> extends StreamHead {
  /** Ascending by offset, without a gap. */
  readonly messages: readonly RoomMessage<Data>[];
  /** Size of the messages as they are stored, in bytes of UTF-8. */
  readonly bytes: number;
}
