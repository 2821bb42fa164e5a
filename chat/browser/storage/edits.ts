/**
 * Changed texts of messages that the server does not have: those of edits that were saved without a connection, and of edits that the person
 * left for something else. They survive a reload.
 */
import type { KeyStorage } from './stored-entries.ts';

/** The changed text of a message. */
export interface Edit {
  readonly text: string;
  /** The person has saved it, so that it is sent as soon as there is a connection. */
  readonly isSaved: boolean;
}

/** The place of an {@link Edit}. */
export interface EditPlace {
  readonly room: string;
  readonly seq: number;
}

/** The changed texts of one account in this window. */
export class Edits {
  readonly #storage: KeyStorage;
  readonly #prefix: string;
  readonly #edits = new Map<string, Edit & EditPlace>();

  constructor(storage: KeyStorage, personId: string) {
    this.#storage = storage;
    this.#prefix = `gale-chat changed ${personId} `;
    for (let index = 0; index < storage.length; index++) {
      const key = storage.key(index);
      const edit = key?.startsWith(this.#prefix) ? read(storage.getItem(key)) : undefined;
      if (edit) this.#edits.set(this.#keyOf(edit.room, edit.seq), edit);
    }
  }

  get(room: string, seq: number): Edit | undefined {
    return this.#edits.get(this.#keyOf(room, seq));
  }

  /** Those that are to be sent. */
  get saved(): readonly (Edit & EditPlace)[] {
    return [...this.#edits.values()].filter(({ isSaved }) => isSaved);
  }

  set(room: string, seq: number, edit: Edit): void {
    const key = this.#keyOf(room, seq);
    const placed = { room, seq, ...edit };
    this.#edits.set(key, placed);
    try {
      this.#storage.setItem(key, JSON.stringify(placed));
    } catch {
      // It lasts until the page is closed.
    }
  }

  remove(room: string, seq: number): void {
    const key = this.#keyOf(room, seq);
    if (this.#edits.delete(key)) this.#storage.removeItem(key);
  }

  #keyOf(room: string, seq: number): string {
    return `${this.#prefix}${room} ${seq}`;
  }
}

function read(stored: string | null): (Edit & EditPlace) | undefined {
  try {
    const { room, seq, text, isSaved } = JSON.parse(stored ?? '') as { [field in keyof (Edit & EditPlace)]: unknown };
    if (typeof room !== 'string' || !Number.isSafeInteger(seq) || typeof text !== 'string') return undefined;
    return { room, seq: seq as number, text, isSaved: isSaved === true };
  } catch {
    return undefined;
  }
}
