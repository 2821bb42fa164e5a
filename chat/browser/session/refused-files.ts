/**
 * Refuses dropped and pasted files, since messages are text. Without this the browser would open a dropped file instead of the chat, so it is
 * part of the first load; view/file-refusal.tsx says it in words.
 */
import { Store } from '../state/store.ts';

/** Number of refusals. */
export const refusals: Store<number> = new Store(0);

/** Refuses files until the page is unloaded. */
export function refuseFiles(): void {
  for (const type of ['dragenter', 'dragover', 'drop', 'paste'] as const) {
    window.addEventListener(type, (event) => {
      if (!isRefused('dataTransfer' in event ? event.dataTransfer : event.clipboardData, event.target)) return;
      event.preventDefault();
      if (type === 'drop' || type === 'paste') refusals.update((count) => count + 1);
    });
  }
}

/** A text field takes the text of what has both: spreadsheets copy a picture too, and a dragged picture has its address. */
function isRefused(data: DataTransfer | null, target: EventTarget | null): boolean {
  if (!data?.types.includes('Files')) return false;
  const hasText = data.types.includes('text/plain') || data.types.includes('text/uri-list');
  return !hasText || !(target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement);
}
