/**
 * This person's messages between Enter and the room's stream: on screen at once, then stored, then replaced by the message
 * that comes back. One that was refused, or perhaps sent, stays until it is sent again or discarded.
 */
import type { OutboxEntry, PublishedAt } from 'gale/client';
import { lastOffset, type Outgoing, type RoomState } from './room-state.ts';

/** Puts a message on screen that was handed in. One with the same id is replaced and goes to the end. */
export function addPending(room: RoomState, entry: OutboxEntry): RoomState {
  return addOutgoing(room, { id: entry.id, text: textOf(entry.data), time: entry.time, status: 'pending' });
}

/** The server stored a message. It stays in sight until it comes back through the stream, unless it did already. */
export function markStored(room: RoomState, entry: OutboxEntry, { epoch, offset, time }: PublishedAt): RoomState {
  if (room.epoch === epoch && offset <= lastOffset(room)) return removeOutgoing(room, entry.id);
  return {
    ...room,
    outgoing: room.outgoing.map((outgoing) =>
      outgoing.id === entry.id ? { ...outgoing, status: 'stored', time, at: { epoch, offset } } : outgoing,
    ),
  };
}

/** The server refused a message for good, or does not know whether it was sent. */
export function markFailed(room: RoomState, entry: OutboxEntry, code: string): RoomState {
  return addOutgoing(room, { id: entry.id, text: textOf(entry.data), time: entry.time, status: 'failed', code });
}

/** Takes a message off the screen. */
export function removeOutgoing(room: RoomState, id: string): RoomState {
  return { ...room, outgoing: room.outgoing.filter((outgoing) => outgoing.id !== id) };
}

/** The text in the data of a message; empty if it is none of ours. */
export function textOf(data: unknown): string {
  return typeof data === 'object' && data !== null && 'text' in data && typeof data.text === 'string' ? data.text : '';
}

function addOutgoing(room: RoomState, outgoing: Outgoing): RoomState {
  const known = room.outgoing.findIndex(({ id }) => id === outgoing.id);
  // A message that fails stays where it is; one that is tried again goes behind those handed in before it.
  if (known >= 0 && outgoing.status === 'failed') return { ...room, outgoing: room.outgoing.with(known, outgoing) };
  return { ...room, outgoing: [...room.outgoing.filter(({ id }) => id !== outgoing.id), outgoing] };
}
