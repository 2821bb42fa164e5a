/** The whole page as one value: the person, the connection to the server, the rooms and which of them is on screen. */
import type { ClientState, Person } from 'gale/client';
import type { Language } from '../../locale/index.ts';
import { limits, type ChatWelcome, type WireChoices, type WireLimits, type WireRoom } from '../../wire.ts';
import type { OwnRoomFrame, RoomSignal } from '../../rooms/wire-rooms.ts';
import { mentionCount } from './own-mentions.ts';
import { defaultChoices } from './people.ts';
import { endView, startView, unreadCount } from './reading.ts';
import { directName } from './direct-names.ts';
import { aboutOf, createRoom, isMuted, type RoomState } from './room-state.ts';
import { applySegments } from './timeline-window.ts';

/** The connection to the server. */
export interface ConnectionState {
  readonly state: ClientState;
  /** When it was lost, in milliseconds since 1970; undefined if it is open. */
  readonly lostAt: number | undefined;
  /** The server refuses it because the person has too many open windows. */
  readonly hasTooManyWindows: boolean;
}

/** The page. */
export interface ChatState {
  readonly me: Person;
  readonly choices: WireChoices;
  readonly language: Language;
  readonly limits: WireLimits;
  /** Role of this person in the chat. */
  readonly role: ChatWelcome['me']['role'];
  readonly connection: ConnectionState;
  /** Id of an unknown room that was opened, until the server has described it; undefined if there is none. */
  readonly looksAt: string | undefined;
  /** Whether the first list of rooms has arrived. */
  readonly isWelcomed: boolean;
  /** All rooms, in the order of the server. */
  readonly rooms: ReadonlyMap<string, RoomState>;
  /** Id of the open room, which may not exist; undefined if only the list is open. */
  readonly openRoom: string | undefined;
  /** Whether the window is visible and has the focus. */
  readonly isAttentive: boolean;
}

/** The state of the page before the first frame of the server. */
export function createChatState(me: Person, language: Language, now: number): ChatState {
  return {
    me,
    choices: defaultChoices,
    language,
    limits,
    role: 'member',
    connection: { state: 'closed', lostAt: now, hasTooManyWindows: false },
    looksAt: undefined,
    isWelcomed: false,
    rooms: new Map(),
    openRoom: undefined,
    isAttentive: true,
  };
}

/** Changes a room, if it exists. */
export function updateRoom(state: ChatState, id: string, change: (room: RoomState) => RoomState): ChatState {
  const room = state.rooms.get(id);
  if (!room) return state;
  const next = change(room);
  return next === room ? state : { ...state, rooms: new Map(state.rooms).set(id, next) };
}

/** Applies the list of the rooms of this person. Known rooms keep their messages; rooms of the person that are not in the list are left. */
export function applyRooms(
  state: ChatState,
  described: readonly WireRoom[],
  mentions: ChatWelcome['mentions'] = {},
): ChatState {
  const rooms = new Map(
    described.map((room) => [room.id, { ...applyDescription(state, room), mentioned: mentions[room.id] ?? [] }]),
  );
  for (const [id, room] of state.rooms) if (!rooms.has(id)) rooms.set(id, room.isMember ? toRemoved(room) : room);
  return { ...state, isWelcomed: true, rooms };
}

/** Applies a new room, or one that this person joined. */
export function applyRoom(state: ChatState, described: WireRoom): ChatState {
  return { ...state, rooms: new Map(state.rooms).set(described.id, applyDescription(state, described)) };
}

/** This person left a room, in this window or another. */
export function applyLeft(state: ChatState, id: string): ChatState {
  return updateRoom(state, id, toLeft);
}

/** A room was removed for everybody. */
export function applyRemoved(state: ChatState, id: string): ChatState {
  return updateRoom(state, id, toRemoved);
}

/** Something changed that all members see. */
export function applySignal(state: ChatState, id: string, signal: RoomSignal): ChatState {
  return updateRoom(state, id, (room) => {
    if (signal.type === 'members-changed') return { ...room, membersVersion: room.membersVersion + 1 };
    const { name, topic, archivedAt, pinyin, pinyinInitials } = signal;
    const about = { ...room.about, topic, archivedAt: archivedAt ?? undefined, pinyin, pinyinInitials };
    return { ...room, name, about };
  });
}

