/**
 * Sessions. A signed cookie contains a random token; the store contains only its SHA-256, so that a copy of the store
 * does not sign anybody in.
 * Implementations of the store: store/sqlite-sessions.ts and store/redis-sessions.ts.
 */
import { createHash, randomBytes } from 'node:crypto';
import { isUnavailable } from '../store/unavailable.ts';
import { EndedSessions } from './ended-sessions.ts';
import { signInDefaults } from './attempt-limit.ts';
import { createUnstoredToken, readUnstoredToken, unstoredEnd } from './unstored-session.ts';

/** One signed-in browser. */
export interface Session {
  /** SHA-256 of the token, base64url. */
  readonly id: string;
  readonly personId: string;
  /** When it expires without another visit, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Stores sessions. An expired session is treated as missing. */
export interface SessionStore {
  /**
   * Adds a session. Ends the sessions of the person that expire first until at most `most` remain.
   *
   * @returns The ids of the sessions that this ended.
   */
  add(session: Session, most: number): Promise<readonly string[]>;
  find(id: string): Promise<Session | undefined>;
  /** Changes the expiry of a session, if it exists. */
  extend(id: string, expiresAt: number): Promise<void>;
  /** @returns Whether it existed. */
  delete(id: string): Promise<boolean>;
  /** @returns Those of `ids` that have not ended. */
  living(ids: readonly string[]): Promise<Set<string>>;
}

/** How long a session lasts after the last visit. */
export const sessionDays = 30;
const dayMs = 24 * 60 * 60 * 1000;

/** Limits of sessions. */
export interface SessionsOptions {
  /** Sessions of one person. A new one over the limit ends the one that was unused for the longest time. @defaultValue 20 */
  readonly maxPerPerson?: number;
  /** Called for each session that ended because of `maxPerPerson`. */
  readonly onEnded?: (personId: string, sessionId: string) => void;
}

/** Begins, finds and ends sessions. */
export class Sessions {
  readonly #store: SessionStore;
  readonly #now: () => number;
  readonly #ended: EndedSessions;
  readonly #maxPerPerson: number;
  readonly #onEnded: (personId: string, sessionId: string) => void;

  constructor(store: SessionStore, now: () => number = Date.now, options: SessionsOptions = {}) {
    this.#store = store;
    this.#now = now;
    this.#ended = new EndedSessions(now);
    this.#maxPerPerson = options.maxPerPerson ?? signInDefaults.sessionsPerPerson;
    this.#onEnded = options.onEnded ?? (() => {});
  }

  /**
   * Begins a session. If the store cannot write (it is full or read-only), the session lasts one hour and the token
   * contains all of it.
   *
   * @returns The token for a signed cookie. It is not stored.
   */
  async begin(personId: string): Promise<string> {
    return (await this.#beginStored(personId)) ?? createUnstoredToken(personId, this.#now());
  }

  /** @returns The session the token belongs to, if it has not ended. The token comes from a cookie whose signature was verified. */
  async find(token: string): Promise<Session | undefined> {
    const unstored = readUnstoredToken(token);
    if (unstored) return this.#isOver(unstored.id, unstored.expiresAt) ? undefined : unstored;
    const session = await this.#store.find(sessionId(token));
    return session && this.#ended.has(session.id) ? undefined : session;
  }

  /** @returns The token of a stored session that replaces an unstored one; undefined if the store still cannot write, or for a stored session. */
  async store(session: Session): Promise<string | undefined> {
    return unstoredEnd(session.id) === undefined ? undefined : this.#beginStored(session.personId);
  }

  /**
   * Extends a session to its full time, at most once a day.
   *
   * @returns Whether it was extended: send the cookie again.
   */
  async renew(session: Session): Promise<boolean> {
    if (unstoredEnd(session.id) !== undefined) return false;
    const expiresAt = this.#now() + sessionDays * dayMs;
    if (expiresAt - session.expiresAt < dayMs) return false;
    await this.#store.extend(session.id, expiresAt);
    return true;
  }

  /** @returns False if the store could not record the end: all servers must be notified. */
  async end(session: Session): Promise<boolean> {
    if (unstoredEnd(session.id) !== undefined) {
      this.#ended.add(session.id, session.expiresAt);
      return false;
    }
    try {
      await this.#store.delete(session.id);
      return true;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      this.#ended.addUndeleted(session.id, session.expiresAt);
      return false;
    }
  }

  /** Records that another server ended a session and could not store that. */
  noteEnded(id: string, until: number): void {
    this.#ended.add(id, until);
  }

  /** Deletes ended sessions that the store could not delete before. */
  deleteEnded(): Promise<void> {
    return this.#ended.deleteFrom(this.#store);
  }

  /** @returns Those of `ids` that have not ended. */
  async living(ids: readonly string[]): Promise<Set<string>> {
    const stored = ids.filter((id) => unstoredEnd(id) === undefined);
    const living = stored.length > 0 ? await this.#store.living(stored) : new Set<string>();
    for (const id of ids) {
      const end = unstoredEnd(id);
      if (end !== undefined) living.add(id);
      if (this.#isOver(id, end ?? Infinity)) living.delete(id);
    }
    return living;
  }

  async #beginStored(personId: string): Promise<string | undefined> {
    const token = randomBytes(32).toString('base64url');
    try {
      const session = { id: sessionId(token), personId, expiresAt: this.#now() + sessionDays * dayMs };
      for (const ended of await this.#store.add(session, this.#maxPerPerson)) this.#onEnded(personId, ended);
      return token;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      return undefined;
    }
  }

  #isOver(id: string, expiresAt: number): boolean {
    return expiresAt <= this.#now() || this.#ended.has(id);
  }
}

/** The id of a token in the store. */
export function sessionId(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
