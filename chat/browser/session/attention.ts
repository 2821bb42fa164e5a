/** Tells the chat whether somebody is looking: only then is anything read. */
import type { Chat } from './chat.ts';

/** Whether the window is on screen and has the focus. */
export function hasAttention(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}

/** Keeps the chat informed for as long as the page is there. */
export function watchAttention(chat: Chat): void {
  const update = (): void => chat.setAttentive(hasAttention());
  window.addEventListener('focus', update);
  window.addEventListener('blur', update);
  window.addEventListener('pageshow', update);
  document.addEventListener('visibilitychange', update);
  update();
}
