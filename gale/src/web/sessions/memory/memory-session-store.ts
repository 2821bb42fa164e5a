/**
 * Sessions in the memory of one process. They end with the process. If there are too many, those without a person end first, those that
 * were written longest ago before others.
 */
import { GaleError } from '../../../errors.ts';
import { assertNames, readIntegers } from '../../../run/given-options.ts';
import { announceOneProcess, knownProcessCount } from '../../../run/one-process.ts';
import {
  changeValues,
  type ListedSession,
  type SaveResult,
  type SessionChange,
  type SessionStore,
  type StoredSession,
} from '../session-store.ts';

/** Options of {@link MemorySessionStore}. */
export interface MemorySessionStoreOptions {
  /** Most sessions. @defaultValue 100 000 */
  readonly maxSessions?: number;
  /** Memory of all sessions, in bytes: their values, and 500 bytes each. @defaultValue 128 MiB */
  readonly maxBytes?: number;
}

/** Memory of a session beside its values, in bytes. */
const sessionBytes = 500;

interface Entry extends StoredSession {
  readonly bytes: number;
}

/** Keeps sessions in memory. The default store, for one process and for tests. */
export class MemorySessionStore implements SessionStore {
  readonly isSync = true;
  readonly #maxSessions: number;
  readonly #maxBytes: number;
  /** All sessions; those without a person, and those with one, each in the order in which they were written. */
  readonly #anonymous = new Map<string, Entry>();
  readonly #signedIn = new Map<string, Entry>();
  readonly #idsOf = new Map<string, Set<string>>();
  readonly #release: () => void;
  #bytes = 0;

  /** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`; `WEB_SESSION` in a program of several processes. */
  constructor(options: MemorySessionStoreOptions = {}) {
    assertNames('MemorySessionStore', options, ['maxSessions', 'maxBytes']);
    const { maxSessions, maxBytes } = readIntegers(options, {
      maxSessions: [100_000, 1, 10_000_000],
      maxBytes: [134_217_728, 1, Number.MAX_SAFE_INTEGER],
    });
    if ((knownProcessCount() ?? 1) > 1) throw severalProcesses();
    this.#maxSessions = maxSessions;
    this.#maxBytes = maxBytes;
    this.#release = announceOneProcess(severalProcesses);
  }

  load(id: string, now: number): StoredSession | undefined {
    const entry = this.#signedIn.get(id) ?? this.#anonymous.get(id);
    if (entry === undefined || entry.expiresAt > now) return entry;
    this.#remove(id);
    return undefined;
  }

  save(change: SessionChange, now: number): SaveResult {
    const { id, from, expected } = change;
    const source = typeof from === 'object' ? from.id : id;
    const before = from === 'new' ? undefined : this.load(source, now);
    if (from !== 'new' && before === undefined) return { state: 'gone' };
    if (expected !== undefined) {
      const text = before?.values.get(expected.key);
      if (text !== expected.text) return { state: 'conflict', text };
    }
    const { values, bytes, isFull } = changeValues(before?.values ?? new Map(), change);
    if (isFull) return { state: 'full', bytes, keys: values.size };
    const { person, createdAt } = from === undefined && before !== undefined ? before : change;
    this.#remove(source);
    this.#add(id, { person, createdAt, seenAt: change.seenAt, expiresAt: change.expiresAt, values, bytes });
    const ended =
      change.isLogin && person !== undefined ? this.#limit(person, id, change.limits.maxPerPerson, now) : [];
    this.#makeRoom(id, now);
    return { state: 'saved', ended };
  }

  list(person: string, now: number): readonly ListedSession[] {
    const listed: ListedSession[] = [];
    for (const id of this.#idsOf.get(person) ?? []) {
      const entry = this.load(id, now);
      if (entry !== undefined) listed.push({ ...entry, id });
    }
    return listed;
  }

  end(ids: readonly string[], now: number): readonly string[] {
    return ids.filter((id) => {
      const isKnown = this.load(id, now) !== undefined;
      this.#remove(id);
      return isKnown;
    });
  }

  async check(): Promise<void> {}

  async close(): Promise<void> {
    this.#release();
    for (const map of [this.#anonymous, this.#signedIn, this.#idsOf]) map.clear();
    this.#bytes = 0;
  }

  #add(id: string, entry: Entry): void {
    this.#bytes += entry.bytes + sessionBytes;
    const { person } = entry;
    if (person === undefined) {
      this.#anonymous.set(id, entry);
      return;
    }
    this.#signedIn.set(id, entry);
    const ids = this.#idsOf.get(person);
    if (ids === undefined) this.#idsOf.set(person, new Set([id]));
    else ids.add(id);
  }

  #remove(id: string): void {
    const entry = this.#signedIn.get(id) ?? this.#anonymous.get(id);
    if (entry === undefined) return;
    this.#bytes -= entry.bytes + sessionBytes;
    this.#anonymous.delete(id);
    this.#signedIn.delete(id);
    if (entry.person === undefined) return;
    const ids = this.#idsOf.get(entry.person);
    ids?.delete(id);
    if (ids?.size === 0) this.#idsOf.delete(entry.person);
  }

  /** Ends sessions of a person that were seen longest ago. */
  #limit(person: string, id: string, most: number, now: number): string[] {
    const others = this.list(person, now).filter((session) => session.id !== id);
    const ended = others
      .toSorted((left, right) => right.seenAt - left.seenAt)
      .slice(most - 1)
      .map((session) => session.id);
    for (const one of ended) this.#remove(one);
    return ended;
  }

  /** Removes expired sessions from the oldest on, a few at a time, and others if there is no room. */
  #makeRoom(id: string, now: number): void {
    for (const sessions of [this.#anonymous, this.#signedIn]) {
      let checked = 0;
      for (const [oldest, { expiresAt }] of sessions) {
        const isOver = this.#anonymous.size + this.#signedIn.size > this.#maxSessions || this.#bytes > this.#maxBytes;
        if (!isOver && (expiresAt > now || ++checked > 2)) break;
        if (oldest !== id) this.#remove(oldest);
      }
    }
  }
}

function severalProcesses(): GaleError {
  return new GaleError(
    'WEB_SESSION',
    'The number of processes must be 1 with sessions in memory, which processes do not share. Use a SqliteSessionStore, a RedisSessionStore (gale/redis), or processes: 1.',
  );
}
