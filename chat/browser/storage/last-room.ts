/** The room that was on screen last, for the next visit. */
import { lobbyId } from '../state/chat-state.ts';
import type { KeyStorage } from './stored-entries.ts';

/** The last room of one account. */
export class LastRoom {
  readonly #storage: Pick<KeyStorage, 'getItem' | 'setItem'>;
  readonly #key: string;

  constructor(storage: Pick<KeyStorage, 'getItem' | 'setItem'>, personId: string) {
    this.#storage = storage;
    this.#key = `gale-chat room ${personId}`;
  }

  get(): string {
    return this.#storage.getItem(this.#key) ?? lobbyId;
  }

  set(roomId: string): void {
    try {
      this.#storage.setItem(this.#key, roomId);
    } catch {
      // Then the next visit begins in the lobby.
    }
  }
}
