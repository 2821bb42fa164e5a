/** What was typed and not sent, for each room; kept over a reload. */
import type { KeyStorage } from './stored-entries.ts';

/** Told what a draft is now and what it was. */
export type DraftListener = (room: string, draft: string, before: string) => void;

/** The drafts of one account. */
export class Drafts {
  readonly #storage: Pick<KeyStorage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly #prefix: string;
  /** What this window has shown or set. What it did not change itself it does not write: another window may have. */
  readonly #known = new Map<string, string>();
  readonly #listeners = new Set<DraftListener>();
  #isStopped = false;

  constructor(storage: Pick<KeyStorage, 'getItem' | 'setItem' | 'removeItem'>, personId: string) {
    this.#storage = storage;
    this.#prefix = `gale-chat draft ${personId} `;
  }

  /** The draft of a room; empty if there is none. */
  get(room: string): string {
    let draft = this.#known.get(room);
    if (draft === undefined) this.#known.set(room, (draft = this.#storage.getItem(this.#prefix + room) ?? ''));
    return draft;
  }

  /** Keeps a draft; an empty one is forgotten. */
  set(room: string, text: string): void {
    if (text === this.get(room)) return;
    this.#known.set(room, text);
    if (this.#isStopped) return;
    try {
      if (text === '') this.#storage.removeItem(this.#prefix + room);
      else this.#storage.setItem(this.#prefix + room, text);
    } catch {
      // It is kept for as long as the page is open.
    }
  }

  /** Stores nothing from now on: the person logs out. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Another window of this account changed something in the storage: `null` for what it took away. */
  follow(key: string | null, value: string | null): void {
    if (!key?.startsWith(this.#prefix)) return;
    const room = key.slice(this.#prefix.length);
    const before = this.get(room);
    this.#known.set(room, value ?? '');
    for (const listener of this.#listeners) listener(room, value ?? '', before);
  }

  /** Tells of drafts that another window changed, until the returned function is called. */
  onFollowed(listener: DraftListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
