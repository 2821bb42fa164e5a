/** What was typed and not sent, for each room; kept over a reload. */
import type { KeyStorage } from './stored-entries.ts';

/** The drafts of one account. */
export class Drafts {
  readonly #storage: Pick<KeyStorage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly #prefix: string;
  /** What was set in this life of the page: the storage may be full or switched off. */
  readonly #known = new Map<string, string>();

  constructor(storage: Pick<KeyStorage, 'getItem' | 'setItem' | 'removeItem'>, personId: string) {
    this.#storage = storage;
    this.#prefix = `gale-chat draft ${personId} `;
  }

  /** The draft of a room; empty if there is none. */
  get(room: string): string {
    return this.#known.get(room) ?? this.#storage.getItem(this.#prefix + room) ?? '';
  }

  /** Keeps a draft; an empty one is forgotten. */
  set(room: string, text: string): void {
    if (text === this.get(room)) return;
    this.#known.set(room, text);
    try {
      if (text === '') this.#storage.removeItem(this.#prefix + room);
      else this.#storage.setItem(this.#prefix + room, text);
    } catch {
      // It is kept for as long as the page is open.
    }
  }
}
