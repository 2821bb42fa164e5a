/**
 * A session: what a signed cookie points at. The cookie holds a random token, the store only its SHA-256,
 * so that whoever reads the store cannot sign in with what is there.
 * Implementations of the store: store/sqlite-sessions.ts and store/redis-sessions.ts.
 */
import { createHash, randomBytes } from 'node:crypto';
import { isUnavailable } from '../store/unavailable.ts';
import { EndedSessions } from './ended-sessions.ts';
import { signInDefaults } from './try-limit.ts';
import { createUnstoredToken, readUnstoredToken, unstoredEnd } from './unstored-session.ts';

/** One signed-in browser. */
export interface Session {
  /** SHA-256 of the token, base64url. */
  readonly id: string;
  readonly personId: string;
  /** When it ends if nobody comes back, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Keeps sessions. One that ran out is as good as gone. */
export interface SessionStore {
  /**
   * Adds a session. Of the person's others, those that would end first end now, until at most `most` are left.
   *
   * @returns The ids of the sessions that this ended.
   */
  add(session: Session, most: number): Promise<readonly string[]>;
  find(id: string): Promise<Session | undefined>;
  /** Moves the end of a session that exists. */
  extend(id: string, expiresAt: number): Promise<void>;
  /** @returns Whether it was there. */
  delete(id: string): Promise<boolean>;
  /** @returns Those of `ids` that have not ended. */
  living(ids: readonly string[]): Promise<Set<string>>;
}

/** How long a session lasts after the last visit. */
export const sessionDays = 30;
const dayMs = 24 * 60 * 60 * 1000;

/** How many sessions there may be. */
export interface SessionsOptions {
  /** Sessions that one person has; the one that was not used for longest ends. @defaultValue 20 */
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
   * Begins a session. If the store cannot take it (it is full or read-only), the session lasts one hour and all of it is
   * in the token.
   *
   * @returns The token for a signed cookie; it is kept nowhere else.
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

  /** @returns The token of a stored session in place of one that the store did not take; undefined if that is not possible now or not needed. */
  async store(session: Session): Promise<string | undefined> {
    return unstoredEnd(session.id) === undefined ? undefined : this.#beginStored(session.personId);
  }

  /**
   * Lets a session last its full time again, at most once a day.
   *
   * @returns Whether it was moved, so that the cookie has to be sent anew.
   */
  async renew(session: Session): Promise<boolean> {
    if (unstoredEnd(session.id) !== undefined) return false;
    const expiresAt = this.#now() + sessionDays * dayMs;
    if (expiresAt - session.expiresAt < dayMs) return false;
    await this.#store.extend(session.id, expiresAt);
    return true;
  }

  /** @returns False if only the memory of this server knows that it ended: then the other servers have to be notified. */
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

  /** Another server ended a session, and the store does not know. */
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

/** What a token is known by in the store. */
export function sessionId(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
