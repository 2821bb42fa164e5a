/**
 * The store of the sessions, with two things that only the chat needs: an end takes effect although the store refuses to record it, and
 * the chat is notified of sessions that ended because their person has too many.
 */
import type { ListedSession, SaveResult, SessionChange, SessionStore, StoredSession } from 'gale/sessions';
import { isUnavailable } from '../store/unavailable.ts';
import type { EndedSessions } from './ended-sessions.ts';
import { idleMs } from './session-times.ts';

/** Called for each session over the limit of its person. */
export type OnExceeded = (personId: string, sessionId: string) => void;

export class ChatSessionStore implements SessionStore {
  readonly #store: SessionStore;
  readonly #ended: EndedSessions;
  readonly #onExceeded: OnExceeded;

  constructor(store: SessionStore, ended: EndedSessions, onExceeded: OnExceeded) {
    this.#store = store;
    this.#ended = ended;
    this.#onExceeded = onExceeded;
  }

  async load(id: string, now: number): Promise<StoredSession | undefined> {
    return this.#ended.has(id) ? undefined : this.#store.load(id, now);
  }

  async save(change: SessionChange, now: number): Promise<SaveResult> {
    const result = await this.#store.save(change, now);
    if (result.state !== 'saved' || change.person === undefined) return result;
    for (const id of result.ended) this.#onExceeded(change.person, id);
    return result;
  }

  async list(person: string, now: number): Promise<readonly ListedSession[]> {
    return (await this.#store.list(person, now)).filter(({ id }) => !this.#ended.has(id));
  }

  async end(ids: readonly string[], now: number): Promise<readonly string[]> {
    try {
      return await this.#store.end(ids, now);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      for (const id of ids) this.#ended.addUndeleted(id, now + idleMs);
      return ids;
    }
  }

  check(): Promise<void> {
    return this.#store.check();
  }

  /** The creator of the store closes it. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}
