/** Watches the log of a window for a text, from before it appears. */
import type { ChatWindow } from './chat-window.ts';

/** What was seen of a text. */
export interface WatchedText {
  /** When it appeared, in milliseconds since 1970; undefined before. */
  readonly at: number | undefined;
  /** Most messages with it at any time. */
  readonly most: number;
}

/** Starts to watch for messages with a text. @returns A function that reads what was seen so far. */
export async function watchText(window: ChatWindow, text: string): Promise<() => Promise<WatchedText>> {
  const watch = await window.log.evaluateHandle((log, wanted) => {
    const seen: { at: number | undefined; most: number } = { at: undefined, most: 0 };
    const look = (): void => {
      const rows = [...log.querySelectorAll('.message-content')].filter((row) => row.textContent.includes(wanted));
      if (rows.length > 0) seen.at ??= Date.now();
      seen.most = Math.max(seen.most, rows.length);
    };
    new MutationObserver(look).observe(log, { childList: true, subtree: true, characterData: true });
    look();
    return seen;
  }, text);
  return () => watch.jsonValue();
}
