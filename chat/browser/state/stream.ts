/** Applies the events of a stream to a room: the reply to a subscription, messages, holes and a reset. */
import type { StreamStart, SubscribeReply } from 'gale/client';
import { firstUnread, startView } from './reading.ts';
import type { ChatMessage, RoomState } from './room-state.ts';
import { limitShown, seqOf, shownMessages } from './timeline-window.ts';

/** The circumstances of an event. */
export interface Arrival {
  /** Id of the person of this page. */
  readonly me: string;
  /** Whether the window is visible and has the focus. */
  readonly isAttentive: boolean;
}

/** A message as the stream delivers it. */
export type StreamMessage = Omit<ChatMessage, 'seq'>;

/**
 * Applies the reply to a subscription. Missed messages follow.
 *
 * @param wasAway - Whether the connection was lost for long enough to show the banner: then missed messages are unread.
 */
export function applySubscribed(room: RoomState, reply: SubscribeReply, arrival: Arrival, wasAway: boolean): RoomState {
  if (reply.reset) return room;
  const sameEpoch = room.epoch === reply.epoch;
  const next: RoomState = {
    ...room,
    epoch: reply.epoch,
    top: sameEpoch ? Math.max(room.top, reply.top) : reply.top,
  };
  const last = room.messages.at(-1)?.seq;
  const missedSome = room.isLoaded && reply.top > room.arrived && last !== undefined;
  return settle(missedSome && wasAway ? markUnread(next, last, arrival) : next, arrival);
}

/** Applies the next message. It replaces the outgoing message of this person with the same id. */
export function applyMessage(known: RoomState, epoch: string, sent: StreamMessage, arrival: Arrival): RoomState {
  const isOwn = sent.author.id === arrival.me;
  const message = { ...sent, seq: seqOf(known, epoch, sent.offset) };
  const { seq } = message;
  const isMissed = known.isLoaded && !isOwn && !arrival.isAttentive && seq !== undefined;
  const room = isMissed ? markUnread(known, seq - 1, arrival) : known;
  const next: RoomState = {
    ...room,
    epoch,
    top: Math.max(room.top, message.offset),
    arrived: message.offset,
    topSeq: Math.max(room.topSeq, seq ?? 0),
    // A message of this person directly after the read position is read.
    readSeq: isOwn && seq === room.readSeq + 1 ? seq : room.readSeq,
    messages: [...room.messages, message],
    outgoing: room.outgoing.filter(
      ({ id, at }) => !(isOwn && id === message.id) && !(at?.epoch === epoch && at.offset <= message.offset),
    ),
  };
  return settle(limitShown(next, room.view?.isAtEnd !== false), arrival);
}

/** Applies a hole: messages that only the history has. What was shown stays, and the history is loaded after it. */
export function applyDropped(
  room: RoomState,
  { after, count }: { readonly after: number; readonly count: number },
  arrival: Arrival,
): RoomState {
  const shown = shownMessages(room);
  const arrived = after + count;
  return settle(
    {
      ...room,
      top: Math.max(room.top, arrived),
      arrived,
      messages: [],
      past: room.view ? shown : [],
      isDetached: room.view !== undefined && shown.length > 0,
    },
    arrival,
  );
}

/** Applies a reset: discards the messages of the lost stream. The history has what was stored there. */
export function applyReset(
  room: RoomState,
  { epoch, top, first }: Pick<StreamStart, 'epoch' | 'top' | 'first'>,
  arrival: Arrival,
): RoomState {
  return settle(
    {
      ...room,
      epoch,
      top,
      arrived: first - 1,
      isLoaded: false,
      messages: [],
      past: [],
      isDetached: false,
      outgoing: room.outgoing.filter(({ status }) => status !== 'stored'),
      notices: [],
    },
    arrival,
  );
}

/**
 * Puts the unread line after a message that is followed by messages that the person could not see. A line above it stays as long as
 * messages below it are unread.
 */
function markUnread(room: RoomState, after: number, { me }: Arrival): RoomState {
  const { view } = room;
  if (!view || (view.unreadAfter !== undefined && firstUnread(room, me) !== undefined)) return room;
  return { ...room, view: { ...view, unreadAfter: after } };
}

/** Marks the room as loaded once all messages known at the subscription have arrived. An open view then starts. */
function settle(room: RoomState, { me }: Arrival): RoomState {
  if (room.isLoaded || room.arrived < room.top) return room;
  const loaded = { ...room, isLoaded: true };
  return room.view ? startView(loaded, me) : loaded;
}
