/** Marks all rooms as read, with an undo for a few seconds, also for a room whose newest message the person has jumped to. */
import { updateRoom } from '../state/chat-state.ts';
import { setRead, unreadCount } from '../state/reading.ts';
import type { Chat, ReadSetting } from './chat.ts';

/** How long the undo is offered, in milliseconds. */
const undoMs = 10_000;

/** Marks all messages of all rooms as read. */
export function markAllRead(chat: Chat): void {
  const { rooms, me } = chat.store.value;
  const unread = [...rooms.values()].filter((room) => unreadCount(room, me.id) > 0);
  if (unread.length === 0) return;
  const before = unread.map(({ id, readSeq }) => ({ room: id, seq: readSeq }));
  set(
    chat,
    unread.map(({ id, topSeq }) => ({ room: id, seq: topSeq })),
    before,
  );
  offerUndo(chat, before);
}

/** Offers to make messages unread again, for a few seconds. @param before - The positions before they were read. */
export function offerUndo({ readBefore }: Chat, before: ReadSetting): void {
  readBefore.update(() => before);
  setTimeout(() => readBefore.update((shown) => (shown === before ? undefined : shown)), undoMs);
}

/** Makes those messages unread again. */
export function undoRead(chat: Chat): void {
  const { rooms } = chat.store.value;
  // The server refuses all if the person has left one of them.
  const before = (chat.readBefore.value ?? []).filter(({ room }) => rooms.get(room)?.isMember);
  set(
    chat,
    before,
    before.map(({ room }) => ({ room, seq: rooms.get(room)?.readSeq ?? 0 })),
  );
  chat.readBefore.update(() => undefined);
}

/** Sets positions at once, and back if the server refuses them. */
function set(chat: Chat, positions: ReadSetting, otherwise: ReadSetting): void {
  apply(chat, positions);
  chat.command('set-read', { positions }).catch(() => {
    chat.readBefore.update(() => undefined);
    apply(chat, otherwise);
  });
}

function apply(chat: Chat, positions: ReadSetting): void {
  for (const { room } of positions) chat.forgetReads(room);
  chat.store.update((state) =>
    positions.reduce((next, { room, seq }) => updateRoom(next, room, (known) => setRead(known, seq)), state),
  );
}
