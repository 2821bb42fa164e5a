/** The last open room, for the next visit. */
import type { KeyStorage } from './stored-entries.ts';

/** The last room of one account. */
export class LastRoom {
  readonly #storage: Pick<KeyStorage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly #key: string;
  #known: string | undefined;

  constructor(storage: Pick<KeyStorage, 'getItem' | 'setItem' | 'removeItem'>, personId: string) {
    this.#storage = storage;
    this.#key = `gale-chat room ${personId}`;
    this.#known = storage.getItem(this.#key) ?? undefined;
  }

  /** @returns Its id; undefined if there is none. */
  get(): string | undefined {
    return this.#known;
  }

  set(roomId: string): void {
    if (roomId === this.#known) return;
    this.#known = roomId;
    try {
      this.#storage.setItem(this.#key, roomId);
    } catch {
      // The storage is full or disabled. The next visit starts in the lobby.
    }
  }

  forget(): void {
    this.#known = undefined;
    this.#storage.removeItem(this.#key);
  }
}
