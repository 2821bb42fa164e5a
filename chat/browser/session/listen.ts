/** Updates the state of the page by the events of the client. */
import type { PersonChangedFrame } from '../../mentions/mention-wire.ts';
import type { OutboxEntry, RoomsClient, RoomsClientEvents } from 'gale/client';
import {
  isChatEvent,
  isChatWelcome,
  type ChatEvent,
  type MessageChangedSignal,
  type MessageData,
  type SegmentsSignal,
  type WireChoices,
  type WireMe,
} from '../../wire.ts';
import { isRoomSignal } from '../../rooms/wire-rooms.ts';
import type { Announcements } from '../state/announcements.ts';
import {
  applyLeft,
  applyOwn,
  applyRemoved,
  applyRoom,
  applyRooms,
  applySignal,
  updateRoom,
  type ChatState,
} from '../state/chat-state.ts';
import { bannerDelayMs } from '../state/banner-delay.ts';
import { noteMentions } from '../state/own-mentions.ts';
import { markFailed, markStored } from '../state/outgoing.ts';
import { applyMe } from '../state/people.ts';
import { applyPeople, applyPresence } from '../state/presence.ts';
import { advanceRead, setRead } from '../state/reading.ts';
import type { RoomState } from '../state/room-state.ts';
import type { Store } from '../state/store.ts';
import { applySegments, seqOf } from '../state/timeline-window.ts';
import { applyDropped, applyMessage, applyReset, applySubscribed, type Arrival } from '../state/stream.ts';
import { followServerTime } from '../time/server-time.ts';

/** What the listener updates and calls. */
export interface Listening {
  readonly store: Store<ChatState>;
  readonly announcer: Announcements;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The server knows this browser as another person. Nothing of this page may be sent. */
  readonly onOtherPerson: () => void;
  /** Rooms or memberships may have changed. */
  readonly onRooms: () => void;
  /** The connection is open, and the person is known. */
  readonly onWelcome: (me: WireMe) => void;
  /** The person chose something in another window. */
  readonly onChoices: (choices: WireChoices) => void;
  /** The person set the read position of a room by hand, in any window. */
  readonly onSet: (roomId: string) => void;
  /** A person was renamed, or changed otherwise. */
  readonly onPersonChanged: (id: string) => void;
  /** The server ended a subscription. */
  readonly onUnfollowed: (roomId: string) => void;
  /** Messages before `keptSeq`, which the stream no longer keeps, may have changed: the page follows a room again, or missed changes. */
  readonly onReturn: (roomId: string, keptSeq: number) => void;
  /** The data of a message was changed. */
  readonly onChanged: (roomId: string, seq: number, data: MessageData) => void;
  /** A message is sent again after some milliseconds, because the server gets too many. */
  readonly onTooFast: (afterMs: number) => void;
  /** A message was refused, or its result is unknown. */
  readonly onRefused: (entry: OutboxEntry, code: string) => void;
}

