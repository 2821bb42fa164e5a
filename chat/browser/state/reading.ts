/**
 * Reading: one number for each person and room says how far they have read. Counts, the unread line and the title
 * all follow from it; nothing else knows what is unread.
 */
import { lastOffset, type RoomState } from './room-state.ts';

/** Messages kept in the page of a room that is not on screen. */
const keptMessages = 300;

/** How many messages of others are unread, those no longer kept included. */
export function unreadCount(room: RoomState, me: string): number {
  if (!room.isMember) return 0;
  // Until all have arrived nobody knows which are one's own.
  if (!room.isLoaded) return Math.max(0, room.top - room.cursor);
  let count = room.gaps.reduce((sum, gap) => sum + countAfter(gap, room.cursor), 0);
  for (let index = room.messages.length - 1; index >= 0; index--) {
    const message = room.messages[index]!;
    if (message.offset <= room.cursor) break;
    if (message.author.id !== me) count++;
  }
  return count;
}

/** How many messages of a gap are behind an offset. */
export function countAfter(gap: { readonly after: number; readonly count: number }, offset: number): number {
  return Math.max(0, gap.after + gap.count - Math.max(gap.after, offset));
}

/** Puts the room on screen. The unread line stays where it is put now, however far is read meanwhile. */
export function startView(room: RoomState, me: string): RoomState {
  const hasUnread = room.isLoaded && unreadCount(room, me) > 0;
  const unreadAfter = hasUnread ? room.cursor : undefined;
  return { ...room, view: { unreadAfter, readUpTo: room.cursor, openedAt: lastOffset(room) } };
}

/** Takes the room off the screen: the unread line and the notices go, and old messages that were read. */
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

/** Removes the unread line, as one's own message does. */
export function removeUnreadLine(room: RoomState): RoomState {
  return room.view ? { ...room, view: { ...room.view, unreadAfter: undefined } } : room;
}

/** Moves the read position; never backwards, and not by a position of another epoch. */
export function advanceCursor(room: RoomState, epoch: string, offset: number): RoomState {
  return room.epoch === epoch && offset > room.cursor ? { ...room, cursor: offset } : room;
}
