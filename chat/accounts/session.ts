/**
 * A session: what a signed cookie points at. The cookie holds a random token, the store only its SHA-256,
 * so that whoever reads the store cannot sign in with what is there.
 * Implementations of the store: store/sqlite-sessions.ts and store/redis-sessions.ts.
 */
import { createHash, randomBytes } from 'node:crypto';

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
  add(session: Session): Promise<void>;
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

/** Begins, finds and ends sessions. */
export class Sessions {
  readonly #store: SessionStore;
  readonly #now: () => number;

  constructor(store: SessionStore, now: () => number = Date.now) {
    this.#store = store;
    this.#now = now;
  }

  /** @returns The token for the cookie; it is kept nowhere else. */
  async begin(personId: string): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    await this.#store.add({ id: sessionId(token), personId, expiresAt: this.#now() + sessionDays * dayMs });
    return token;
  }

  /** @returns The session the token belongs to, if it has not ended. */
  find(token: string): Promise<Session | undefined> {
    return this.#store.find(sessionId(token));
  }

  /**
   * Lets a session last its full time again, at most once a day.
   *
   * @returns Whether it was moved, so that the cookie has to be sent anew.
   */
  async renew(session: Session): Promise<boolean> {
    const expiresAt = this.#now() + sessionDays * dayMs;
    if (expiresAt - session.expiresAt < dayMs) return false;
    await this.#store.extend(session.id, expiresAt);
    return true;
  }

  /** @returns Whether it had not ended before. */
  end(session: Session): Promise<boolean> {
    return this.#store.delete(session.id);
  }

  /** @returns Those of `ids` that have not ended. */
  living(ids: readonly string[]): Promise<Set<string>> {
    return this.#store.living(ids);
  }
}

/** What a token is known by in the store. */
export function sessionId(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
