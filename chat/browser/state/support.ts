/** People, rooms and messages for tests of the state. */
import type { Person } from 'gale/client';
import type { WireRoom } from '../../wire.ts';
import { createRoom, type ChatMessage, type RoomState } from './room-state.ts';
import { applyMessage, applySubscribed, type Arrival } from './stream.ts';

/** The person of the page. */
export const me: Person = { id: 'me', name: '陈小雨' };
/** Another person. */
export const ada: Person = { id: 'ada', name: 'Ada' };
/** An event while the window has attention. */
export const attentive: Arrival = { me: me.id, isAttentive: true };
/** An event while the window has no attention. */
export const away: Arrival = { me: me.id, isAttentive: false };
/** 2026-11-21 12:00 UTC. */
export const noon: number = Date.UTC(2026, 10, 21, 12);

/** A room as the server sends it. */
export function wireRoom(fields: Partial<WireRoom> = {}): WireRoom {
  const kind = fields.id === undefined || fields.id === 'lobby' ? 'lobby' : 'public';
  return {
    id: 'lobby',
    name: 'Lobby',
    kind,
    member: true,
    epoch: 'e1',
    top: 0,
    segments: [{ firstOffset: 1, delta: 0 }],
    topSeq: fields.top ?? 0,
    readSeq: 0,
    ...fields,
  };
}

/** A message; a minute after the last one of lower offset. */
export function message(offset: number, author: Person = ada, fields: Partial<ChatMessage> = {}): ChatMessage {
  return {
    offset,
    id: `m${offset}`,
    author,
    time: noon + offset * 60_000,
    seq: offset,
    data: { text: `text ${offset}` },
    ...fields,
  };
}

/**
 * A room after its first subscription, with messages 1 to `top` of others.
 *
 * @param read - How far this person has read.
 */
export function loadedRoom(top: number, read: number = top, kept: number = top): RoomState {
  const first = top - kept + 1;
  let room = createRoom(wireRoom({ top, readSeq: read }));
  const cursor = { epoch: 'e1', offset: read };
  const dropped = first - 1;
  room = applySubscribed(
    room,
    { epoch: 'e1', top, first, life: 'a', recovered: dropped === 0, reset: false, dropped, cursor },
    attentive,
    false,
  );
  for (let offset = first; offset <= top; offset++) room = applyMessage(room, 'e1', message(offset), attentive);
  return room;
}
