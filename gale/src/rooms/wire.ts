/**
 * The rooms protocol of docs/wire.md as types and constants: commands, replies, events, close codes and limits.
 * The server and the client share this file. Runs in browsers too. Reading a frame is the job of each end.
 */
import { closeCodes as webSocketCodes } from '../websocket/protocol/close-codes.ts';
import type { PeoplePage, PresenceBatch, RoomPeople } from './presence/room-people.ts';
import type { Person, Position, RoomMessage, StreamStart } from './stream.ts';

/** The `protocol` of the welcome. */
export const protocolVersion = 1;

/**
 * Close codes of WebSockets with rooms: those of every WebSocket (`restart` is 1012, for example), and those of the rooms.
 * docs/wire.md §6 says what a client does after each.
 */
export const closeCodes: typeof webSocketCodes & {
  /** The session ended; sign in again before you reconnect. */
  readonly sessionEnded: 4401;
} = { ...webSocketCodes, sessionEnded: 4401 };

/** Limits that both ends know. */
export const wireLimits = {
  /** Largest frame of a client, in bytes. */
  frameBytes: 65_536,
  /** Characters in the name of a room. */
  roomLength: 100,
  /** Characters in the id of a message. */
  idLength: 64,
  /** Characters in the id of an author. */
  authorLength: 256,
  /** Characters in an epoch. */
  epochLength: 100,
  /** Characters in a life. */
  lifeLength: 100,
  /** Levels of arrays and objects in the data of a message. */
  dataLevels: 64,
  /** People in one page. */
  peoplePage: 200,
  /** Messages in one page of the history. */
  historyPage: 100,
} as const;

/** The reply to `subscribe`. */
export interface SubscribeReply extends StreamStart {
  /** No message is missing between the requested position and the next message. */
  readonly recovered: boolean;
  /** The requested position is invalid: discard what was received. */
  readonly reset: boolean;
  /** Number of messages after the requested position that are no longer kept. */
  readonly dropped: number;
  /** How far this person has read the room, on any device. */
  readonly cursor: Position | null;
}

/** The reply to `publish`. A repeated publish gets the reply of the first one. */
export interface PublishReply extends Position {
  /** When the message was stored, in milliseconds since 1970 by the server's clock. */
  readonly time: number;
  /** The id of the message. */
  readonly id: string;
}

/** The reply to `amend`. */
export interface AmendReply extends Position {
  /** The version of the message now. */
  readonly version: number;
  /** When it was amended, in milliseconds since 1970 by the server's clock. */
  readonly time: number;
}

/** The reply to `history`: a page of a room's stream. */
export interface HistoryReply<Data = unknown> {
  readonly epoch: string;
  /** Offset of the newest message; 0 if there has been none. */
  readonly top: number;
  /** Offset of the oldest kept message; `top + 1` if none is kept. */
  readonly first: number;
  /** The messages immediately before the requested position, oldest first, without a gap. */
  readonly messages: readonly RoomMessage<Data>[];
}

/** Fields of each command and of its reply, without `type` and `ref`. */
export interface RoomCommands {
  readonly subscribe: {
    readonly fields: { readonly room: string; readonly after?: Position | undefined };
    readonly reply: SubscribeReply;
  };
  readonly unsubscribe: { readonly fields: { readonly room: string }; readonly reply: object };
  readonly publish: {
    readonly fields: {
      readonly room: string;
      readonly id: string;
      readonly data: unknown;
      readonly retry?: boolean;
      readonly after?: Position | undefined;
    };
    readonly reply: PublishReply;
  };
  readonly amend: {
    readonly fields: {
      readonly room: string;
      readonly author?: string | undefined;
      readonly id: string;
      readonly data: unknown;
      readonly version?: number | undefined;
    };
    readonly reply: AmendReply;
  };
  readonly read: {
    readonly fields: Omit<Position, 'version'> & { readonly room: string };
    readonly reply: { readonly cursor: Position | null };
  };
  readonly people: {
    readonly fields: { readonly room: string; readonly after?: string | undefined; readonly limit?: number };
    readonly reply: PeoplePage;
  };
  readonly history: {
    readonly fields: { readonly room: string; readonly before?: Position | undefined; readonly limit?: number };
    readonly reply: HistoryReply;
  };
  readonly ping: { readonly fields: object; readonly reply: object };
}

