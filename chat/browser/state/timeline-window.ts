/**
 * Which messages of a room the page has. `messages` are the newest ones, from the stream. `past` are older ones, from the history: directly
 * before `messages`, or somewhere else (`isDetached`), and then only they are shown. At most {@link maxShown} messages are shown: what is far
 * from the screen is dropped, and loaded again when the person comes back to it.
 */
import type { HistoryMessage, WireSegment } from '../../wire.ts';
import { seqAt } from '../../history/segments.ts';
import { toChatMessage, type ChatMessage, type RoomState } from './room-state.ts';

/** Most messages that are shown, except some new ones. */
export const maxShown = 300;
/** New messages that may be added before old ones are dropped. */
const spareShown = 15;

/** A page of the history, as the server sends it. */
export interface HistoryPage {
  readonly messages: readonly HistoryMessage[];
  /** The oldest `seq` of the room. */
  readonly first: number;
}

type Shown = Pick<RoomState, 'messages' | 'past' | 'isDetached'>;

/** The messages that are shown, oldest first. */
export function shownMessages({ messages, past, isDetached }: Shown): readonly ChatMessage[] {
  if (isDetached || messages.length === 0) return past;
  return past.length === 0 ? messages : [...past, ...messages];
}

/** Whether a message is shown. */
export function isShown(room: Shown, seq: number): boolean {
  const shown = shownMessages(room);
  const [first, last] = [shown[0]?.seq, shown.at(-1)?.seq];
  return first !== undefined && last !== undefined && first <= seq && seq <= last;
}

/** Whether the history has messages before those that are shown. */
export function hasOlder(room: RoomState): boolean {
  const [first] = shownMessages(room);
  if (!room.isLoaded) return false;
  return first ? (first.seq ?? Infinity) > (room.firstSeq ?? 1) : room.topSeq > 0 && room.firstSeq === undefined;
}

/** Adds the page directly before the shown messages. */
export function addOlder(room: RoomState, { messages, first: firstSeq }: HistoryPage): RoomState {
  const [first] = shownMessages(room);
  const older = toMessages(messages).filter(({ seq }) => first === undefined || seq! < (first.seq ?? 0));
  const next = { ...room, firstSeq, past: [...older, ...room.past] };
  const shown = shownMessages(next);
  if (shown.length <= maxShown) return next;
  // The end is far from the screen.
  return { ...next, past: shown.slice(0, maxShown), isDetached: true };
}

/** Adds the page directly after the shown messages, which are detached. */
export function addNewer(room: RoomState, { messages, first: firstSeq }: HistoryPage): RoomState {
  const last = room.past.at(-1)?.seq ?? 0;
  return attach({ ...room, firstSeq, past: [...room.past, ...toMessages(messages).filter(({ seq }) => seq! > last)] });
}

/** Shows another part of the history. */
export function showPart(room: RoomState, { messages, first: firstSeq }: HistoryPage): RoomState {
  return attach({ ...room, firstSeq, past: toMessages(messages), isDetached: true });
}

/** Shows the newest messages. */
export function showNewest(room: RoomState): RoomState {
  return room.isDetached ? { ...room, past: [], isDetached: false } : room;
}

/** Drops messages after a new one. @param isAtEnd - Whether the end is on the screen; otherwise the new message is dropped. */
export function limitShown(room: RoomState, isAtEnd: boolean): RoomState {
  const over = room.isDetached ? 0 : room.past.length + room.messages.length - maxShown;
  if (over <= spareShown) return room;
  if (!isAtEnd) return { ...room, past: shownMessages(room).slice(0, maxShown), isDetached: true };
  return dropFirst(room, over);
}

/** Applies the numbers of the messages. */
export function applySegments(room: RoomState, epoch: string, segments: readonly WireSegment[]): RoomState {
  if (epoch !== room.epoch && room.epoch !== '') return { ...room, segments: { epoch, list: segments } };
  const messages = room.messages.map((message) => {
    const seq = seqAt(segments, message.offset);
    return seq === message.seq ? message : { ...message, seq };
  });
  const topSeq = Math.max(room.topSeq, messages.at(-1)?.seq ?? 0);
  return { ...room, segments: { epoch, list: segments }, messages, topSeq };
}

/** The `seq` of a message of the stream; undefined if the page does not know the numbers of its epoch yet. */
export function seqOf({ segments }: Pick<RoomState, 'segments'>, epoch: string, offset: number): number | undefined {
  // A room without messages has no epoch.
  return segments.epoch === epoch || segments.epoch === '' ? seqAt(segments.list, offset) : undefined;
}

/** Joins the past with the newest messages if nothing is missing between them. */
function attach(room: RoomState): RoomState {
  const last = room.past.at(-1)?.seq ?? 0;
  const begin = room.messages[0] ? room.messages[0].seq : room.topSeq + 1;
  if (begin === undefined || last < begin - 1) return { ...room, past: room.past.slice(-maxShown) };
  const joined = { ...room, past: room.past.filter(({ seq }) => seq! < begin), isDetached: false };
  return dropFirst(joined, joined.past.length + joined.messages.length - maxShown);
}

function dropFirst(room: RoomState, count: number): RoomState {
  if (count <= 0) return room;
  return {
    ...room,
    past: room.past.slice(count),
    messages: room.messages.slice(Math.max(0, count - room.past.length)),
  };
}

function toMessages(messages: readonly HistoryMessage[]): ChatMessage[] {
  return messages.map(toChatMessage);
}
