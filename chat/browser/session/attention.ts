/** Whether the window has the attention of its person: only then are messages marked as read. */
import type { Chat } from './chat.ts';

/** Whether the window is visible and has the focus. */
export function hasAttention(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}

/** Updates the chat until the page is unloaded. */
export function watchAttention(chat: Chat): void {
  const update = (): void => chat.setAttentive(hasAttention());
  window.addEventListener('focus', update);
  window.addEventListener('blur', update);
  window.addEventListener('pageshow', update);
  document.addEventListener('visibilitychange', update);
  update();
}