/** Fields of a command; any object for a command of the application. */
export type CommandFields<Type extends string> = Type extends keyof RoomCommands
  ? RoomCommands[Type]['fields']
  : object;

/** Fields of a command as they arrive, before validation: each may be missing or have any type. */
export type Unvalidated<Fields> = { readonly [Name in keyof Fields]?: unknown };

/** The reply to a command; fields of any type for a command of the application. */
export type CommandReply<Type extends string> = Type extends keyof RoomCommands
  ? RoomCommands[Type]['reply']
  : Readonly<Record<string, unknown>>;

/** A frame of the server. Narrow it by `type` to use its other fields, as {@link isRoomEvent} does. */
export interface ServerFrame {
  readonly type: string;
}

/** A command was refused. */
export interface ErrorFrame {
  readonly type: 'error';
  /** The `ref` of the command; null if the server could not read it. */
  readonly ref: number | null;
  readonly code: string;
  /** A sentence for developers. */
  readonly message: string;
  /** The server made no decision: the same command can be sent again later. */
  readonly retry: boolean;
  /** Least delay before that, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** The first frame of a connection. An application may add fields. */
export interface WelcomeFrame {
  readonly type: 'welcome';
  readonly protocol: number;
  /** Whom the server identified. */
  readonly person: Person;
  /** The server's clock, in milliseconds since 1970. */
  readonly time: number;
}

/** A message of a room. */
export interface MessageFrame<Data = unknown> extends RoomMessage<Data> {
  readonly type: 'message';
  readonly room: string;
  readonly epoch: string;
}

/** A message of a room was amended: its new state. */
export interface AmendFrame<Data = unknown> extends RoomMessage<Data> {
  readonly type: 'amend';
  readonly room: string;
  readonly epoch: string;
}

/** Messages were trimmed before the server could send them. */
export interface DroppedFrame {
  readonly type: 'dropped';
  readonly room: string;
  readonly epoch: string;
  /** Offset of the last message before the hole. */
  readonly after: number;
  /** Number of messages in the hole. */
  readonly count: number;
  /** The life of the last message in the hole. */
  readonly life: string;
}

/** Messages were amended, perhaps, and trimmed before the server could send the amendments. */
export interface StaleFrame {
  readonly type: 'stale';
  readonly room: string;
  readonly epoch: string;
  /** Offset of the last message before them. */
  readonly after: number;
  /** Number of these messages. */
  readonly count: number;
}

/** The position of this client is not part of the stream; all kept messages follow. */
export interface ResetFrame extends StreamStart {
  readonly type: 'reset';
  readonly room: string;
}

/** Who is in a room. */
export interface PeopleFrame extends RoomPeople {
  readonly type: 'people';
}

/** Who entered and left a room. */
export interface PresenceFrame extends PresenceBatch {
  readonly type: 'presence';
}

/** This person's cursor moved, in any of their windows. */
export interface ReadFrame extends Position {
  readonly type: 'read';
  readonly room: string;
}

/** A notification from the application to the people in a room. */
export interface SignalFrame {
  readonly type: 'signal';
  readonly room: string;
  readonly data: unknown;
}

/** Frames of the server that are neither the welcome nor a response. */
export type RoomEvent<Data = unknown> =
  | MessageFrame<Data>
  | AmendFrame<Data>
  | DroppedFrame
  | StaleFrame
  | ResetFrame
  | PeopleFrame
  | PresenceFrame
  | ReadFrame
  | SignalFrame;

const eventTypes: Readonly<Record<RoomEvent['type'], true>> = {
  message: true,
  amend: true,
  dropped: true,
  stale: true,
  reset: true,
  people: true,
  presence: true,
  read: true,
  signal: true,
};

/** Whether a frame is an event of this protocol, not one of the application. Its fields are the server's promise. */
export function isRoomEvent<Data>(frame: ServerFrame): frame is RoomEvent<Data> {
  return Object.hasOwn(eventTypes, frame.type);
}

/** Whether a frame is the welcome. */
export function isWelcome(frame: ServerFrame): frame is WelcomeFrame {
  return frame.type === 'welcome';
}
