/**
 * Messages of a window that is closed before they are sent, and those that were refused there: another window of the person takes them over, or
 * else the next page does.
 */
import type { Chat, FailedEntry } from '../session/chat.ts';
import { dataOf } from '../state/outgoing.ts';
import { openStorage } from '../storage/memory-storage.ts';
import { StoredEntries } from '../storage/stored-entries.ts';

/** Listens until the returned function is called. */
export function adoptUnsent(chat: Chat): () => void {
  const storage = openStorage();
  const { me } = chat.store.value;
  /** A window with unsent messages writes it at its end, and the others notice. */
  const key = `gale-chat closed ${me.id}`;
  const failedKey = `gale-chat failed ${me.id} `;
  const onPageHide = (): void => {
    if ([...chat.store.value.rooms.values()].every(({ outgoing }) => outgoing.length === 0)) return;
    storage.setItem(key, '1');
    storage.removeItem(key);
  };
  const onStorage = (event: StorageEvent): void => {
    // What one window sends again or discards is not there in the others any more.
    if (event.newValue === null && event.key?.startsWith(failedKey)) {
      const [room = '', id = ''] = event.key.slice(failedKey.length).split(' ');
      chat.discard(room, id);
    }
    if (event.key !== key || event.newValue === null) return;
    chat.adoptFailed(new StoredEntries<FailedEntry>(storage, `failed ${me.id}`).load());
    for (const { room, id, data, sent = true, after } of new StoredEntries(storage, `outbox ${me.id}`).load()) {
      const isOwn = chat.store.value.rooms.get(room)?.outgoing.some((outgoing) => outgoing.id === id);
      if (!isOwn) chat.publish({ room, id, data: dataOf(data), sent, after });
    }
  };
  window.addEventListener('pagehide', onPageHide);
  window.addEventListener('storage', onStorage);
  return () => {
    window.removeEventListener('pagehide', onPageHide);
    window.removeEventListener('storage', onStorage);
  };
}
