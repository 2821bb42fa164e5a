/**
 * The values of the session of one request, as JSON texts: those in the store, and the changes that are to be written. No I/O.
 */
import { GaleError } from '../../errors.ts';
import { readSessionText } from './session-json.ts';
import { bytesOf } from './session-store.ts';

/** How large a session may be. */
export interface SessionLimits {
  readonly maxBytes: number;
  readonly maxKeys: number;
}

/** JSON texts by key; `undefined` for a deleted key. */
export type TextChanges = ReadonlyMap<string, string | undefined>;

const none: ReadonlyMap<string, string> = new Map<string, string>();

/** Values by key. */
export class SessionTexts {
  readonly #limits: SessionLimits;
  #stored: ReadonlyMap<string, string>;
  /** Texts that differ from the stored ones. */
  #changes: Map<string, string | undefined> | undefined;
  /** Objects and arrays that were read. */
  #objects: Map<string, unknown> | undefined;
  #clears = false;

  /** @param stored - The values in the store; `undefined` for a new session. */
  constructor(stored: ReadonlyMap<string, string> | undefined, limits: SessionLimits) {
    this.#stored = stored ?? none;
    this.#limits = limits;
  }

  /** The values in the store. */
  get stored(): ReadonlyMap<string, string> {
    return this.#stored;
  }

  /** Whether the stored values belong to another person, so that they are removed with the next change. */
  get clears(): boolean {
    return this.#clears;
  }

  /** What differs from the stored values. */
  get changes(): TextChanges {
    return this.#changes ?? none;
  }

  /** Whether a change sets a value. */
  get hasNewValues(): boolean {
    for (const text of this.changes.values()) if (text !== undefined) return true;
    return false;
  }

  /** The text of a key, with the changes. */
  get(key: string): string | undefined {
    if (this.#changes?.has(key) === true) return this.#changes.get(key);
    return this.#clears ? undefined : this.#stored.get(key);
  }

  /** The value of a key. Objects are frozen, and the same for each call. */
  valueOf(key: string): unknown {
    const text = this.get(key);
    if (text === undefined) return undefined;
    if (!text.startsWith('{') && !text.startsWith('[')) return JSON.parse(text);
    let value = this.#objects?.get(key);
    if (value === undefined) {
      value = readSessionText(text);
      (this.#objects ??= new Map()).set(key, value);
    }
    return value;
  }

  /** All texts, with the changes. */
  all(): Map<string, string> {
    const texts = new Map(this.#clears ? none : this.#stored);
    for (const [key, text] of this.changes) {
      if (text === undefined) texts.delete(key);
      else texts.set(key, text);
    }
    return texts;
  }

  /** Changes a key. @throws {@link GaleError} `SESSION_TOO_LARGE`; nothing is changed then. */
  change(key: string, text: string | undefined): void {
    this.#objects?.delete(key);
    const stored = this.#clears ? undefined : this.#stored.get(key);
    const changes = (this.#changes ??= new Map());
    const before = changes.get(key);
    const wasChanged = changes.has(key);
    if (text === stored) changes.delete(key);
    else changes.set(key, text);
    if (text === undefined) return;
    const texts = this.all();
    const { maxBytes, maxKeys } = this.#limits;
    const bytes = bytesOf(texts);
    if (bytes <= maxBytes && texts.size <= maxKeys) return;
    if (wasChanged) changes.set(key, before);
    else changes.delete(key);
    throw tooLarge(bytes, texts.size, this.#limits);
  }

  /** The stored values belong to another person. */
  clear(): void {
    this.#clears = true;
    this.#objects = undefined;
  }

  /** Notes that the store has this text now. */
  remember(key: string, text: string | undefined): void {
    const values = new Map(this.#stored);
    if (text === undefined) values.delete(key);
    else values.set(key, text);
    this.#stored = values;
    this.#objects?.delete(key);
  }

  /** Notes that the changes are stored. */
  keep(): void {
    this.#stored = this.all();
    this.forget();
  }

  /** Drops the stored values: there is no session in the store. */
  leave(): void {
    this.#stored = none;
  }

  /** Drops the changes. */
  forget(): void {
    this.#clears = false;
    this.#changes = undefined;
    this.#objects = undefined;
  }
}

/** The error for a session that is over a limit. */
export function tooLarge(bytes: number, keys: number, { maxBytes, maxKeys }: SessionLimits): GaleError {
  const [count, unit, limit, name] =
    bytes > maxBytes ? [bytes, 'bytes', maxBytes, 'maxBytes'] : [keys, 'keys', maxKeys, 'maxKeys'];
  return new GaleError(
    'SESSION_TOO_LARGE',
    `A session must have at most ${limit} ${unit} (${name}); got ${count}. Keep large data in a store of its own and only its id here.`,
  );
}
