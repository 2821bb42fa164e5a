/**
 * Counts of tries for one server, in memory. A restart forgets them: they limit guessing, and whoever can restart the
 * server need not guess.
 */
import type { TryStore } from '../accounts/try-limit.ts';

/** Below this many counts nothing is swept. */
const sweepFloor = 10_000;

export class MemoryTries implements TryStore {
  readonly #counts = new Map<string, { count: number; readonly resetAt: number }>();
  readonly #now: () => number;
  /** At this many counts those that ran out are looked for; moves with what is left, so that sweeping stays cheap. */
  #sweepAt = sweepFloor;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  count(key: string, windowMs: number): Promise<{ count: number; resetMs: number }> {
    const now = this.#now();
    let entry = this.#counts.get(key);
    if (!entry || entry.resetAt <= now) {
      if (this.#counts.size >= this.#sweepAt) this.#sweep(now);
      entry = { count: 0, resetAt: now + windowMs };
      this.#counts.set(key, entry);
    }
    entry.count++;
    return Promise.resolve({ count: entry.count, resetMs: entry.resetAt - now });
  }

  giveBack(key: string): Promise<void> {
    const entry = this.#counts.get(key);
    if (entry && entry.count > 0) entry.count--;
    return Promise.resolve();
  }

  forget(key: string): Promise<void> {
    this.#counts.delete(key);
    return Promise.resolve();
  }

  #sweep(now: number): void {
    for (const [key, entry] of this.#counts) if (entry.resetAt <= now) this.#counts.delete(key);
    this.#sweepAt = Math.max(sweepFloor, this.#counts.size * 2);
  }
}
