/** Tells the chat whether somebody is looking: only then is anything read. */
import type { Chat } from './chat.ts';

/** Whether the window is on screen and has the focus. */
export function isLooking(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}

/** Keeps the chat informed for as long as the page is there. */
export function watchAttention(chat: Chat): void {
  const tell = (): void => chat.setAttentive(isLooking());
  window.addEventListener('focus', tell);
  window.addEventListener('blur', tell);
  window.addEventListener('pageshow', tell);
  document.addEventListener('visibilitychange', tell);
  tell();
}
