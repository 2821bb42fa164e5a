/**
 * The sessions of the chat: those of gale/sessions, and the unstored ones of a store that refuses writes. Handlers use signed-in.ts.
 */
import { sessions, type Sessions, type SessionStore } from 'gale/sessions';
import { ChatSessionStore, type OnExceeded } from './chat-session-store.ts';
import { EndedSessions } from './ended-sessions.ts';
import { readFormerId } from './former-cookie.ts';
import { absoluteMs, idleMs, renewAfterMs } from './session-times.ts';
import type { FindEnds } from './sessions-ended.ts';
import { createUnstoredToken, readUnstoredId } from './unstored-session.ts';

/** Options of the sessions. */
export interface ChatSessionsOptions {
  /** Sessions of one person. A new one over the limit ends the one that was unused for the longest time. */
  readonly maxPerPerson: number;
  /** Whether cookies are Secure also over http: visitors use https to a proxy. */
  readonly isSecure: boolean;
  readonly onExceeded: OnExceeded;
  /** When the sessions of people ended, the unstored ones too. */
  readonly findEnds: FindEnds;
  readonly now: () => number;
}

/** Finds out which sessions have ended, and ends them. */
export class ChatSessions {
  /** For the setting `sessions` of the application. */
  readonly stored: Sessions;
  readonly #store: SessionStore;
  readonly #ended: EndedSessions;
  readonly #findEnds: FindEnds;
  readonly #now: () => number;

  /** @param store - Not closed by {@link close}. */
  constructor(store: SessionStore, { maxPerPerson, isSecure, onExceeded, findEnds, now }: ChatSessionsOptions) {
    this.#store = store;
    this.#findEnds = findEnds;
    this.#now = now;
    this.#ended = new EndedSessions(now);
    this.stored = sessions({
      store: new ChatSessionStore(store, this.#ended, onExceeded),
      idleMs,
      renewAfterMs,
      absoluteMs,
      maxPerPerson,
      cookie: isSecure ? { secure: true } : {},
      formerId: readFormerId,
    });
  }

  /** @returns The token of a session that lasts one hour and that the store does not know. */
  beginUnstored(personId: string): string {
    return createUnstoredToken(personId, this.#now());
  }

  /** Whether an unstored session has expired or was ended. */
  isOver(id: string): boolean {
    return (readUnstoredId(id)?.expiresAt ?? 0) <= this.#now() || this.#ended.has(id);
  }

  /** Records that a session ended which the store cannot end: an unstored one, or one that another server could not delete. */
  noteEnded(id: string, until: number): void {
    this.#ended.add(id, until);
  }

  /** Until when all servers must remember that a session ended, in milliseconds since 1970; undefined if the store recorded it. */
  endedUntil(id: string): number | undefined {
    return this.#ended.until(id);
  }

  /** Deletes ended sessions that the store could not delete before. */
  deleteEnded(): Promise<void> {
    return this.#ended.deleteFrom(this.#store);
  }

  /** @returns Those of `ids` that have not ended. */
  async living(ids: readonly string[]): Promise<Set<string>> {
    const living = await this.stored.living(ids);
    for (const id of await this.#livingUnstored(ids)) living.add(id);
    return living;
  }

  /** Those that began after the stored ones of their person ended. */
  async #livingUnstored(ids: readonly string[]): Promise<string[]> {
    const sessions = ids
      .filter((id) => !this.isOver(id))
      .map(readUnstoredId)
      .filter((session) => session !== undefined);
    if (sessions.length === 0) return [];
    const ends = await this.#findEnds([...new Set(sessions.map(({ personId }) => personId))]);
    return sessions.filter(({ personId, beganAt }) => beganAt > (ends.get(personId) ?? -Infinity)).map(({ id }) => id);
  }

  close(): Promise<void> {
    return this.stored.close();
  }
}
