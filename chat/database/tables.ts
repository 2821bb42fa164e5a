/**
 * The tables of the database, as types. Column names are in snake_case in the database and in camelCase here.
 * Times are milliseconds since 1970. `seq` numbers the messages of a room: it starts at 1, grows by one, and never changes, also if the
 * stream of the room gets a new epoch.
 */
import type { Generated } from 'kysely';

/** What a person may do: everything, everything for members, or only what the rooms they were invited to allow. */
export type Role = 'administrator' | 'member' | 'guest';

/** `lobby`: the room of everybody, one row. `direct`: a conversation of up to eight people. */
export type RoomKind = 'lobby' | 'public' | 'private' | 'direct';

/** What a member may do in a room: manage it, or write. */
export type RoomRole = 'owner' | 'member';

export interface PersonTable {
  id: string;
  name: string;
  /** Form of the name for comparison; unique. */
  nameKey: string;
  /** PHC string; empty if nobody can sign in with a password. */
  passwordHash: string;
  role: Generated<Role>;
  /** Pinyin of the name without tones or spaces, such as `zhangsan`; for other scripts the name in small letters. */
  pinyin: Generated<string>;
  /** First letters of the pinyin, such as `zs`. */
  pinyinInitials: Generated<string>;
  /** The same for all names that look alike; empty until it is computed. */
  nameSkeleton: Generated<string>;
  createdAt: number;
  deactivatedAt: number | null;
  /** When all sessions of the person ended, or all but one. */
  sessionsEndedAt: number | null;
  /** When the person deleted the account. The row stays, since messages refer to it. */
  deletedAt: number | null;
  /** Choices of the person; null: the browser decides. */
  language: string | null;
  theme: string | null;
  timeZone: string | null;
  sendKey: string | null;
  roomOrder: string | null;
  /** Hash of the picture; null without one. */
  pictureHash: string | null;
}

export interface PictureTable {
  personId: string;
  type: string;
  bytes: Uint8Array;
}

export interface InviteTable {
  id: string;
  /** SHA-256 of the token, in base64url. */
  tokenHash: string;
  madeBy: string;
  madeAt: number;
  expiresAt: number | null;
  maxUses: number | null;
  uses: Generated<number>;
  role: Role;
  revokedAt: number | null;
}

export interface InviteRoomTable {
  inviteId: string;
  roomId: string;
}

/** A person who was removed from a room by somebody else. */
export interface RemovalTable {
  personId: string;
  roomId: string;
  removedAt: number;
}

/** A link for one sign-in, made by an administrator. */
export interface SignInLinkTable {
  tokenHash: string;
  personId: string;
  madeBy: string;
  expiresAt: number;
  usedAt: number | null;
}

export interface RoomTable {
  id: string;
  kind: RoomKind;
  /** Empty for the lobby, which each page translates, and for direct conversations. */
  name: string;
  /** Form of the name for comparison; unique; null without a name. */
  nameKey: string | null;
  topic: Generated<string>;
  /** The sorted ids of the people of a direct conversation; unique; null for other rooms. */
  peopleKey: string | null;
  pinyin: Generated<string>;
  pinyinInitials: Generated<string>;
  madeBy: string;
  madeAt: number;
  archivedAt: number | null;
  /** 0 while only its maker joined it and it has no message. */
  kept: Generated<number>;
  /** 1 while the room is being removed. */
  hidden: Generated<number>;
  /** When the room was deleted. It is hidden too; its rows are removed in steps. */
  deletedAt: number | null;
  /** The newest message; 0 if there has been none. */
  topSeq: Generated<number>;
  /** When the newest message was sent. */
  lastAt: number | null;
}

export interface MemberTable {
  roomId: string;
  personId: string;
  role: Generated<RoomRole>;
  joinedAt: number;
  /** The newest message that the person has read, on any device. */
  readSeq: Generated<number>;
  /** Muted until this time; the greatest safe integer for good. */
  mutedUntil: number | null;
}

export interface MessageTable {
  roomId: string;
  seq: number;
  authorId: string;
  /** Chosen by the sender. A retry has the same id; unique for each room and author. */
  messageId: string;
  /** Empty after a deletion. */
  text: string;
  sentAt: number;
  /** How often the message was changed. The data in the stream has the same number; the greater one is newer. */
  change: Generated<number>;
  /** 1 while the stream and open pages may not have the newest change yet. */
  pending: Generated<number>;
  editedAt: number | null;
  deletedAt: number | null;
  deletedBy: string | null;
  /** `seq` of the message to which this one replies. */
  replyTo: number | null;
  /** JSON list of ids of mentioned people, `all` for everybody; null without mentions. */
  mentions: string | null;
  pinnedAt: number | null;
  pinnedBy: string | null;
  /** Where the stream has the message. */
  epoch: string;
  streamOffset: number;
}

/** From `firstOffset` in `epoch` on, `seq` is offset + `delta`. A further segment begins when that changes. */
export interface SegmentTable {
  roomId: string;
  epoch: string;
  firstOffset: number;
  delta: number;
}

export interface ReactionTable {
  roomId: string;
  seq: number;
  personId: string;
  emoji: string;
  madeAt: number;
}

export interface MentionTable {
  personId: string;
  roomId: string;
  seq: number;
  sentAt: number;
}

/** What administrators did, the command line (`actorId` is null), and visitors who are not signed in (`actorId` is `visitor`). */
export interface AuditTable {
  id: Generated<number>;
  at: number;
  actorId: string | null;
  /** Such as `person.deactivate`. */
  action: string;
  /** Id of the person, room or invite. */
  target: string | null;
  /** JSON object. */
  details: string;
}

/** A session of gale/sessions. The row stays until a later sign-in removes expired ones. */
export interface SessionTable {
  /** SHA-256 of the token in the cookie, in hex. */
  id: string;
  /** Null for a visitor who is not signed in. */
  personId: string | null;
  createdAt: number;
  /** When it was last written. */
  seenAt: number;
  expiresAt: number;
}

/** A value of a session: JSON text. */
export interface SessionValueTable {
  sessionId: string;
  name: string;
  text: string;
}

/** Values of the whole chat, such as the id of the database. */
export interface SettingTable {
  name: string;
  value: string;
}

export interface Tables {
  person: PersonTable;
  picture: PictureTable;
  invite: InviteTable;
  inviteRoom: InviteRoomTable;
  signInLink: SignInLinkTable;
  room: RoomTable;
  member: MemberTable;
  removal: RemovalTable;
  message: MessageTable;
  segment: SegmentTable;
  reaction: ReactionTable;
  mention: MentionTable;
  audit: AuditTable;
  session: SessionTable;
  sessionValue: SessionValueTable;
  setting: SettingTable;
}
