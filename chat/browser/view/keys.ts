/**
 * Keyboard shortcuts of the whole page. Alt with an arrow up or down opens the previous or next room, with Shift the next
 * unread one. Ctrl+K opens the quick switcher. Esc closes the refusal of a file; without one it scrolls to the newest message and marks all as read. Typing
 * outside a field moves the focus to the composer.
 */
import type { Chat } from '../session/chat.ts';
import { unreadCount } from '../state/reading.ts';
import { listRooms, neighbourRoom } from '../state/room-order.ts';
import { serverNow } from '../time/server-time.ts';
import { isComposingKey } from '../text/enter-key.ts';

/** Listens until the returned function is called. */
export function listenToKeys(chat: Chat): () => void {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isComposingKey(event) || event.defaultPrevented || document.querySelector('dialog[open]')) return;
    if (isSwitcherKey(event)) {
      event.preventDefault();
      chat.dialog.open({ kind: 'switcher' });
    } else if (event.key === '/' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      chat.dialog.open({ kind: 'shortcuts' });
    } else if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault();
      goToNeighbour(chat, event.key === 'ArrowDown' ? 1 : -1, event.shiftKey);
    } else if (event.key === 'Escape' && document.querySelector('.file-refusal')) {
      document.querySelector<HTMLElement>('.file-refusal button')?.click();
    } else if (event.key === 'Escape') {
      document.querySelector<HTMLElement>('.jump--down')?.click();
      // The person does not want to read the messages above.
      const { openRoom } = chat.store.value;
      if (openRoom !== undefined && document.querySelector('.jump--up')) chat.readToEnd(openRoom);
      focusComposer();
    } else if (isTyping(event)) focusComposer();
  };
  document.addEventListener('keydown', onKeyDown);
  return () => document.removeEventListener('keydown', onKeyDown);
}

function goToNeighbour(chat: Chat, step: 1 | -1, unreadOnly: boolean): void {
  const state = chat.store.value;
  const room = neighbourRoom(listRooms(state, serverNow()), state.openRoom, step, (candidate) =>
    unreadOnly ? unreadCount(candidate, state.me.id) > 0 : true,
  );
  if (room) chat.goTo(room.id);
}

/** Ctrl+K; Cmd+K on Apple devices, where Ctrl+K deletes to the end of the line. */
function isSwitcherKey({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  return key.toLowerCase() === 'k' && (isApple() ? metaKey && !ctrlKey : ctrlKey && !metaKey) && !altKey && !shiftKey;
}

/** Whether the keyboard has a command key. */
export function isApple(): boolean {
  return /Mac|iP/.test(navigator.platform);
}

/** Whether a key types a character while no field has the focus. */
function isTyping({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
  const { activeElement } = document;
  const isNowhere =
    activeElement === document.body || activeElement?.matches('.timeline-viewport, .room-name, .message') === true;
  return isNowhere && key.length === 1 && key !== ' ' && !ctrlKey && !altKey && !metaKey;
}

function focusComposer(): void {
  document.querySelector<HTMLElement>('#composer')?.focus({ preventScroll: true });
}
