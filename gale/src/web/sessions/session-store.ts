/**
 * What a store of sessions does: four operations, each atomic and one round trip. A store sees only the hash of an id, and JSON texts as
 * values. Concurrent requests of one session change it by key, so that they do not lose each other's changes.
 */

/** A value, or a promise of it. A store in memory is synchronous. */
export type MaybePromise<Value> = Value | Promise<Value>;

/** A session as it is stored. Nobody changes it. All times are milliseconds since 1970. */
export interface StoredSession {
  /** The signed-in person; `undefined` for none. It never changes: a login has a new id. */
  readonly person: string | undefined;
  readonly createdAt: number;
  /** When it was last written. */
  readonly seenAt: number;
  readonly expiresAt: number;
  /** JSON texts by key. */
  readonly values: ReadonlyMap<string, string>;
}

/** A stored session in a list. */
export interface ListedSession extends StoredSession {
  readonly id: string;
}

/** Limits that a store applies. */
export interface SessionLimits {
  /** Largest session: all keys and JSON texts together, in bytes. */
  readonly maxBytes: number;
  readonly maxKeys: number;
  /** Sessions of one person. */
  readonly maxPerPerson: number;
}

/** A change of one session. */
export interface SessionChange {
  /** Hash of the id. */
  readonly id: string;
  /** `undefined`: the session must exist. `new`: it is created. Else the id that it had: it is renamed. */
  readonly from: 'new' | { readonly id: string } | undefined;
  /** The person, for a session that is new or renamed. */
  readonly person: string | undefined;
  /** Creation, for a session that is new or renamed. */
  readonly createdAt: number;
  readonly seenAt: number;
  readonly expiresAt: number;
  /** Whether the person signs in with this change: their sessions over the limit end, those first that were seen longest ago. */
  readonly isLogin: boolean;
  /** Whether the values before are removed. */
  readonly clears: boolean;
  /** JSON texts to store by key; `undefined` deletes a key. */
  readonly values: ReadonlyMap<string, string | undefined>;
  /** Nothing is changed unless this key has this text. */
  readonly expected: { readonly key: string; readonly text: string | undefined } | undefined;
  readonly limits: SessionLimits;
}

/** The result of a change. */
export type SaveResult =
  /** `ended`: the ids of the sessions that a login ended. */
  | { readonly state: 'saved'; readonly ended: readonly string[] }
  /** There is no such session, or it has expired. */
  | { readonly state: 'gone' }
  /** The key has another text. */
  | { readonly state: 'conflict'; readonly text: string | undefined }
  /** With the change it would be over a limit. */
  | { readonly state: 'full'; readonly bytes: number; readonly keys: number };

/** Stores sessions. An expired session is treated as missing. Every operation rejects while the store is unavailable. */
export interface SessionStore {
  /** Whether no operation returns a promise. */
  readonly isSync?: boolean;
  /** Reads a session. */
  load(id: string, now: number): MaybePromise<StoredSession | undefined>;
  /** Changes a session, or does nothing. */
  save(change: SessionChange, now: number): MaybePromise<SaveResult>;
  /** The sessions of a person. Their order does not matter. */
  list(person: string, now: number): MaybePromise<readonly ListedSession[]>;
  /** Ends sessions. @returns The ids of those that existed. */
  end(ids: readonly string[], now: number): MaybePromise<readonly string[]>;
  /** Rejects if sessions cannot be read and written now. */
  check(): Promise<void>;
  /** Releases what it holds. It is not used afterwards. */
  close(): Promise<void>;
}

/** The values of a session after a change, and their size. */
export interface ChangedValues {
  readonly values: Map<string, string>;
  readonly bytes: number;
  readonly isFull: boolean;
}

/** Applies a change to the values of a session, for stores that do it in JavaScript. */
export function changeValues(before: ReadonlyMap<string, string>, change: SessionChange): ChangedValues {
  const values = new Map(change.clears ? [] : before);
  for (const [key, text] of change.values) {
    if (text === undefined) values.delete(key);
    else values.set(key, text);
  }
  const bytes = bytesOf(values);
  const { maxBytes, maxKeys } = change.limits;
  const isOver = bytes > maxBytes || values.size > maxKeys;
  // A limit that was lowered does not prevent a session from becoming smaller.
  return { values, bytes, isFull: isOver && (bytes > bytesOf(before) || values.size > before.size) };
}

/** Size of values: keys and JSON texts as UTF-8. */
export function bytesOf(values: ReadonlyMap<string, string>): number {
  let bytes = 0;
  for (const [key, text] of values) bytes += Buffer.byteLength(key) + Buffer.byteLength(text);
  return bytes;
}
