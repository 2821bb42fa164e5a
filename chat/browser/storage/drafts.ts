/** Unsent text of each room. It survives a reload. */
import type { KeyStorage } from './stored-entries.ts';

/** Called with the new and the previous draft. */
export type DraftListener = (room: string, draft: string, before: string) => void;

/** The drafts of one account. */
export class Drafts {
  readonly #storage: KeyStorage;
  readonly #prefix: string;
  /** What this window has shown or set. It writes only its own changes, since another window may have changed the rest. */
  readonly #known = new Map<string, string>();
  readonly #listeners = new Set<DraftListener>();
  #isStopped = false;

  constructor(storage: KeyStorage, personId: string) {
    this.#storage = storage;
    this.#prefix = `gale-chat draft ${personId} `;
  }

  /** The draft of a room; empty if there is none. */
  get(room: string): string {
    let draft = this.#known.get(room);
    if (draft === undefined) this.#known.set(room, (draft = this.#storage.getItem(this.#prefix + room) ?? ''));
    return draft;
  }

  /** Ids of the rooms with a stored draft. */
  rooms(): string[] {
    const rooms: string[] = [];
    for (let index = 0; index < this.#storage.length; index++) {
      const key = this.#storage.key(index);
      if (key?.startsWith(this.#prefix)) rooms.push(key.slice(this.#prefix.length));
    }
    return rooms;
  }

  /** Stores a draft; removes an empty one. */
  set(room: string, text: string): void {
    if (text === this.get(room)) return;
    this.#known.set(room, text);
    if (this.#isStopped) return;
    try {
      if (text === '') this.#storage.removeItem(this.#prefix + room);
      else this.#storage.setItem(this.#prefix + room, text);
    } catch {
      // The draft lasts until the page is closed.
    }
  }

  /** Puts a text before the draft, which the composer may show. */
  putBack(room: string, text: string): void {
    const before = this.get(room);
    this.set(room, before.trim() === '' ? text : `${text}\n${before}`);
    this.#notify(room, before);
  }

  /** Stops storing: the person logs out. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Applies a change of the storage by another window; `null` for a removed value. */
  follow(key: string | null, value: string | null): void {
    if (!key?.startsWith(this.#prefix)) return;
    const room = key.slice(this.#prefix.length);
    const before = this.get(room);
    this.#known.set(room, value ?? '');
    this.#notify(room, before);
  }

  /** Calls the listener for drafts that another window or {@link putBack} changed, until the returned function is called. */
  onFollowed(listener: DraftListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #notify(room: string, before: string): void {
    for (const listener of this.#listeners) listener(room, this.get(room), before);
  }
}
