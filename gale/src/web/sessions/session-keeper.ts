/** What the sessions of all requests share: the store, whose errors become `SESSION_STORE`, the limits, the cookie and the clock. */
import { GaleError } from '../../errors.ts';
import { isThenable } from '../../http/thenable.ts';
import { createLogger, type Logger } from '../../run/log.ts';
import type { PersonSessions } from './person-sessions.ts';
import { RateLimitedWarning } from '../../run/rate-limited-warning.ts';
import { maxCookieSeconds, SessionCookie } from './session-cookie.ts';
import type {
  ListedSession,
  MaybePromise,
  SaveResult,
  SessionChange,
  SessionLimits,
  SessionStore,
  StoredSession,
} from './session-store.ts';
import type { ResolvedSessionsOptions } from './sessions-options.ts';

/** Clock and log of an application. */
export interface SessionTools {
  readonly now: () => number;
  readonly log: Logger;
}

/** The store of sessions, with everything that does not depend on a request. */
export class SessionKeeper {
  readonly limits: SessionLimits;
  readonly cookie: SessionCookie;
  readonly store: SessionStore;
  /** The object of the application. */
  readonly all: PersonSessions;
  readonly #options: ResolvedSessionsOptions;
  #tools: (() => SessionTools) | undefined;
  #ownLog: Logger | undefined;
  #warning: RateLimitedWarning | undefined;

  constructor(options: ResolvedSessionsOptions, all: PersonSessions) {
    const { maxBytes, maxKeys, maxPerPerson } = options;
    this.#options = options;
    this.store = options.store;
    this.all = all;
    this.limits = Object.freeze({ maxBytes, maxKeys, maxPerPerson });
    this.cookie = new SessionCookie(options.cookieName, options.cookie, options.endsWithBrowser);
  }

  /** Uses clock and log of an application. */
  useTools(tools: () => SessionTools): void {
    this.#tools = tools;
  }

  now(): number {
    return this.#tools === undefined ? Date.now() : this.#tools().now();
  }

  get log(): Logger {
    return this.#tools === undefined ? (this.#ownLog ??= createLogger()) : this.#tools().log;
  }

  /** Logs that the store failed for a request that works without. */
  warn(error: unknown): void {
    this.#warning ??= new RateLimitedWarning(this.log, 'The store of the sessions fails');
    this.#warning.note({ err: error });
  }

  async close(): Promise<void> {
    this.#warning?.stop();
    await this.store.close();
  }

  /** Time until a session must end, in milliseconds. */
  remainingMs(createdAt: number): number {
    return createdAt + this.#options.absoluteMs - this.now();
  }

  /** Times of a session that is written now. */
  times(createdAt: number): { readonly seenAt: number; readonly expiresAt: number } {
    const seenAt = this.now();
    return { seenAt, expiresAt: Math.min(seenAt + this.#options.idleMs, createdAt + this.#options.absoluteMs) };
  }

  /** Whether the expiry of a session that is used must be written again. */
  isRenewalDue({ seenAt }: StoredSession, now: number): boolean {
    return now - seenAt >= this.#options.renewAfterMs;
  }

  /** Whether the session can last longer than its cookie. */
  needsCookieRenewal(createdAt: number): boolean {
    return this.remainingMs(createdAt) > 1000 * maxCookieSeconds;
  }

  /** Without a closure if the store is synchronous: every request with a session calls it. */
  load(id: string, now: number): MaybePromise<StoredSession | undefined> {
    let stored: MaybePromise<StoredSession | undefined>;
    try {
      stored = this.store.load(id, now);
    } catch (error) {
      throw unavailable(error);
    }
    if (!isThenable(stored)) return this.#unlessOver(stored, now);
    return stored.then(
      (loaded) => this.#unlessOver(loaded, now),
      (error: unknown) => {
        throw unavailable(error);
      },
    );
  }

  save(change: SessionChange): MaybePromise<SaveResult> {
    return this.#guard(
      () => this.store.save(change, this.now()),
      (result) => {
        if (result.state === 'saved') this.#notify(result.ended);
        return result;
      },
    );
  }

  list(person: string): MaybePromise<readonly ListedSession[]> {
    const now = this.now();
    return this.#guard(
      () => this.store.list(person, now),
      (listed) => listed.filter((session) => !this.#isOver(session, now)),
    );
  }

  end(ids: readonly string[]): MaybePromise<readonly string[]> {
    return this.#guard(
      () => this.store.end(ids, this.now()),
      (ended) => {
        this.#notify(ended);
        return ended;
      },
    );
  }

  #unlessOver(stored: StoredSession | undefined, now: number): StoredSession | undefined {
    return stored === undefined || this.#isOver(stored, now) ? undefined : stored;
  }

  /** The options may be shorter than those with which the session was stored. */
  #isOver({ expiresAt, seenAt, createdAt }: StoredSession, now: number): boolean {
    const { idleMs, absoluteMs } = this.#options;
    return now >= expiresAt || now >= seenAt + idleMs || now >= createdAt + absoluteMs;
  }

  #notify(ended: readonly string[]): void {
    const { onEnd } = this.#options;
    if (onEnd === undefined || ended.length === 0) return;
    try {
      onEnd(ended);
    } catch (error) {
      this.log.error({ err: error }, 'The option onEnd of the sessions failed');
    }
  }

  /** Runs an operation of the store, whose errors become `SESSION_STORE`. */
  #guard<Result, Value>(run: () => MaybePromise<Result>, read: (result: Result) => Value): MaybePromise<Value> {
    let result: MaybePromise<Result>;
    try {
      result = run();
    } catch (error) {
      throw unavailable(error);
    }
    if (!isThenable(result)) return read(result);
    return result.then(read, (error: unknown) => {
      throw unavailable(error);
    });
  }
}

function unavailable(error: unknown): GaleError {
  const reason = error instanceof Error ? error.message : 'it threw a value that is no error';
  return new GaleError('SESSION_STORE', `The store of the sessions is unavailable: ${reason}`, { cause: error });
}
