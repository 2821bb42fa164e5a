/** The last open room, for the next visit. */
import { lastRoomCookie } from '../../wire.ts';
import type { KeyStorage } from './stored-entries.ts';

/** The last room of one account. It is a cookie too, so that the server puts the messages of this room into the page. */
export class LastRoom {
  readonly #storage: Pick<KeyStorage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly #key: string;
  readonly #page: { cookie: string };
  #known: string | undefined;
  /** What this page has written into the cookie. */
  #written: string | undefined;

  /** @param page - The document, or a substitute in tests. */
  constructor(
    storage: Pick<KeyStorage, 'getItem' | 'setItem' | 'removeItem'>,
    personId: string,
    page: { cookie: string },
  ) {
    this.#storage = storage;
    this.#page = page;
    this.#key = `gale-chat room ${personId}`;
    this.#known = storage.getItem(this.#key) ?? undefined;
  }

  /** @returns Its id; undefined if there is none. */
  get(): string | undefined {
    return this.#known;
  }

  set(roomId: string): void {
    if (roomId === this.#written) return;
    this.#known = this.#written = roomId;
    this.#page.cookie = `${lastRoomCookie}=${roomId}; Max-Age=31536000; SameSite=Strict`;
    try {
      this.#storage.setItem(this.#key, roomId);
    } catch {
      // The storage is full or disabled. The next visit starts in the lobby.
    }
  }

  forget(): void {
    this.#known = this.#written = undefined;
    this.#page.cookie = `${lastRoomCookie}=; Max-Age=0`;
    this.#storage.removeItem(this.#key);
  }
}
