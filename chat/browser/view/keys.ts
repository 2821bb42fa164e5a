/**
 * Keys that mean something wherever the focus is: Alt with an arrow goes to the next room, with Shift to the next unread
 * one, Esc leads to the newest message, and whoever just begins to type is writing a message.
 */
import { addressOf } from '../session/address.ts';
import type { Chat } from '../session/chat.ts';
import { unreadCount } from '../state/reading.ts';
import { listRooms, neighbourRoom } from '../state/room-order.ts';
import { isComposingKey } from '../text/enter-key.ts';

/** Listens until the returned function is called. */
export function listenToKeys(chat: Chat): () => void {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isComposingKey(event, false) || event.defaultPrevented || document.querySelector('dialog[open]')) return;
    if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault();
      goToNeighbour(chat, event.key === 'ArrowDown' ? 1 : -1, event.shiftKey);
    } else if (event.key === 'Escape') {
      document.querySelector<HTMLElement>('.jump--shown')?.click();
      focusComposer();
    } else if (isTyping(event)) focusComposer();
  };
  document.addEventListener('keydown', onKeyDown);
  return () => document.removeEventListener('keydown', onKeyDown);
}

function goToNeighbour(chat: Chat, step: 1 | -1, unreadOnly: boolean): void {
  const state = chat.store.value;
  const room = neighbourRoom(listRooms(state), state.openRoom, step, (candidate) =>
    unreadOnly ? unreadCount(candidate, state.me.id) > 0 : true,
  );
  if (room) location.hash = addressOf(room.id);
}

/** A character typed where nothing takes it. */
function isTyping({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
  const { activeElement } = document;
  const isNowhere =
    activeElement === document.body || activeElement?.matches('.timeline-viewport, .room-name') === true;
  return isNowhere && key.length === 1 && key !== ' ' && !ctrlKey && !altKey && !metaKey;
}

function focusComposer(): void {
  document.querySelector<HTMLElement>('#composer')?.focus({ preventScroll: true });
}
