/** What the room's stream does to a room: the answer to a subscription, messages, holes, a lost stream. */
import type { StreamHead, SubscribeReply } from 'gale/client';
import { startView } from './reading.ts';
import { lastOffset, offsetIn, type ChatMessage, type Gap, type RoomState } from './room-state.ts';

/** Under which circumstances something arrives. */
export interface Arrival {
  /** Id of the person whose page this is. */
  readonly me: string;
  /** Whether somebody is looking: the window is visible and has the focus. */
  readonly isAttentive: boolean;
}

/**
 * The server said where the room stands; what was missed follows.
 *
 * @param wasAway - Whether the line was gone for long enough to be noticed: then what follows is unread.
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

/** The next message. It takes the place of this person's own outgoing one. */
export function applyMessage(room: RoomState, epoch: string, message: ChatMessage, arrival: Arrival): RoomState {
  const isOwn = message.author.id === arrival.me;
  const next: RoomState = {
    ...room,
    epoch,
    top: Math.max(room.top, message.offset),
    // Directly behind what was read, one's own message is read; the server does the same.
    cursor: isOwn && message.offset === room.cursor + 1 ? message.offset : room.cursor,
    messages: [...room.messages, message],
    outgoing: room.outgoing.filter(
      ({ id, at }) => !(isOwn && id === message.id) && !(at?.epoch === epoch && at.offset <= message.offset),
    ),
  };
  const isNews = room.isLoaded && !isOwn && !arrival.isAttentive;
  return settle(isNews ? markUnread(next, message.offset - 1) : next, arrival);
}

/** Messages this page did not get are no longer kept. */
export function applyDropped(room: RoomState, hole: Gap, arrival: Arrival): RoomState {
  const { after, count } = hole;
  return settle({ ...room, top: Math.max(room.top, after + count), gaps: [...room.gaps, { after, count }] }, arrival);
}

/** The stream was lost and begins again: everything received is void, everything that follows is new. */
export function applyReset(room: RoomState, { epoch, top, first }: StreamHead, arrival: Arrival): RoomState {
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

/** The room is loaded once everything known at the subscription is here; a view that waited for it begins then. */
function settle(room: RoomState, { me }: Arrival): RoomState {
  if (room.isLoaded || lastOffset(room) < room.top) return room;
  const loaded = { ...room, isLoaded: true };
  return room.view ? startView(loaded, me) : loaded;
}
