/**
 * What the composer of each room is for, if it is not for a new message: a reply, or an edit of an older message with its unsent text.
 * It survives a reload. A reply has no copy of the message to which it replies.
 */
import { Store } from '../state/store.ts';
import type { KeyStorage } from './stored-entries.ts';

/** A reply to a message, or an edit of it, by the number of the message. */
export type Intent =
  | { readonly kind: 'reply'; readonly seq: number }
  | { readonly kind: 'edit'; readonly seq: number; readonly text: string };

/** The intents of one account in this window. A change in another window has no effect here. */
export class Intents {
  /** By room. */
  readonly store: Store<ReadonlyMap<string, Intent>> = new Store<ReadonlyMap<string, Intent>>(new Map());
  readonly #storage: KeyStorage;
  readonly #personId: string;

  constructor(storage: KeyStorage, personId: string) {
    this.#storage = storage;
    this.#personId = personId;
    const intents = new Map<string, Intent>();
    for (const kind of ['reply', 'edit'] as const) {
      const prefix = this.#keyOf(kind, '');
      for (let index = 0; index < storage.length; index++) {
        const key = storage.key(index);
        const intent = key?.startsWith(prefix) ? read(kind, storage.getItem(key)) : undefined;
        if (intent) intents.set(key!.slice(prefix.length), intent);
      }
    }
    this.store.update(() => intents);
  }

  get(roomId: string): Intent | undefined {
    return this.store.value.get(roomId);
  }

  /** Replaces the intent of a room; undefined removes it. */
  set(roomId: string, intent: Intent | undefined): void {
    const before = this.get(roomId);
    if (before === intent) return;
    this.store.update((intents) => {
      const next = new Map(intents);
      if (intent) next.set(roomId, intent);
      else next.delete(roomId);
      return next;
    });
    if (before && before.kind !== intent?.kind) this.#storage.removeItem(this.#keyOf(before.kind, roomId));
    if (!intent) return;
    try {
      this.#storage.setItem(this.#keyOf(intent.kind, roomId), JSON.stringify(intent));
    } catch {
      // It lasts until the page is closed.
    }
  }

  /** Stores the unsent text of an edit. */
  keepText(roomId: string, text: string): void {
    const intent = this.get(roomId);
    if (intent?.kind === 'edit' && intent.text !== text) this.set(roomId, { ...intent, text });
  }

  /** Removes the intent that refers to a message. */
  forget(roomId: string, seq: number): void {
    if (this.get(roomId)?.seq === seq) this.set(roomId, undefined);
  }

  #keyOf(kind: Intent['kind'], roomId: string): string {
    return `gale-chat ${kind} ${this.#personId} ${roomId}`;
  }
}

function read(kind: Intent['kind'], stored: string | null): Intent | undefined {
  try {
    const { seq, text } = JSON.parse(stored ?? '') as { seq: unknown; text?: unknown };
    if (!Number.isSafeInteger(seq)) return undefined;
    if (kind === 'reply') return { kind, seq: seq as number };
    return typeof text === 'string' ? { kind, seq: seq as number, text } : undefined;
  } catch {
    return undefined;
  }
}
