/**
 * Sessions that were ended and that the store cannot forget: those it never had, and those it could not delete.
 * In memory; a restart forgets them.
 */

/** Most ids remembered; the oldest are forgotten. */
const mostIds = 10_000;

export class EndedSessions {
  /** When each would have ended by itself. */
  readonly #ids = new Map<string, number>();
  /** Those that are still in the store. */
  readonly #undeleted = new Set<string>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Remembers that a session ended, until it would have ended by itself. */
  add(id: string, until: number): void {
    this.#ids.delete(id);
    this.#ids.set(id, until);
    if (this.#ids.size <= mostIds) return;
    const now = this.#now();
    for (const [other, end] of this.#ids) if (end <= now) this.#ids.delete(other);
    for (const oldest of this.#ids.keys()) {
      if (this.#ids.size <= mostIds) return;
      this.#ids.delete(oldest);
      this.#undeleted.delete(oldest);
    }
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** The store still has to delete it. */
  addUndeleted(id: string, until: number): void {
    this.add(id, until);
    this.#undeleted.add(id);
  }

  /** Deletes what the store could not delete before; stops at the first failure. */
  async deleteFrom(store: { delete(id: string): Promise<boolean> }): Promise<void> {
    for (const id of this.#undeleted) {
      await store.delete(id);
      this.#undeleted.delete(id);
    }
  }
}