/** Listens to a client until the page is unloaded. */
export function listenToServer(client: RoomsClient<MessageData>, listening: Listening): void {
  const { store, announcer, now } = listening;
  let wasAway = false;
  /** Rooms whose next list of people is the first after a subscription. */
  const unlisted = new Set<string>();
  const change = (roomId: string, how: (room: RoomState, arrival: Arrival) => RoomState): void =>
    store.update((state) => {
      const arrival = { me: state.me.id, isAttentive: state.isAttentive };
      return updateRoom(state, roomId, (room) => how(room, arrival));
    });

  client.on('state', ({ state: connectionState }) => {
    const { lostAt = now(), hasTooManyWindows } = store.value.connection;
    const isOpen = connectionState === 'open';
    if (isOpen) wasAway = now() - lostAt >= bannerDelayMs;
    const connection = isOpen
      ? { state: connectionState, lostAt: undefined, hasTooManyWindows: false }
      : { state: connectionState, lostAt, hasTooManyWindows };
    store.update((state) => ({ ...state, connection }));
  });
  client.on('welcome', (frame) => {
    if (!isChatWelcome(frame)) return;
    const { person, me, limits, rooms, time, mentions } = frame;
    if (person.id !== store.value.me.id) {
      listening.onOtherPerson();
      return;
    }
    followServerTime(time, now());
    store.update((state) => applyRooms({ ...applyMe(state, me), limits }, rooms, mentions));
    listening.onRooms();
    listening.onWelcome(me);
  });
  client.on('subscribed', ({ room: roomId, reply }) => {
    unlisted.add(roomId);
    const known = store.value.rooms.get(roomId);
    const keptSeq = known && seqOf(known, reply.epoch, reply.first);
    if (known?.isLoaded && !reply.reset && keptSeq !== undefined) listening.onReturn(roomId, keptSeq);
    change(roomId, (room, arrival) => applySubscribed(room, reply, arrival, wasAway));
  });
  client.on('unsubscribed', ({ room: roomId }) => {
    listening.onUnfollowed(roomId);
    store.update((state) => applyLeft(state, roomId));
  });
  client.on('message', ({ room: roomId, epoch, message: { offset, id, author, time, data } }) => {
    const message = { offset, id, author, time, data };
    const { rooms, openRoom, me } = store.value;
    const isHistory = !rooms.get(roomId)?.isLoaded;
    if (roomId === openRoom && !isHistory && author.id !== me.id) announcer.take(author.name, data.text);
    change(roomId, (room, arrival) => {
      const next = applyMessage(room, epoch, message, arrival);
      return noteMentions(next, next.messages.slice(-1), arrival.me);
    });
    // It was deleted while the page was closed: drafts may refer to it, and quotes may have an excerpt.
    const room = store.value.rooms.get(roomId);
    const seq = data.deleted && room && seqOf(room, epoch, offset);
    if (seq !== undefined) listening.onChanged(roomId, seq, data);
  });
  client.on('amended', ({ room: roomId, epoch, message: { offset, data } }) => {
    const room = store.value.rooms.get(roomId);
    const seq = room && seqOf(room, epoch, offset);
    if (seq !== undefined) listening.onChanged(roomId, seq, data);
  });
  client.on('signal', ({ room: roomId, data: sent }) => {
    const signal = sent as Partial<MessageChangedSignal> | null;
    if (signal?.type === 'message-changed' && signal.seq !== undefined && signal.data) {
      listening.onChanged(roomId, signal.seq, signal.data);
    }
  });
  client.on('dropped', (hole) => change(hole.room, (room, arrival) => applyDropped(room, hole, arrival)));
  client.on('stale', ({ room: roomId, epoch, after, count }) => {
    const known = store.value.rooms.get(roomId);
    const keptSeq = known && seqOf(known, epoch, after + count + 1);
    if (keptSeq !== undefined) listening.onReturn(roomId, keptSeq);
  });
  client.on('reset', ({ room: roomId, ...start }) =>
    change(roomId, (room, arrival) => applyReset(room, start, arrival)),
  );
  client.on('signal', ({ room: roomId, data }) => {
    if (isSegments(data))
      change(roomId, (room, { me }) => {
        const next = applySegments(room, data.epoch, data.segments);
        return noteMentions(next, next.messages, me);
      });
  });
  client.on('published', ({ entry, at }) => change(entry.room, (room) => markStored(room, entry, at)));
  const onFailed = ({ entry, error: { code } }: RoomsClientEvents['refused']): void => {
    listening.onRefused(entry, code);
    change(entry.room, (room) => markFailed(room, entry, code));
  };
  client.on('delayed', ({ error, afterMs }) => {
    if (error.code === 'ROOM_TOO_FAST') listening.onTooFast(afterMs);
  });
  client.on('refused', onFailed);
  client.on('unknown', onFailed);
  client.on('people', (list) => {
    const isFirst = unlisted.delete(list.room);
    change(list.room, (room, { me }) => applyPeople(room, list, isFirst, { me, now: now() }));
  });
  client.on('presence', (batch) =>
    change(batch.room, (room, { me }) => applyPresence(room, batch, { me, now: now() })),
  );
  client.on('signal', ({ room, data }) => {
    if (isRoomSignal(data)) store.update((state) => applySignal(state, room, data));
  });
  client.on('event', (frame) => {
    if (!isChatEvent(frame)) return;
    if (frame.type === 'person-changed') {
      listening.onPersonChanged(frame.person);
      return;
    }
    store.update((state) => applyEvent(state, frame));
    if (frame.type === 'seen' && frame.exact) listening.onSet(frame.room);
    if (frame.type === 'choices') listening.onChoices(frame.choices);
    if (frame.type === 'joined' || frame.type === 'left' || frame.type === 'room-removed') listening.onRooms();
  });
}

function applyEvent(state: ChatState, event: Exclude<ChatEvent, PersonChangedFrame>): ChatState {
  switch (event.type) {
    case 'left':
      return state.rooms.get(event.room)?.isMember ? applyLeft(state, event.room) : state;
    case 'room-removed':
      return applyRemoved(state, event.room);
    case 'room-own':
      return applyOwn(state, event);
    case 'joined':
      return applyRoom(state, event.room);
    case 'seen':
      return updateRoom(state, event.room, (room) => {
        if (!event.exact) return advanceRead(room, event.seq);
        return noteMentions(setRead(room, event.seq), room.messages, state.me.id);
      });
    case 'choices':
      return { ...state, choices: event.choices };
  }
}

function isSegments(data: unknown): data is SegmentsSignal {
  return typeof data === 'object' && data !== null && 'type' in data && data.type === 'segments';
}
