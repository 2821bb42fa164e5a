/**
 * What the chat says about rooms: their kinds, members and changes. A part of wire.ts; it runs in browsers too.
 */
import type { Person } from 'gale/client';
import type { WireRoom } from '../wire.ts';

/** What a room is for: everybody (the lobby), all who want to join, invited people, or a direct conversation of up to 8 people. */
export type WireRoomKind = 'lobby' | 'public' | 'private' | 'direct';

/** What a member may do in a room. In a direct conversation its maker is the owner, without more rights. */
export type WireRoomRole = 'owner' | 'member';

/** What a room is, apart from its messages. Absent fields are empty. */
export interface WireRoomAbout {
  readonly kind: WireRoomKind;
  readonly topic?: string | undefined;
  /** Role of this person; absent for those who are only members. */
  readonly role?: WireRoomRole | undefined;
  /** When it was archived, in milliseconds since 1970: it can be read only. */
  readonly archivedAt?: number | undefined;
  /** Muted by this person until this time; the greatest safe integer for good. */
  readonly mutedUntil?: number | undefined;
  /** Time of the newest message in the history; without one, when the room was made. */
  readonly lastAt?: number | undefined;
  /** Of the name, for search. */
  readonly pinyin?: string | undefined;
  readonly pinyinInitials?: string | undefined;
  /** All people of a direct conversation, this person included. */
  readonly people?: readonly Person[] | undefined;
}

/** A public room in the directory. */
export interface WireListedRoom {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  /** Number of members. */
  readonly size: number;
  /** Time of the newest message, in milliseconds since 1970; null if there has been none. */
  readonly lastAt: number | null;
  readonly isMember: boolean;
}

/** A member of a room. */
export interface WireMember extends Person {
  readonly role: WireRoomRole;
}

/** The reply to a command that ends in a room. */
interface RoomReply {
  readonly room: WireRoom;
}

/** The commands about rooms. */
export interface RoomCommands {
  readonly 'make-room': {
    readonly fields: {
      readonly name: string;
      readonly kind?: 'public' | 'private';
      readonly topic?: string;
      /** Ids of people who are added. */
      readonly people?: readonly string[];
    };
    readonly reply: RoomReply;
  };
  readonly 'join-room': { readonly fields: { readonly room: string }; readonly reply: RoomReply };
  readonly 'leave-room': { readonly fields: { readonly room: string }; readonly reply: object };
  /** Opens the conversation with other people; none is a note to oneself. The same people have one conversation. */
  readonly 'open-direct': { readonly fields: { readonly people: readonly string[] }; readonly reply: RoomReply };
  /** Describes a room that this person may join, or is in. */
  readonly 'look-at-room': {
    readonly fields: { readonly room: string };
    readonly reply: RoomReply & { readonly size: number };
  };
  /** For owners and administrators: sets the name, the topic, or both. */
  readonly 'change-room': {
    readonly fields: { readonly room: string; readonly name?: string; readonly topic?: string };
    readonly reply: object;
  };
  /** For owners and administrators: makes a room read only, or ends that. */
  readonly 'archive-room': {
    readonly fields: { readonly room: string; readonly archived: boolean };
    readonly reply: object;
  };
  /** For owners and administrators: removes a room with its messages. */
  readonly 'delete-room': { readonly fields: { readonly room: string }; readonly reply: object };
  /** A page of the members by name; of the lobby all people. Everybody who may read the room may see it. */
  readonly members: {
    readonly fields: { readonly room: string; readonly query?: string; readonly after?: string };
    readonly reply: { readonly members: readonly WireMember[]; readonly count: number; readonly next?: string };
  };
  /** For members: adds people. */
  readonly 'add-people': {
    readonly fields: { readonly room: string; readonly people: readonly string[] };
    readonly reply: { readonly added: readonly string[] };
  };
  /** For owners and administrators. */
  readonly 'remove-person': {
    readonly fields: { readonly room: string; readonly person: string };
    readonly reply: object;
  };
  /** For owners and administrators. */
  readonly 'set-role': {
    readonly fields: { readonly room: string; readonly person: string; readonly role: WireRoomRole };
    readonly reply: object;
  };
  /** Mutes a room for this person until a time in milliseconds since 1970; null ends it. */
  readonly 'mute-room': {
    readonly fields: { readonly room: string; readonly until: number | null };
    readonly reply: object;
  };
  /** A page of the public rooms, the newest activity first. */
  readonly directory: {
    readonly fields: { readonly query?: string; readonly after?: string };
    readonly reply: { readonly rooms: readonly WireListedRoom[]; readonly next?: string };
  };
}

/** This person is in a room now: they joined it, or another person added them. */
export interface RoomFrame {
  readonly type: 'joined';
  readonly room: WireRoom;
}

/** This person left a room, or was removed from it; or the room was removed for everybody. */
export interface RoomGoneFrame {
  readonly type: 'left' | 'room-removed';
  readonly room: string;
}

/** Something of a room changed for this person only. */
export interface OwnRoomFrame {
  readonly type: 'room-own';
  readonly room: string;
  readonly role?: WireRoomRole;
  /** Null ends the mute. */
  readonly mutedUntil?: number | null;
}

/** Data of signals to all windows of the members of a room. */
export type RoomSignal =
  | {
      readonly type: 'room-changed';
      readonly name: string;
      readonly topic: string;
      readonly archivedAt: number | null;
      readonly pinyin: string;
      readonly pinyinInitials: string;
    }
  /** People joined, left or have another role: lists of members are old. */
  | { readonly type: 'members-changed' };

/** Whether data of a signal is one about a room. */
export function isRoomSignal(data: unknown): data is RoomSignal {
  const { type } = (data ?? {}) as { readonly type?: unknown };
  return type === 'room-changed' || type === 'members-changed';
}
