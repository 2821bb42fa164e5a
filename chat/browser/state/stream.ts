/** Applies the events of a stream to a room: the reply to a subscription, messages, holes and a reset. */
import type { StreamStart, SubscribeReply } from 'gale/client';
import { startView } from './reading.ts';
import { lastOffset, offsetIn, type ChatMessage, type Gap, type RoomState } from './room-state.ts';

/** The circumstances of an event. */
export interface Arrival {
  /** Id of the person of this page. */
  readonly me: string;
  /** Whether the window is visible and has the focus. */
  readonly isAttentive: boolean;
}

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
    cursor: Math.max(sameEpoch ? room.cursor : 0, offsetIn(reply.epoch, reply.cursor)),
  };
  const missedSome = room.isLoaded && reply.top > lastOffset(room);
  return settle(missedSome && wasAway ? markUnread(next, lastOffset(room)) : next, arrival);
}

/** Applies the next message. It replaces the outgoing message of this person with the same id. */
export function applyMessage(room: RoomState, epoch: string, message: ChatMessage, arrival: Arrival): RoomState {
  const isOwn = message.author.id === arrival.me;
  const next: RoomState = {
    ...room,
    epoch,
    top: Math.max(room.top, message.offset),
    // A message of this person directly after the read position is read; the server does the same.
    cursor: isOwn && message.offset === room.cursor + 1 ? message.offset : room.cursor,
    messages: [...room.messages, message],
    outgoing: room.outgoing.filter(
      ({ id, at }) => !(isOwn && id === message.id) && !(at?.epoch === epoch && at.offset <= message.offset),
    ),
  };
  const isNews = room.isLoaded && !isOwn && !arrival.isAttentive;
  return settle(isNews ? markUnread(next, message.offset - 1) : next, arrival);
}

/** Applies a hole: messages that this page did not get are no longer kept. */
export function applyDropped(room: RoomState, hole: Gap, arrival: Arrival): RoomState {
  const { after, count } = hole;
  return settle({ ...room, top: Math.max(room.top, after + count), gaps: [...room.gaps, { after, count }] }, arrival);
}

/** Applies a reset: discards the messages of the lost stream. All following messages are new. */
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
      cursor: 0,
      isLoaded: false,
      messages: [],
      gaps: first > 1 ? [{ after: 0, count: first - 1 }] : [],
      outgoing: room.outgoing.filter(({ status }) => status !== 'stored'),
      notices: [],
    },
    arrival,
  );
}

function markUnread(room: RoomState, after: number): RoomState {
  if (!room.view || room.view.unreadAfter !== undefined) return room;
  return { ...room, view: { ...room.view, unreadAfter: after } };
}

/** Marks the room as loaded once all messages known at the subscription have arrived. An open view then starts. */
function settle(room: RoomState, { me }: Arrival): RoomState {
  if (room.isLoaded || lastOffset(room) < room.top) return room;
  const loaded = { ...room, isLoaded: true };
  return room.view ? startView(loaded, me) : loaded;
}
