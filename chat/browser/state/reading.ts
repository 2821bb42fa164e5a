/**
 * The read position: one `seq` for each person and room. The numbers of unread messages, the unread line and the title depend on it alone.
 */
import type { ChatMessage, RoomState, ViewPlace } from './room-state.ts';
import { isShown, shownMessages } from './timeline-window.ts';

/** Most messages of a room that is not open. */
const keptMessages = 100;

/** The number of unread messages of others. */
export function unreadCount(room: RoomState, me: string): number {
  if (!room.isMember) return 0;
  const first = room.isLoaded ? room.messages[0]?.seq : undefined;
  // The authors of messages that the page does not have are unknown.
  if (first === undefined) return Math.max(0, room.topSeq - room.readSeq);
  let count = Math.max(0, first - 1 - room.readSeq);
  for (let index = room.messages.length - 1; index >= 0; index--) {
    const message = room.messages[index]!;
    if ((message.seq ?? Infinity) <= room.readSeq) break;
    if (isNews(message, me)) count++;
  }
  return count;
}

/** Messages on screen: the `seq` of the first one of which a part is visible, and of the last one whose end is. */
export interface SeenRange {
  readonly first: number;
  readonly last: number;
}

/** Number of the first message of others after the read position; undefined if there is none. */
export function firstUnread(room: RoomState, me: string): number | undefined {
  if (room.readSeq >= room.topSeq) return undefined;
  const next = room.readSeq + 1;
  for (const list of [room.messages, room.past]) {
    if (list.length === 0 || (list[0]!.seq ?? Infinity) > next) continue;
    const found = firstAfter(list, room.readSeq, me);
    // The end of the past is not the end of the room.
    if (found !== undefined || list === room.messages) return found;
  }
  return next;
}

function firstAfter(messages: readonly ChatMessage[], seq: number, me: string): number | undefined {
  // Most calls find nothing, or one of the newest messages.
  let first: number | undefined;
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index]!;
    if ((message.seq ?? Infinity) <= seq) break;
    if (message.seq !== undefined && isNews(message, me)) first = message.seq;
  }
  return first;
}

/** Whether a message can be unread. */
function isNews(message: ChatMessage, me: string): boolean {
  return message.author.id !== me && !message.data.deleted;
}

/**
 * The read position after messages were on screen: the last of them, if no unread message is above them.
 *
 * @returns Undefined if the read position stays.
 */
export function seenUpTo(room: RoomState, { first, last }: SeenRange, me: string): number | undefined {
  if (last <= room.readSeq || room.view?.isHeld) return undefined;
  const next = firstUnread(room, me);
  return next !== undefined && next < first ? undefined : last;
}

/** Opens a room. The unread line keeps its place while the person reads. */
export function startView(room: RoomState, me: string): RoomState {
  const hasUnread = room.isLoaded && unreadCount(room, me) > 0;
  const view = {
    unreadAfter: hasUnread ? room.readSeq : undefined,
    openedAt: room.arrived,
    place: undefined,
    isAtEnd: true,
    // It may be loaded again while it is open.
    isHeld: room.view?.isHeld ?? false,
  };
  return { ...room, view };
}

/**
 * The place at which a room opens; undefined if that part is not loaded.
 *
 * @param wanted - Where the person wants to go, or left the room.
 */
export function placeOf(room: RoomState, wanted: ViewPlace | undefined): ViewPlace | undefined {
  const seq = targetOf(room, wanted);
  if (seq !== undefined && !isShown(room, seq)) return undefined;
  const isLine = room.view?.unreadAfter !== undefined && (wanted?.kind !== 'message' || wanted.topPx !== undefined);
  if (isLine) return { kind: 'line' };
  return wanted ?? { kind: 'end' };
}

/** A message to which the person wants to go comes first, then unread messages, then the place that they left. */
export function targetOf(room: RoomState, wanted: ViewPlace | undefined): number | undefined {
  const wantedSeq = wanted?.kind === 'message' ? wanted.seq : undefined;
  if (wanted?.kind === 'message' && wanted.topPx === undefined) return wantedSeq;
  const unreadAfter = room.view?.unreadAfter;
  if (unreadAfter === undefined) return wantedSeq;
  // Without numbers the page cannot ask for a message.
  return shownMessages(room)[0]?.seq === undefined ? undefined : Math.min(unreadAfter + 1, room.topSeq);
}

/** Closes a room: removes the unread line, the notices and the history. */
export function endView(room: RoomState): RoomState {
  const { messages } = room;
  return {
    ...room,
    view: undefined,
    notices: [],
    past: [],
    isDetached: false,
    messages: messages.length > keptMessages ? messages.slice(-keptMessages) : messages,
  };
}

/** Removes the unread line, as after a message of this person. */
export function removeUnreadLine(room: RoomState): RoomState {
  return room.view ? { ...room, view: { ...room.view, unreadAfter: undefined, isHeld: false } } : room;
}

/** Reads everything, as the person wants it. */
export function readAll(room: RoomState): RoomState {
  return advanceRead(room.view?.isHeld ? { ...room, view: { ...room.view, isHeld: false } } : room, room.topSeq);
}

/** Moves the read position; never backwards. */
export function advanceRead(room: RoomState, seq: number): RoomState {
  return seq > room.readSeq ? { ...room, readSeq: seq } : room;
}

/** Applies a read position that the person has set, in any window. */
export function setRead(room: RoomState, seq: number): RoomState {
  const { view } = room;
  const isBack = seq < room.topSeq;
  return {
    ...room,
    readSeq: seq,
    view: view && { ...view, unreadAfter: isBack ? seq : undefined, isHeld: isBack },
  };
}
