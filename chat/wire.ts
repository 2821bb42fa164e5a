/**
 * What the chat adds to the rooms protocol of docs/wire.md, as types and constants: fields of the welcome, commands, events,
 * the data of a message and limits. The server and the page share this file. It runs in browsers too.
 */
import type { PersonChangedFrame, WirePerson } from './mentions/mention-wire.ts';
import type { Person, Position, ServerFrame, WelcomeFrame } from 'gale/client';
import type { RoomOrder, SendKey, Theme } from './people/choices.ts';
import type { OwnRoomFrame, RoomCommands, RoomFrame, RoomGoneFrame, WireRoomAbout } from './rooms/wire-rooms.ts';

/** Id of the room that everybody is in. Each page translates its name. */
export const lobbyId = 'lobby';

/** Cookie with the id of the room that a browser had open last. The page writes it, and the server reads it for the {@link Opening}. */
export const lastRoomCookie = 'room';

/** Limits of a message and of a room's name, both counted in code points. */
export interface WireLimits {
  readonly codePoints: number;
  /** Bytes of a message in UTF-8. */
  readonly bytes: number;
  readonly roomName: number;
  /** Longest topic, in code points. */
  readonly topic: number;
  /** Most people in a direct conversation. */
  readonly directPeople: number;
}

/** The limits of this version. The welcome contains those of the server. */
export const limits: WireLimits = { codePoints: 10_000, bytes: 49_152, roomName: 40, topic: 200, directPeople: 8 };

/** One emoji under a message. */
export interface WireReaction {
  readonly emoji: string;
  readonly count: number;
  /** Ids of the first people who chose it, at most {@link maxReactionPeople}. */
  readonly people: readonly string[];
}

/** People whose ids a reaction contains. */
export const maxReactionPeople = 50;

/** In `mentions`: everybody in the room. */
export const mentionsAll = 'all';

/** `deleted.by` of a message that was deleted because of its age. It is not shown, and the room has none before it. */
export const expiredBy = '';

/** Data of a message, in the stream and in the history. */
export interface MessageData {
  /** Empty after a deletion. */
  readonly text: string;
  /** How often the message was changed; omitted if never. Of two states of a message, the one with the greater number is newer. */
  readonly change?: number;
  /** When the text was edited last, in milliseconds since 1970. */
  readonly edited?: number;
  /** The message was deleted. `recalled`: by its author, soon after it was sent. */
  readonly deleted?: { readonly at: number; readonly by: string; readonly recalled?: boolean };
  /** `seq` of the message to which this one replies. */
  readonly reply?: number;
  /** Ids of the mentioned people, or {@link mentionsAll}. */
  readonly mentions?: readonly string[];
  readonly reactions?: readonly WireReaction[];
  /** When it was pinned, in milliseconds since 1970. */
  readonly pinned?: number;
}

/**
 * From `firstOffset` in the current epoch of the room on, the `seq` of a message is its offset + `delta`, until the next segment. `seq` numbers
 * the messages of a room: it starts at 1, grows by one, and a message keeps it, also if the stream gets a new epoch.
 */
export interface WireSegment {
  readonly firstOffset: number;
  readonly delta: number;
}

/** A message of the history. */
export interface HistoryMessage {
  readonly seq: number;
  /** Chosen by the sender. */
  readonly id: string;
  /** The name is empty if the person is unknown. */
  readonly author: Person;
  /** When it was sent, in milliseconds since 1970. */
  readonly time: number;
  readonly data: MessageData;
}

/** Messages in one page of the history. */
export const historyPageCount = 50;

/** A room as one person sees it. For a person who is not a member, the fields after `member` contain no data. */
export interface WireRoom extends WireRoomAbout {
  readonly id: string;
  /** Empty for a direct conversation. */
  readonly name: string;
  readonly member: boolean;
  readonly epoch: string;
  /** Newest offset. */
  readonly top: number;
  /** Of `epoch`, ascending; see {@link WireSegment}. Empty for a moment after the stream got a new epoch: a signal has them then. */
  readonly segments: readonly WireSegment[];
  /** `seq` of the newest message; 0 if there has been none. */
  readonly topSeq: number;
  /** `seq` of the newest message that this person has read, on any device. */
  readonly readSeq: number;
}

/** What a person chose about the pages. */
export interface WireChoices {
  /** Null: that of the browser. */
  readonly language: string | null;
  readonly theme: Theme;
  /** A name of the IANA; null: that of the browser. */
  readonly timeZone: string | null;
  readonly sendKey: SendKey;
  readonly roomOrder: RoomOrder;
}

/** The person of a window. */
export interface WireMe extends WirePerson {
  readonly choices: WireChoices;
}

/** Fields that the chat adds to the welcome. */
export interface ChatWelcome {
  readonly me: WireMe;
  readonly limits: WireLimits;
  /** The rooms of this person, the lobby first. */
  readonly rooms: readonly WireRoom[];
  /** The `seq` of messages that mention this person and are unread, ascending, for each room that has some. */
  readonly mentions: Readonly<Record<string, readonly number[]>>;
}

/** What the page itself has of one room, so that its messages are visible before the page is connected. */
export interface Opening {
  readonly me: WireMe;
  /** As it was at `at`. */
  readonly room: WireRoom;
  /** The page subscribes to the room from here on. */
  readonly at: Position;
  /** The newest messages up to `at`, ascending and without a hole. */
  readonly messages: readonly (HistoryMessage & { readonly offset: number })[];
  /** The oldest `seq` of the room. */
  readonly first: number;
  /** The authors and mentioned people of the messages. */
  readonly people: readonly WirePerson[];
  /** The messages around the first unread one, if it is not among `messages`. */
  readonly part?: { readonly messages: readonly HistoryMessage[]; readonly first: number };
}

