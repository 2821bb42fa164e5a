/**
 * The read position: one offset for each person and room. The numbers of unread messages, the unread line and the title
 * depend on it alone.
 */
import { lastOffset, type RoomState } from './room-state.ts';

/** Most messages of a room that is not open. */
const keptMessages = 300;

/** The number of unread messages of others, including those no longer kept. */
export function unreadCount(room: RoomState, me: string): number {
  if (!room.isMember) return 0;
  // Until all messages have arrived, their authors are unknown.
  if (!room.isLoaded) return Math.max(0, room.top - room.cursor);
  let count = room.gaps.reduce((sum, gap) => sum + countAfter(gap, room.cursor), 0);
  for (let index = room.messages.length - 1; index >= 0; index--) {
    const message = room.messages[index]!;
    if (message.offset <= room.cursor) break;
    if (message.author.id !== me) count++;
  }
  return count;
}

/** The number of messages of a gap after an offset. */
export function countAfter(gap: { readonly after: number; readonly count: number }, offset: number): number {
  return Math.max(0, gap.after + gap.count - Math.max(gap.after, offset));
}

/** Messages on screen: the offset of the first one of which a part is visible, and of the last one whose end is. */
export interface SeenRange {
  readonly first: number;
  readonly last: number;
}

/** Offset of the first message of others after the read position; undefined if there is none. */
export function firstUnread(room: RoomState, me: string): number | undefined {
  // Most calls find nothing, or one of the newest messages.
  let first: number | undefined;
  for (let index = room.messages.length - 1; index >= 0; index--) {
    const { offset, author } = room.messages[index]!;
    if (offset <= room.cursor) break;
    if (author.id !== me) first = offset;
  }
  return first;
}

/**
 * The read position after messages were on screen: the last of them, if no unread message is above them. Messages that are no
 * longer kept can never be on screen, so they do not count.
 *
 * @returns Undefined if the read position stays.
 */
export function seenUpTo(room: RoomState, { first, last }: SeenRange, me: string): number | undefined {
  if (last <= room.cursor) return undefined;
  const next = firstUnread(room, me);
  if (next !== undefined && next < first) return undefined;
  return last === room.messages.at(-1)?.offset ? lastOffset(room) : last;
}

/** Opens a room. The unread line keeps its place while the person reads. */
export function startView(room: RoomState, me: string): RoomState {
  const hasUnread = room.isLoaded && unreadCount(room, me) > 0;
  const unreadAfter = hasUnread ? room.cursor : undefined;
  return { ...room, view: { unreadAfter, readUpTo: room.cursor, openedAt: lastOffset(room) } };
}

/** Closes a room: removes the unread line, the notices and old messages that were read. */
export function endView(room: RoomState): RoomState {
  const { messages } = room;
  const cut = messages.at(-keptMessages)?.offset ?? 0;
  const from = Math.min(cut, room.cursor + 1);
  return {
    ...room,
    view: undefined,
    notices: [],
    messages: messages.length > keptMessages ? messages.filter(({ offset }) => offset >= from) : messages,
  };
}

/** Removes the unread line, as after a message of this person. */
export function removeUnreadLine(room: RoomState): RoomState {
  return room.view ? { ...room, view: { ...room.view, unreadAfter: undefined } } : room;
}

/** Moves the read position; never backwards, and not by a position of another epoch. */
export function advanceCursor(room: RoomState, epoch: string, offset: number): RoomState {
  return room.epoch === epoch && offset > room.cursor ? { ...room, cursor: offset } : room;
}
