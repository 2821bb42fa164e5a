/**
 * One room as the page knows it. All of state/ is plain values and functions from one value to the next:
 * no DOM, no connection, no clock of its own.
 */
import type { Person, Position } from 'gale/client';
import type { WireRoom } from '../../wire.ts';

/** A stored message. */
export interface ChatMessage {
  readonly offset: number;
  /** Chosen by the sender. */
  readonly id: string;
  readonly author: Person;
  /** Milliseconds since 1970, by the server's clock. */
  readonly time: number;
  readonly text: string;
}

/** Messages that the server no longer keeps and this page never got: `count` of them behind offset `after`. */
export interface Gap {
  readonly after: number;
  readonly count: number;
}

/** A message of this person that has not come back through the room's stream. */
export interface Outgoing {
  readonly id: string;
  readonly text: string;
  /** When it was handed in; once stored, when that was. */
  readonly time: number;
  readonly status: 'pending' | 'stored' | 'failed';
  /** Where it was stored. */
  readonly at?: Position;
  /** Why it failed. */
  readonly code?: string;
}

/** People came or went while the room was on screen. */
export interface Notice {
  readonly change: 'enter' | 'leave';
  readonly people: readonly Person[];
  /** How many more there were. */
  readonly more: number;
  /** When the first of them did. */
  readonly time: number;
  /** Offset of the newest message at that time. */
  readonly after: number;
}

/** What belongs to the room being on screen; new at each opening. */
export interface RoomView {
  /** The unread line stands before the first message of others behind this offset; undefined: no line. */
  readonly unreadAfter: number | undefined;
  /** How far had been read at the opening. */
  readonly readUpTo: number;
  /** Newest offset at the opening; what comes behind it came before the reader's eyes. */
  readonly openedAt: number;
}

/** One room. */
export interface RoomState {
  readonly id: string;
  readonly name: string;
  readonly isMember: boolean;
  readonly epoch: string;
  /** Newest offset the server has told of. */
  readonly top: number;
  /** How far this person has read, on any device; an offset of `epoch`. */
  readonly cursor: number;
  /** Whether everything that was there at the first subscription has arrived. */
  readonly isLoaded: boolean;
  /** Ascending by offset. */
  readonly messages: readonly ChatMessage[];
  /** Ascending; never overlapping the messages. */
  readonly gaps: readonly Gap[];
  /** In the order they were handed in. */
  readonly outgoing: readonly Outgoing[];
  readonly notices: readonly Notice[];
  /** Who is here; undefined in a big room, where the server only counts. */
  readonly people: readonly Person[] | undefined;
  /** How many are here. */
  readonly peopleCount: number;
  readonly view: RoomView | undefined;
}

/** Makes a room from what the server says of it. */
export function createRoom({ id, name, member, epoch, top, cursor }: WireRoom): RoomState {
  return {
    id,
    name,
    isMember: member,
    epoch,
    top,
    cursor: offsetIn(epoch, cursor),
    isLoaded: false,
    messages: [],
    gaps: [],
    outgoing: [],
    notices: [],
    people: [],
    peopleCount: 0,
    view: undefined,
  };
}

/** The offset a position means in an epoch: one of another epoch is void. */
export function offsetIn(epoch: string, position: Position | null | undefined): number {
  return position && position.epoch === epoch ? position.offset : 0;
}

/** Offset up to which everything has arrived or is known to be lost. */
export function lastOffset({ messages, gaps }: RoomState): number {
  const gap = gaps.at(-1);
  return Math.max(messages.at(-1)?.offset ?? 0, gap ? gap.after + gap.count : 0);
}
