/**
 * Stores the pending and the refused messages of an account, so that they survive a reload.
 * Each message has its own key, so that each tab of an account adds and removes only its own messages.
 */
import type { OutboxEntry } from 'gale/client';

/** The part of `localStorage` that is used. */
export type KeyStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** An entry with its order among entries of the same time. */
interface Kept<Entry> {
  readonly entry: Entry;
  readonly order: number;
}

/** Entries in a storage. It implements the `outbox` of a `RoomsClient`. */
export class StoredEntries<Entry extends OutboxEntry = OutboxEntry> {
  readonly #storage: KeyStorage;
  readonly #prefix: string;
  #saved = new Map<string, Kept<Entry>>();

  /** @param name - Distinguishes these entries from others in the same storage. */
  constructor(storage: KeyStorage, name: string) {
    this.#storage = storage;
    this.#prefix = `gale-chat ${name} `;
  }

  /** The stored entries, oldest first. */
  load(): Entry[] {
    const kept: Kept<Entry>[] = [];
    for (const key of this.#keys()) {
      const found = read<Entry>(this.#storage.getItem(key));
      if (found) kept.push(found);
    }
    kept.sort((a, b) => a.entry.time - b.entry.time || a.order - b.order);
    this.#saved = new Map(kept.map((one) => [this.#keyOf(one.entry), one]));
    return kept.map(({ entry }) => entry);
  }

  /** Stores these entries and removes other entries of this tab. */
  save(entries: readonly Entry[]): void {
    const before = this.#saved;
    this.#saved = new Map();
    entries.forEach((entry, index) => {
      const key = this.#keyOf(entry);
      const known = before.get(key);
      before.delete(key);
      const kept = { entry, order: known?.order ?? index };
      this.#saved.set(key, kept);
      // The other fields of an entry never change.
      if (!known || known.entry.sent !== entry.sent) write(this.#storage, key, kept);
    });
    for (const key of before.keys()) this.#storage.removeItem(key);
  }

  #keyOf({ room, id }: OutboxEntry): string {
    return `${this.#prefix}${room} ${id}`;
  }

  #keys(): string[] {
    const keys: string[] = [];
    for (let index = 0; index < this.#storage.length; index++) {
      const key = this.#storage.key(index);
      if (key?.startsWith(this.#prefix)) keys.push(key);
    }
    return keys;
  }
}

function write(storage: KeyStorage, key: string, kept: Kept<OutboxEntry>): void {
  try {
    storage.setItem(key, JSON.stringify(kept));
  } catch {
    // The storage is full or disabled. The message is sent, but does not survive a reload.
  }
}

function read<Entry extends OutboxEntry>(text: string | null): Kept<Entry> | undefined {
  try {
    const kept = JSON.parse(text ?? '') as Kept<Entry>;
    const { room, id, time } = kept.entry;
    return typeof room === 'string' && typeof id === 'string' && typeof time === 'number' ? kept : undefined;
  } catch {
    return undefined;
  }
}
