/**
 * A reply that another window of this browser has sent: this window may have it too, since it loaded the same draft. Otherwise its next
 * message would be a reply as well.
 */
import { openStorage } from '../storage/memory-storage.ts';
import type { Chat } from './chat.ts';

/** Watches the drafts until the returned function is called. */
export function followReplies({ drafts, intents, store }: Chat): () => void {
  const storage = openStorage();
  const key = `gale-chat reply ${store.value.me.id} `;
  return drafts.onFollowed((room, draft) => {
    if (draft !== '') return;
    // The composer shows the draft first.
    queueMicrotask(() => {
      // A text that was typed here is still a reply.
      intents.flush?.();
      const isSent = drafts.get(room) === '' && storage.getItem(key + room) === null;
      if (isSent && intents.get(room)?.kind === 'reply') intents.set(room, undefined);
    });
  });
}
