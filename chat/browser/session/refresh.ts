/**
 * After a lost connection, or when the stream trimmed changed messages too early: reads again what the page has of a room and the stream no
 * longer keeps. Changes of such messages are signals, which the page did not get meanwhile; a deleted text must not stay.
 */
import { updateRoom } from '../state/chat-state.ts';
import type { RoomState } from '../state/room-state.ts';
import { shownMessages } from '../state/timeline-window.ts';
import type { Chat } from './chat.ts';

/** Refreshes the rooms to which the page returns. @returns A function that stops it. */
export function refreshReturns(chat: Chat): () => void {
  const take = (): void => {
    const rooms = chat.returns.value;
    if (rooms.size === 0) return;
    chat.returns.update(() => new Map());
    // Without a connection the next return does it.
    for (const [room, keptSeq] of rooms) refresh(chat, room, keptSeq).catch(() => {});
  };
  take();
  return chat.returns.listen(take);
}

/**
 * Refreshes a room. The old messages of a room that is not open are dropped, and come again when the person scrolls to them.
 *
 * @param keptSeq - The oldest message that the stream keeps.
 */
async function refresh(chat: Chat, room: string, keptSeq: number): Promise<void> {
  const { store, messages } = chat;
  const state = store.value.rooms.get(room);
  if (!state) return;
  if (!state.view) {
    store.update((all) => updateRoom(all, room, (old) => dropOld(old, keptSeq)));
    return;
  }
  messages.reloadExcerpts(room);
  const shown = shownMessages(state);
  const last = Math.min(shown.at(-1)?.seq ?? 0, keptSeq - 1);
  let next = shown[0]?.seq ?? Infinity;
  while (next <= last) {
    const page = await chat.command('read-history', { room, after: next - 1 });
    for (const { seq, data } of page.messages) if (seq <= last) messages.apply(room, seq, data);
    const end = page.messages.at(-1)?.seq;
    if (end === undefined) return;
    next = end + 1;
  }
}

function dropOld(room: RoomState, keptSeq: number): RoomState {
  return {
    ...room,
    excerpts: new Map(),
    messages: room.messages.filter(({ seq = Infinity }) => seq >= keptSeq),
  };
}
