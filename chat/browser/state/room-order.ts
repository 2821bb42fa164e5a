/**
 * The list of rooms in its visible order: rooms, direct conversations, archived and removed rooms. The person chose the order: the newest
 * message first, or by name with unread rooms first. The lobby is always the first room.
 */
import type { Language } from '../../locale/index.ts';
import { lobbyId } from '../../wire.ts';
import type { ChatState } from './chat-state.ts';
import { unreadCount } from './reading.ts';
import { isMuted, type RoomState } from './room-state.ts';

/** The list of rooms in its parts. */
export interface RoomList {
  readonly rooms: readonly RoomState[];
  readonly directs: readonly RoomState[];
  readonly archived: readonly RoomState[];
  readonly removed: readonly RoomState[];
}

/** What the order depends on. */
export type ListState = Pick<ChatState, 'rooms' | 'language' | 'me' | 'choices' | 'openRoom'>;

/** Sorts the rooms. @param now - Milliseconds since 1970. */
export function listRooms(state: ListState, now: number): RoomList {
  const { language, me, openRoom, choices } = state;
  const collator = collatorOf(language);
  const byName = (a: RoomState, b: RoomState): number => collator.compare(a.name, b.name);
  const hasNews = (room: RoomState): number => Number(!isMuted(room, now) && unreadCount(room, me.id) > 0);
  const rank = choices.roomOrder === 'activity' ? lastActivity : hasNews;
  const inOrder = (a: RoomState, b: RoomState): number =>
    Number(b.id === lobbyId) - Number(a.id === lobbyId) || rank(b) - rank(a) || byName(a, b);
  // Nobody sees that another person opened a conversation and wrote nothing.
  const isShown = (room: RoomState): boolean =>
    room.top > 0 || room.outgoing.length > 0 || room.about.role === 'owner' || room.id === openRoom;
  const all = [...state.rooms.values()];
  const joined = all.filter(({ isMember }) => isMember);
  const current = joined.filter(({ about }) => about.archivedAt === undefined);
  return {
    rooms: current.filter(({ about }) => about.kind !== 'direct').toSorted(inOrder),
    directs: current.filter((room) => room.about.kind === 'direct' && isShown(room)).toSorted(inOrder),
    archived: joined.filter(({ about }) => about.archivedAt !== undefined).toSorted(byName),
    removed: all.filter(({ isRemoved }) => isRemoved).toSorted(byName),
  };
}

/** The room that a window opens by itself: the lobby, or the first room of a guest, who is not in it. */
export function homeRoom(state: ListState, now: number): string {
  return listRooms(state, now).rooms[0]?.id ?? lobbyId;
}

/** Time of the newest message that the page or the server knows; without one, when the room was made. */
export function lastActivity({ messages, about }: RoomState): number {
  return Math.max(messages.at(-1)?.time ?? 0, about.lastAt);
}

/**
 * The room above or below another in the list, around its ends.
 *
 * @param passes - Whether a room counts; others are skipped.
 * @returns Undefined if no other room counts.
 */
export function neighbourRoom(
  { rooms, directs }: RoomList,
  from: string | undefined,
  step: 1 | -1,
  passes: (room: RoomState) => boolean = () => true,
): RoomState | undefined {
  const all = [...rooms, ...directs];
  const start = all.findIndex(({ id }) => id === from);
  for (let index = 1; index <= all.length; index++) {
    const begin = start < 0 && step < 0 ? 0 : start;
    const room = all[(begin + step * index + all.length * index) % all.length];
    if (room && room.id !== from && passes(room)) return room;
  }
  return undefined;
}

const collators = new Map<Language, Intl.Collator>();

function collatorOf(language: Language): Intl.Collator {
  let known = collators.get(language);
  if (!known) collators.set(language, (known = new Intl.Collator(language, { numeric: true })));
  return known;
}
