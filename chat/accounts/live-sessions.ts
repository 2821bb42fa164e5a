/**
 * The sockets of this server by their session, so that a socket ends together with its session.
 * Servers are notified when a session ends. A periodic check of all sessions with open sockets finds the rest:
 * sessions that expired, and those whose notification was lost with the connection to Redis.
 */
import type { Logger } from 'gale';
import type { ChatSessions } from './chat-sessions.ts';

/** Time between checks of all sessions, in milliseconds. */
const checkMs = 60_000;

export class LiveSessions {
  readonly #sessions: ChatSessions;
  readonly #log: Logger;
  readonly #ends = new Map<string, Set<(reason?: string) => void>>();
  readonly #timer: NodeJS.Timeout;
  #isChecking = false;

  constructor(sessions: ChatSessions, log: Logger) {
    this.#sessions = sessions;
    this.#log = log;
    this.#timer = setInterval(() => void this.check(), checkMs).unref();
  }

  /**
   * Calls `end` when the session ends, at most once, with the reason for the sockets if there is one.
   *
   * @returns A function that removes `end`.
   */
  add(sessionId: string, end: (reason?: string) => void): () => void {
    const ends = this.#ends.get(sessionId) ?? new Set();
    this.#ends.set(sessionId, ends.add(end));
    return () => {
      if (ends.delete(end) && ends.size === 0 && this.#ends.get(sessionId) === ends) this.#ends.delete(sessionId);
    };
  }

  /** Ends the sockets of a session that ended, here or on another server. */
  end(sessionId: string, reason?: string): void {
    const ends = this.#ends.get(sessionId);
    this.#ends.delete(sessionId);
    for (const end of ends ?? []) end(reason);
  }

  /** Ends all sockets whose session has ended. A timer calls it. Never rejects. */
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
      this.#log.warn({ err: error }, 'Sessions could not be checked; they are checked again later');
    }
    this.#isChecking = false;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** A store that refuses writes can still list living sessions. */
  async #deleteEnded(): Promise<void> {
    try {
      await this.#sessions.deleteEnded();
    } catch (error) {
      this.#log.warn({ err: error }, 'Ended sessions could not be deleted; the deletion is retried later');
    }
  }
}
