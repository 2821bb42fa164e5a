/**
 * Messages of this person that are not in the stream yet. A message is visible at once, then stored, then replaced by the
 * message of the stream. One that was refused or whose result is unknown stays until it is retried or discarded.
 */
import type { OutboxEntry, PublishedAt } from 'gale/client';
import type { MessageData } from '../../wire.ts';
import type { Outgoing, RoomState } from './room-state.ts';

/** Adds a message. It replaces one with the same id and moves to the end. */
export function addPending(room: RoomState, entry: OutboxEntry): RoomState {
  return addOutgoing(room, { id: entry.id, data: dataOf(entry.data), time: entry.time, status: 'pending' });
}

/** Marks a message as stored. It stays until the stream delivers it; one that the stream has delivered is removed. */
export function markStored(room: RoomState, entry: OutboxEntry, { epoch, offset, time }: PublishedAt): RoomState {
  if (room.epoch === epoch && offset <= room.arrived) return removeOutgoing(room, entry.id);
  return {
    ...room,
    outgoing: room.outgoing.map((outgoing) =>
      outgoing.id === entry.id ? { ...outgoing, status: 'stored', time, at: { epoch, offset } } : outgoing,
    ),
  };
}

/** Marks a message as refused or as one whose result is unknown. */
export function markFailed(room: RoomState, entry: OutboxEntry, code: string): RoomState {
  return addOutgoing(room, { id: entry.id, data: dataOf(entry.data), time: entry.time, status: 'failed', code });
}

/** Removes a message. */
export function removeOutgoing(room: RoomState, id: string): RoomState {
  return { ...room, outgoing: room.outgoing.filter((outgoing) => outgoing.id !== id) };
}

/** The message that is sent next: the oldest of all rooms that waits for the server; undefined if none does. @returns Its id. */
export function waitingMessage(rooms: Iterable<RoomState>): string | undefined {
  let oldest: Outgoing | undefined;
  for (const { outgoing } of rooms) {
    const first = outgoing.find(({ status }) => status === 'pending');
    if (first && (!oldest || first.time < oldest.time)) oldest = first;
  }
  return oldest?.id;
}

/** What the person sent, of stored data that may have another form: then the text is empty. */
export function dataOf(stored: unknown): MessageData {
  const { text, reply, mentions }: { readonly [field in keyof MessageData]?: unknown } =
    typeof stored === 'object' && stored !== null ? stored : {};
  return {
    text: typeof text === 'string' ? text : '',
    ...(typeof reply === 'number' ? { reply } : {}),
    ...(Array.isArray(mentions) ? { mentions: mentions as readonly string[] } : {}),
  };
}

function addOutgoing(room: RoomState, outgoing: Outgoing): RoomState {
  const known = room.outgoing.findIndex(({ id }) => id === outgoing.id);
  // A failed message keeps its place. A retried one moves after the messages before it.
  if (known >= 0 && outgoing.status === 'failed') return { ...room, outgoing: room.outgoing.with(known, outgoing) };
  return { ...room, outgoing: [...room.outgoing.filter(({ id }) => id !== outgoing.id), outgoing] };
}
