/**
 * The texts of one account that this browser keeps and that were not sent: drafts, messages on their way, refused messages. They stay
 * over a reload and after a session that ended by itself; after a log-out they stay only if their author wants that.
 */
import type { KeyStorage } from './stored-entries.ts';

/** What the texts of an account are kept as; see drafts.ts, stored-entries.ts and main.tsx. */
const kinds = ['draft', 'outbox', 'failed'] as const;

/** The kept texts of one account, of all windows of the browser. */
export class KeptTexts {
  readonly #storage: KeyStorage;
  readonly #personId: string;

  constructor(storage: KeyStorage, personId: string) {
    this.#storage = storage;
    this.#personId = personId;
  }

  /** How many there are. */
  get count(): number {
    return this.#keys().length;
  }

  /** Removes them, and which room the account had open. Other accounts' texts stay. */
  remove(): void {
    for (const key of this.#keys()) this.#storage.removeItem(key);
    this.#storage.removeItem(`gale-chat room ${this.#personId}`);
  }

  #keys(): string[] {
    const prefixes = kinds.map((kind) => `gale-chat ${kind} ${this.#personId} `);
    const keys: string[] = [];
    for (let index = 0; index < this.#storage.length; index++) {
      const key = this.#storage.key(index);
      if (key !== null && prefixes.some((prefix) => key.startsWith(prefix))) keys.push(key);
    }
    return keys;
  }
}
