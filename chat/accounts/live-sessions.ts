/**
 * The sockets of this server by their session, so that a socket ends together with its session.
 * Servers are notified when a session ends. A periodic check of all sessions with open sockets finds the rest:
 * sessions that expired, and those whose notification was lost with the connection to Redis.
 */
import type { Logger } from 'gale';
import type { ChatSessions } from './chat-sessions.ts';

/** Time between checks of all sessions, in milliseconds. */
const checkMs = 60_000;

/** A socket that ends with its session. */
export interface LiveSocket {
  readonly personId: string | undefined;
  /** Closes it. The page gets the reason. */
  endSession(reason?: string): void;
}

export class LiveSessions {
  readonly #sessions: ChatSessions;
  readonly #log: Logger;
  /** Most sessions have one socket, which needs no set. */
  readonly #lives = new Map<string, LiveSocket | Set<LiveSocket>>();
  readonly #timer: NodeJS.Timeout;
  #isChecking = false;

  constructor(sessions: ChatSessions, log: Logger) {
    this.#sessions = sessions;
    this.#log = log;
    this.#timer = setInterval(() => void this.check(), checkMs).unref();
  }

  /** Ends the socket together with the session, at most once. */
  add(sessionId: string, socket: LiveSocket): void {
    const live = this.#lives.get(sessionId);
    if (live instanceof Set) live.add(socket);
    else this.#lives.set(sessionId, live === undefined ? socket : new Set([live, socket]));
  }

  /** Removes a socket that was closed. */
  remove(sessionId: string, socket: LiveSocket): void {
    const live = this.#lives.get(sessionId);
    if (live instanceof Set) live.delete(socket);
    if (live === socket || (live instanceof Set && live.size === 0)) this.#lives.delete(sessionId);
  }

  /** Whether this server has no socket. */
  get isEmpty(): boolean {
    return this.#lives.size === 0;
  }

  /** Ids of the people with a window on this server. */
  get people(): ReadonlySet<string> {
    return new Set([...this.#lives.values()].map(personOf));
  }

  /** Ends the sockets of a session that ended, here or on another server. */
  end(sessionId: string, reason?: string): void {
    const live = this.#lives.get(sessionId);
    this.#lives.delete(sessionId);
    if (live !== undefined) for (const socket of socketsOf(live)) socket.endSession(reason);
  }

  /** Ends all sockets of some people. */
  endPeople(personIds: ReadonlySet<string>, reason?: string): void {
    if (personIds.size === 0) return;
    for (const [sessionId, live] of this.#lives) if (personIds.has(personOf(live))) this.end(sessionId, reason);
  }

  /** Ends the sockets of one person whose session has ended. */
  async checkPerson(personId: string): Promise<void> {
    const ids = [...this.#lives].filter(([, live]) => personOf(live) === personId).map(([id]) => id);
    if (ids.length === 0) return;
    const living = await this.#sessions.living(ids);
    for (const id of ids) if (!living.has(id)) this.end(id);
  }

  /** Ends all sockets whose session has ended. A timer calls it. Never rejects. */
  async check(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    try {
      await this.#deleteEnded();
      const ids = [...this.#lives.keys()];
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

function socketsOf(live: LiveSocket | Set<LiveSocket>): Iterable<LiveSocket> {
  return live instanceof Set ? live : [live];
}

/** A session has one person. */
function personOf(live: LiveSocket | Set<LiveSocket>): string {
  const [socket] = socketsOf(live);
  return socket?.personId ?? '';
}
