/** Whether the person closed the panel of people: then it stays closed, in all rooms and after a reload. */
import type { KeyStorage } from './stored-entries.ts';

const key = 'gale-chat people-panel';

/** The choice of this browser. */
export class PeoplePanel {
  readonly #storage: Pick<KeyStorage, 'getItem' | 'setItem' | 'removeItem'>;
  #isClosed: boolean;

  constructor(storage: Pick<KeyStorage, 'getItem' | 'setItem' | 'removeItem'>) {
    this.#storage = storage;
    this.#isClosed = storage.getItem(key) !== null;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Stores the choice. */
  set(isClosed: boolean): void {
    this.#isClosed = isClosed;
    try {
      if (isClosed) this.#storage.setItem(key, 'closed');
      else this.#storage.removeItem(key);
    } catch {
      // The choice lasts until the page is closed.
    }
  }
}
