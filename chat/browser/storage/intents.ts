/**
 * What the composer of each room is for, if it is not for a new message: a reply, or an edit of an older message with its unsent text.
 * It survives a reload. A reply has no copy of the message to which it replies.
 */
import { Store } from '../state/store.ts';
import { Edits } from './edits.ts';
import type { KeyStorage } from './stored-entries.ts';

/** A reply to a message, or an edit of it, by the number of the message. */
export type Intent =
  | { readonly kind: 'reply'; readonly seq: number }
  | {
      readonly kind: 'edit';
      readonly seq: number;
      readonly text: string;
      /** The person has changed the text. */
      readonly isChanged?: boolean;
    };

/** The intents of one account in this window. A change in another window has no effect here. */
export class Intents {
  /** By room. */
  readonly store: Store<ReadonlyMap<string, Intent>> = new Store<ReadonlyMap<string, Intent>>(new Map());
  /** Changed texts of messages that are not edited now. */
  readonly edits: Edits;
  /** Stores what the composer shows. It is called before an intent changes. */
  flush: (() => void) | undefined;
  readonly #storage: KeyStorage;
  readonly #personId: string;

  constructor(storage: KeyStorage, personId: string) {
    this.edits = new Edits(storage, personId);
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

  /** Replaces the intent of a room; undefined removes it. An edit that is left for another intent can be continued. */
  set(roomId: string, intent: Intent | undefined): void {
    this.flush?.();
    const before = this.get(roomId);
    if (before === intent) return;
    if (intent && before?.kind === 'edit' && before.isChanged && before.seq !== intent.seq) {
      this.edits.set(roomId, before.seq, { text: before.text, isSaved: false });
    }
    this.#replace(roomId, before, intent);
  }

  /** Begins to edit a message, or continues. @param text - The text of the message. */
  edit(roomId: string, seq: number, text: string): void {
    const current = this.get(roomId);
    if (current?.kind === 'edit' && current.seq === seq) return;
    const left = this.edits.get(roomId, seq);
    this.set(roomId, left ? { kind: 'edit', seq, text: left.text, isChanged: true } : { kind: 'edit', seq, text });
    if (left?.isSaved === false) this.edits.remove(roomId, seq);
  }

  #replace(roomId: string, before: Intent | undefined, intent: Intent | undefined): void {
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
    if (intent?.kind !== 'edit' || intent.text === text) return;
    this.#replace(roomId, intent, { ...intent, text, isChanged: true });
  }

  /** The changed text of a message that was deleted; undefined if the person has not changed it. */
  changedText(roomId: string, seq: number): string | undefined {
    this.flush?.();
    const intent = this.get(roomId);
    if (intent?.kind === 'edit' && intent.seq === seq) return intent.isChanged ? intent.text : undefined;
    return this.edits.get(roomId, seq)?.text;
  }

  /** Removes the intent that refers to a message, and its changed text. */
  forget(roomId: string, seq: number): void {
    this.edits.remove(roomId, seq);
    if (this.get(roomId)?.seq === seq) this.set(roomId, undefined);
  }

  #keyOf(kind: Intent['kind'], roomId: string): string {
    return `gale-chat ${kind} ${this.#personId} ${roomId}`;
  }
}

function read(kind: Intent['kind'], stored: string | null): Intent | undefined {
  try {
    const { seq, text, isChanged } = JSON.parse(stored ?? '') as { seq: unknown; text?: unknown; isChanged?: unknown };
    if (!Number.isSafeInteger(seq)) return undefined;
    if (kind === 'reply') return { kind, seq: seq as number };
    if (typeof text !== 'string') return undefined;
    return { kind, seq: seq as number, text, ...(isChanged === true ? { isChanged } : {}) };
  } catch {
    return undefined;
  }
}
