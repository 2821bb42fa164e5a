/**
 * Ended sessions that the store still treats as valid: unstored sessions, and those it could not delete.
 * In memory; a restart clears the list.
 */
import type { SessionStore } from 'gale/sessions';

/** Most ids; the oldest are removed. */
const maxIds = 10_000;

export class EndedSessions {
  /** Expiry of each session. */
  readonly #ids = new Map<string, number>();
  /** Ids that the store still has to delete. */
  readonly #undeleted = new Set<string>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Remembers that a session ended, until it expires. */
  add(id: string, until: number): void {
    this.#ids.delete(id);
    this.#ids.set(id, until);
    if (this.#ids.size <= maxIds) return;
    const now = this.#now();
    for (const [other, end] of this.#ids) if (end <= now) this.#ids.delete(other);
    for (const oldest of this.#ids.keys()) {
      if (this.#ids.size <= maxIds) return;
      this.#ids.delete(oldest);
      this.#undeleted.delete(oldest);
    }
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** When a session would have expired, in milliseconds since 1970; undefined if it is not in the list. */
  until(id: string): number | undefined {
    return this.#ids.get(id);
  }

  /** Adds a session that the store still has to delete. */
  addUndeleted(id: string, until: number): void {
    this.add(id, until);
    this.#undeleted.add(id);
  }

  /** Deletes the remaining sessions from the store; stops at the first failure. */
  async deleteFrom(store: Pick<SessionStore, 'end'>): Promise<void> {
    for (const id of this.#undeleted) {
      await store.end([id], this.#now());
      this.#undeleted.delete(id);
    }
  }
}