/** A message by its room and number. */
interface MessageFields {
  readonly room: string;
  readonly seq: number;
}

/** The new data of a changed message. */
interface ChangeReply {
  readonly data: MessageData;
}

/** Positions in one `set-read`: as many as a person can have rooms. */
export const maxReadPositions = 1000;

/** The commands of the history and of the read positions. */
export interface HistoryCommands {
  /** A page of at most {@link historyPageCount} messages: the newest, or those before, after or around a `seq`. */
  readonly 'read-history': {
    readonly fields: {
      readonly room: string;
      readonly before?: number;
      readonly after?: number;
      readonly around?: number;
    };
    readonly reply: {
      /** Ascending by `seq`, without a hole. */
      readonly messages: readonly HistoryMessage[];
      /** The oldest `seq` that is kept; `top + 1` if there is no message. */
      readonly first: number;
      /** The newest `seq` in the history, which may be a moment behind the stream. */
      readonly top: number;
      /** The current epoch of the stream, and its segments. */
      readonly epoch: string;
      readonly segments: readonly WireSegment[];
    };
  };
  /** This person has seen the message and all before it. */
  readonly seen: { readonly fields: { readonly room: string; readonly seq: number }; readonly reply: object };
  /** The message and all after it are unread. */
  readonly 'mark-unread': { readonly fields: { readonly room: string; readonly seq: number }; readonly reply: object };
  /** Sets read positions of several rooms, forwards or back: marks all as read, or undoes that. */
  readonly 'set-read': {
    readonly fields: { readonly positions: readonly { readonly room: string; readonly seq: number }[] };
    readonly reply: object;
  };
}

/** Fields of each command of the chat and of its reply, without `type` and `ref`. */
export interface ChatCommands extends HistoryCommands, RoomCommands {
  readonly 'edit-message': { readonly fields: MessageFields & { readonly text: string }; readonly reply: ChangeReply };
  /** `recall`: refused instead of a deletion when it is too late to recall. */
  readonly 'delete-message': {
    readonly fields: MessageFields & { readonly recall?: boolean };
    readonly reply: ChangeReply;
  };
  readonly react: {
    readonly fields: MessageFields & { readonly emoji: string; readonly on: boolean };
    readonly reply: ChangeReply;
  };
  readonly 'pin-message': { readonly fields: MessageFields & { readonly on: boolean }; readonly reply: ChangeReply };
  /** Messages that the room does not have are missing in the reply. */
  readonly 'get-messages': {
    readonly fields: { readonly room: string; readonly seqs: readonly number[] };
    readonly reply: { readonly messages: readonly WireExcerpt[] };
  };
  /** The newest pin first. */
  readonly 'list-pins': {
    readonly fields: { readonly room: string };
    readonly reply: { readonly messages: readonly WireExcerpt[] };
  };
  /** `own`: whether this person is among all of them. */
  readonly 'who-reacted': {
    readonly fields: MessageFields & { readonly emoji: string };
    readonly reply: { readonly people: readonly Person[]; readonly count: number; readonly own: boolean };
  };
}

/** A part of a message, for a quote or the list of pinned messages. */
export interface WireExcerpt extends Omit<HistoryMessage, 'data'> {
  /** The first 300 code points; empty if it was deleted. */
  readonly text: string;
  readonly deleted?: true;
  readonly pinned?: number;
}

/** Data of a `signal` to the people in a room: a message that the stream no longer keeps was changed. */
export interface MessageChangedSignal {
  readonly type: 'message-changed';
  readonly seq: number;
  readonly data: MessageData;
}

/** The read position of this person in a room has moved, in any of their windows. */
export interface SeenFrame {
  readonly type: 'seen';
  readonly room: string;
  readonly seq: number;
  /** The person has set it, and it may have moved back. Windows must not move it again before the person leaves the room. */
  readonly exact?: boolean;
}

/** Data of a `signal` to the people in a room: its messages have other numbers, see {@link WireSegment}. */
export interface SegmentsSignal {
  readonly type: 'segments';
  readonly epoch: string;
  readonly segments: readonly WireSegment[];
}

/** This person chose something, in this window or another. */
export interface ChoicesFrame {
  readonly type: 'choices';
  readonly choices: WireChoices;
}

/** An event for a window that does not belong to the stream of a room. */
export type ChatEvent = RoomFrame | RoomGoneFrame | OwnRoomFrame | SeenFrame | PersonChangedFrame | ChoicesFrame;

const eventTypes: Readonly<Record<ChatEvent['type'], true>> = {
  joined: true,
  left: true,
  'room-removed': true,
  seen: true,
  'person-changed': true,
  choices: true,
  'room-own': true,
};

/** Whether a frame is an event of the chat. A page ignores events of a newer server. */
export function isChatEvent(frame: ServerFrame): frame is ChatEvent {
  return Object.hasOwn(eventTypes, frame.type);
}

/** Whether a welcome is that of a chat. */
export function isChatWelcome(frame: WelcomeFrame): frame is WelcomeFrame & ChatWelcome {
  return 'limits' in frame && 'rooms' in frame;
}

/**
 * Reason of the close with 4401 if the person ended the session: by a log-out in any window of the browser, or by signing in
 * again there.
 */
export const endedByPerson = 'ended by the person';

/** Reason of the close with 4401 if an administrator deactivated the account. */
export const deactivated = 'the account is deactivated';

/** What `/me` responds: the person who is signed in, and whether they have too many windows open on this server. */
export interface MeResponse {
  readonly person: { readonly id: string; readonly name: string } | null;
  readonly tooManyWindows?: boolean;
}