/** Something changed for this person only. */
export function applyOwn(state: ChatState, { room: id, role, mutedUntil }: OwnRoomFrame): ChatState {
  return updateRoom(state, id, (room) => {
    const muted = mutedUntil === undefined ? room.about.mutedUntil : (mutedUntil ?? undefined);
    return { ...room, about: { ...room.about, role: role ?? room.about.role, mutedUntil: muted } };
  });
}

/** Adds a removed room of which only unsent texts are known. */
export function addRemoved(state: ChatState, id: string, name: string): ChatState {
  const room = createRoom({ ...notMember, id, name, kind: 'public' });
  return state.rooms.has(id) ? state : { ...state, rooms: new Map(state.rooms).set(id, toRemoved(room)) };
}

/** Opens another room, or none. */
export function showRoom(state: ChatState, id: string | undefined): ChatState {
  if (state.openRoom === id) return state;
  const left = state.openRoom === undefined ? state : updateRoom(state, state.openRoom, endView);
  const next = { ...left, openRoom: id };
  return id === undefined
    ? next
    : updateRoom(next, id, (room) => (room.isMember ? startView(room, state.me.id) : room));
}

/** What waits for the person: messages for them, and whether there are others. */
export interface Waiting {
  /** Unread mentions, and unread messages of direct conversations that are not muted. */
  readonly forMe: number;
  /** Whether another room that is not muted has unread messages. */
  readonly hasOthers: boolean;
}

/** Counts what is unread in the rooms that are not archived. A mention counts in a muted room too. */
export function waitingFor({ rooms, me }: ChatState, now: number): Waiting {
  let forMe = 0;
  let hasOthers = false;
  for (const room of rooms.values()) {
    if (room.about.archivedAt !== undefined) continue;
    const mentions = mentionCount(room);
    const unread = isMuted(room, now) ? mentions : unreadCount(room, me.id);
    if (room.about.kind === 'direct') forMe += unread;
    else {
      forMe += mentions;
      hasOthers ||= unread > mentions;
    }
  }
  return { forMe, hasOthers };
}

/** Gives direct conversations the names that their people have now. */
export function applyNames(state: ChatState, nameOf: (id: string) => string | undefined): ChatState {
  let next = state;
  for (const room of state.rooms.values()) {
    if (room.about.kind !== 'direct') continue;
    const people = room.about.people.map((person) => ({ ...person, name: nameOf(person.id) ?? person.name }));
    if (people.every(({ name }, at) => name === room.about.people[at]?.name)) continue;
    const about = { ...room.about, people };
    next = updateRoom(next, room.id, () => ({ ...room, about, name: directName({ about }, state.me.id) }));
  }
  return next;
}

/** The state of a room after the server described it. */
function applyDescription(state: ChatState, sent: WireRoom): RoomState {
  const described =
    sent.kind === 'direct' ? { ...sent, name: directName({ about: aboutOf(sent) }, state.me.id) } : sent;
  const known = state.rooms.get(described.id);
  const room = known ? renewRoom(known, described) : createRoom(described);
  const isOpened = state.openRoom === described.id && room.isMember && !room.view;
  return isOpened ? startView(room, state.me.id) : room;
}

function renewRoom(known: RoomState, described: WireRoom): RoomState {
  if (known.isMember !== described.member || known.isRemoved)
    return { ...createRoom(described), outgoing: known.outgoing };
  const { name, epoch, segments, topSeq, readSeq } = described;
  // The reply to the subscription has the position of the stream.
  const numbered = segments.length > 0 ? applySegments(known, epoch, segments) : known;
  return { ...numbered, name, about: aboutOf(described), topSeq: Math.max(numbered.topSeq, topSeq), readSeq };
}

/** What the server sends about a room to a person who is not a member. */
const notMember: Omit<WireRoom, 'id' | 'name' | 'kind'> = {
  member: false,
  epoch: '',
  top: 0,
  segments: [],
  topSeq: 0,
  readSeq: 0,
};

/** A room without anything of the server except its name. */
function toLeft(room: RoomState): RoomState {
  return {
    ...createRoom({ ...notMember, ...room.about, id: room.id, name: room.name }),
    outgoing: room.outgoing,
  };
}

function toRemoved(room: RoomState): RoomState {
  return { ...toLeft(room), isRemoved: true };
}
