/**
 * The state of one room. All of state/ is plain values and functions from one value to the next: no DOM, no connection,
 * no clock.
 */
import type { Person, Position } from 'gale/client';
import type { MessageData, WireExcerpt, WireRoom } from '../../wire.ts';

/** A stored message. */
export interface ChatMessage {
  readonly offset: number;
  /** Its number in the room; undefined as long as the page does not know it. */
  readonly seq: number | undefined;
  /** Chosen by the sender. */
  readonly id: string;
  readonly author: Person;
  /** Milliseconds since 1970, by the server's clock. */
  readonly time: number;
  readonly data: MessageData;
  /** For a position at this message, see `Position` of the client. */
  readonly life: string;
}

/** The `count` messages after offset `after` that the server no longer keeps and this page never got. */
export interface Gap {
  readonly after: number;
  readonly count: number;
}

/** A message of this person that the stream has not delivered yet. */
export interface Outgoing {
  readonly id: string;
  readonly data: MessageData;
  /** When it was sent; once stored, the time of the server. */
  readonly time: number;
  readonly status: 'pending' | 'stored' | 'failed';
  /** Where it was stored. */
  readonly at?: Position;
  /** Why it failed. */
  readonly code?: string;
}

/** A notice of people who came or left while the room was open. */
export interface Notice {
  readonly change: 'enter' | 'leave';
  readonly people: readonly Person[];
  /** Number of further people, whose names the server did not send. */
  readonly more: number;
  /** Time of the first change. */
  readonly time: number;
  /** Offset of the newest message at that time. */
  readonly after: number;
}

/** State of an open room; new at each opening. */
export interface RoomView {
  /** The unread line is before the first message of others after this offset; undefined for no line. */
  readonly unreadAfter: number | undefined;
  /** Read position at the opening. */
  readonly readUpTo: number;
  /** Newest offset at the opening. Later messages arrived while the room was open. */
  readonly openedAt: number;
}

/** One room. */
export interface RoomState {
  readonly id: string;
  readonly name: string;
  readonly isMember: boolean;
  /** Whether it was removed for everybody. It is kept for its unsent texts. */
  readonly isRemoved: boolean;
  readonly epoch: string;
  /** Newest known offset. */
  readonly top: number;
  /** Read position of this person on any device; an offset of `epoch`. */
  readonly cursor: number;
  /** Whether all messages up to the first subscription have arrived. */
  readonly isLoaded: boolean;
  /** Ascending by offset. */
  readonly messages: readonly ChatMessage[];
  /** Ascending; without overlap with the messages. */
  readonly gaps: readonly Gap[];
  /** In the order in which they were sent. */
  readonly outgoing: readonly Outgoing[];
  readonly notices: readonly Notice[];
  /** Quoted messages that are not among `messages`, by number; `gone` if the room does not have it. */
  readonly excerpts: ReadonlyMap<number, WireExcerpt | 'gone'>;
  /** The people in the room; undefined in a big room, of which the server sends only the count. */
  readonly people: readonly Person[] | undefined;
  /** Number of people in the room. */
  readonly peopleCount: number;
  readonly view: RoomView | undefined;
}

/** Creates the state of a room. */
export function createRoom({ id, name, member, epoch, top, cursor }: WireRoom): RoomState {
  return {
    id,
    name,
    isMember: member,
    isRemoved: false,
    epoch,
    top,
    cursor: offsetIn(epoch, cursor),
    isLoaded: false,
    messages: [],
    gaps: [],
    outgoing: [],
    notices: [],
    excerpts: new Map(),
    people: [],
    peopleCount: 0,
    view: undefined,
  };
}

/** The position of everything up to an offset. Without a life if its message is not in memory. */
export function positionAt({ epoch, messages }: RoomState, offset: number): Position {
  return { epoch, offset, life: messages.find((message) => message.offset === offset)?.life };
}

/** The offset of a position in an epoch; 0 for a position of another epoch. */
export function offsetIn(epoch: string, position: Position | null | undefined): number {
  return position && position.epoch === epoch ? position.offset : 0;
}

/** Offset up to which all messages have arrived or are known to be lost. */
export function lastOffset({ messages, gaps }: RoomState): number {
  const gap = gaps.at(-1);
  return Math.max(messages.at(-1)?.offset ?? 0, gap ? gap.after + gap.count : 0);
}
