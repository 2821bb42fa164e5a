/**
 * The sockets of this server by the session they were opened with, so that they end with it.
 * The end of a session is told to all servers at once; whoever misses that (a broken line to Redis, a session that ran
 * out) is found by looking at all sessions with open sockets from time to time.
 */
import type { Logger } from 'gale';
import type { Sessions } from './session.ts';

/** Time between looks at all sessions, in milliseconds. */
const checkMs = 60_000;

export class LiveSessions {
  readonly #sessions: Sessions;
  readonly #log: Logger;
  readonly #ends = new Map<string, Set<() => void>>();
  readonly #timer: NodeJS.Timeout;
  #isChecking = false;

  constructor(sessions: Sessions, log: Logger) {
    this.#sessions = sessions;
    this.#log = log;
    this.#timer = setInterval(() => void this.check(), checkMs).unref();
  }

  /**
   * Has `end` called when the session ends, at most once.
   *
   * @returns What to call when that is no longer wanted.
   */
  add(sessionId: string, end: () => void): () => void {
    const ends = this.#ends.get(sessionId) ?? new Set();
    this.#ends.set(sessionId, ends.add(end));
    return () => {
      if (ends.delete(end) && ends.size === 0 && this.#ends.get(sessionId) === ends) this.#ends.delete(sessionId);
    };
  }

  /** The session was ended, here or on another server. */
  end(sessionId: string): void {
    const ends = this.#ends.get(sessionId);
    this.#ends.delete(sessionId);
    for (const end of ends ?? []) end();
  }

  /** Ends all whose session is no longer there; run by a timer. Never throws. */
  async check(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    try {
      await this.#deleteEnded();
      const ids = [...this.#ends.keys()];
      while (ids.length > 0) {
        const some = ids.splice(0, 500);
        const living = await this.#sessions.living(some);
        for (const id of some) if (!living.has(id)) this.end(id);
      }
    } catch (error) {
      this.#log.warn({ err: String(error) }, 'sessions could not be looked at; trying again later');
    }
    this.#isChecking = false;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** A store that takes no writes can still be asked which sessions live. */
  async #deleteEnded(): Promise<void> {
    try {
      await this.#sessions.deleteEnded();
    } catch (error) {
      this.#log.warn({ err: String(error) }, 'ended sessions could not be deleted; trying again later');
    }
  }
}
