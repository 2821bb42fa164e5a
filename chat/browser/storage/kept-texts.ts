/**
 * The unsent texts of one account in this browser: drafts, edits, pending messages and refused messages. They survive a reload and
 * an expired session. They survive a log-out only if the person chooses to keep them.
 */
import type { KeyStorage } from './stored-entries.ts';

/** The names of the kinds in the keys of the storage; see drafts.ts, intents.ts, edits.ts, stored-entries.ts and main.tsx. */
const kinds = ['draft', 'edit', 'changed', 'outbox', 'failed'] as const;

/** The unsent texts of one account, of all windows of the browser. */
export class KeptTexts {
  readonly #storage: KeyStorage;
  readonly #personId: string;

  constructor(storage: KeyStorage, personId: string) {
    this.#storage = storage;
    this.#personId = personId;
  }

  /** Number of unsent texts. */
  get count(): number {
    return this.#keys(kinds).length;
  }

  /** Removes the texts and the last open room of this account, and nothing of other accounts. */
  remove(): void {
    for (const key of this.#keys([...kinds, 'reply'])) this.#storage.removeItem(key);
    this.#storage.removeItem(`gale-chat room ${this.#personId}`);
  }

  #keys(of: readonly string[]): string[] {
    const prefixes = of.map((kind) => `gale-chat ${kind} ${this.#personId} `);
    const keys: string[] = [];
    for (let index = 0; index < this.#storage.length; index++) {
      const key = this.#storage.key(index);
      if (key !== null && prefixes.some((prefix) => key.startsWith(prefix))) keys.push(key);
    }
    return keys;
  }
}
