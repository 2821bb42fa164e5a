/**
 * The state of one room. All of state/ is plain values and functions from one value to the next: no DOM, no connection,
 * no clock.
 */
import type { Person, Position } from 'gale/client';
import type { HistoryMessage, MessageData, WireExcerpt, WireRoom, WireSegment } from '../../wire.ts';
import type { WireRoomAbout, WireRoomKind, WireRoomRole } from '../../rooms/wire-rooms.ts';

/** A stored message. */
export interface ChatMessage {
  /** Where the stream has it; 0 for a message of the history. */
  readonly offset: number;
  /** Its number in the room; undefined as long as the page does not know it. */
  readonly seq: number | undefined;
  /** Chosen by the sender. */
  readonly id: string;
  readonly author: Person;
  /** Milliseconds since 1970, by the server's clock. */
  readonly time: number;
  readonly data: MessageData;
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
  /** The unread line is before the first message of others after this `seq`; undefined for no line. */
  readonly unreadAfter: number | undefined;
  /** Newest offset at the opening. Later messages arrived while the room was open. */
  readonly openedAt: number;
  /** Where to scroll, a new object for each jump; undefined until that part is loaded. */
  readonly place: ViewPlace | undefined;
  /** Whether the newest message is on the screen. */
  readonly isAtEnd: boolean;
  /** The person has marked messages as unread: nothing is read before they open the room again. */
  readonly isHeld: boolean;
}

/** A place in the messages: the unread line, the newest message, or a message, which is at a distance from the upper edge, or else centred. */
export type ViewPlace =
  | { readonly kind: 'line' | 'end' }
  | { readonly kind: 'message'; readonly seq: number; readonly topPx?: number };

/** What a room is, apart from its messages: {@link WireRoomAbout} with all fields. */
export interface RoomAbout {
  readonly kind: WireRoomKind;
  readonly topic: string;
  readonly role: WireRoomRole;
  /** Undefined unless it is archived. */
  readonly archivedAt: number | undefined;
  readonly mutedUntil: number | undefined;
  /** Time of the newest message; without one, when the room was made. */
  readonly lastAt: number;
  readonly pinyin: string;
  readonly pinyinInitials: string;
  readonly people: readonly Person[];
}

/** One room. */
export interface RoomState {
  readonly id: string;
  readonly name: string;
  /** What the room is, apart from its messages. */
  readonly about: RoomAbout;
  readonly isMember: boolean;
  /** Whether it was removed for everybody. It is kept for its unsent texts. */
  readonly isRemoved: boolean;
  readonly epoch: string;
  /** Newest known offset. */
  readonly top: number;
  /** Offset up to which all messages have arrived, or are only in the history. */
  readonly arrived: number;
  /** The numbers of the messages of an epoch. */
  readonly segments: { readonly epoch: string; readonly list: readonly WireSegment[] };
  /** Number of the newest message. */
  readonly topSeq: number;
  /** Number of the newest message that this person has read on any device. */
  readonly readSeq: number;
  /** Numbers of messages that mention this person, ascending. Those that were read since then may be among them. */
  readonly mentioned: readonly number[];
  /** Number of the oldest message in the history; undefined before the first page. */
  readonly firstSeq: number | undefined;
  /** Whether all messages up to the first subscription have arrived. */
  readonly isLoaded: boolean;
  /** The newest messages, from the stream, ascending and without a hole. */
  readonly messages: readonly ChatMessage[];
  /** Messages of the history, ascending and without a hole. timeline-window.ts has more about it. */
  readonly past: readonly ChatMessage[];
  /** Whether messages are missing between `past` and `messages`; then only `past` is shown. */
  readonly isDetached: boolean;
  /** In the order in which they were sent. */
  readonly outgoing: readonly Outgoing[];
  /** Texts of messages that this person has changed and the server does not have yet, by number. */
  readonly edits: ReadonlyMap<number, string>;
  readonly notices: readonly Notice[];
  /** Quoted messages that are not among `messages`, by number; `gone` if the room does not have it. */
  readonly excerpts: ReadonlyMap<number, WireExcerpt | 'gone'>;
  /** The people in the room; undefined in a big room, of which the server sends only the count. */
  readonly people: readonly Person[] | undefined;
  /** Number of people in the room. */
  readonly peopleCount: number;
  /** Grows when lists of the members are old. */
  readonly membersVersion: number;
  readonly view: RoomView | undefined;
}

/** Creates the state of a room. */
export function createRoom(described: WireRoom): RoomState {
  const { id, name, member, epoch, top, segments, topSeq, readSeq } = described;
  return {
    id,
    name,
    about: aboutOf(described),
    isMember: member,
    isRemoved: false,
    epoch,
    top,
    arrived: 0,
    segments: { epoch, list: segments },
    topSeq,
    readSeq,
    mentioned: [],
    firstSeq: undefined,
    isLoaded: false,
    messages: [],
    past: [],
    isDetached: false,
    outgoing: [],
    edits: new Map(),
    notices: [],
    excerpts: new Map(),
    people: [],
    peopleCount: 0,
    membersVersion: 0,
    view: undefined,
  };
}

/** What a description says about a room. */
export function aboutOf(described: WireRoomAbout): RoomAbout {
  const { kind, topic = '', role = 'member', archivedAt, mutedUntil, lastAt = 0 } = described;
  const { pinyin = '', pinyinInitials = '', people = [] } = described;
  return { kind, topic, role, archivedAt, mutedUntil, lastAt, pinyin, pinyinInitials, people };
}

/** The other people of a direct conversation; the person alone for a note to oneself. */
export function directPeople({ about: { people } }: Pick<RoomState, 'about'>, me: string): readonly Person[] {
  const others = people.filter(({ id }) => id !== me);
  return others.length > 0 ? others : people;
}

/** Whether this person has muted a room. */
export function isMuted({ about }: Pick<RoomState, 'about'>, now: number): boolean {
  return about.mutedUntil !== undefined && about.mutedUntil > now;
}

/** A message of the history. */
export function toChatMessage({ seq, id, author, time, data }: HistoryMessage): ChatMessage {
  return { offset: 0, seq, id, author, time, data };
}
