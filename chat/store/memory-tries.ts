/**
 * Counts of tries for one server, in memory. A restart forgets them: they limit guessing, and whoever can restart the
 * server need not guess.
 */
import type { TryStore } from '../accounts/try-limit.ts';

/** Below this many counts nothing is swept. */
const sweepFloor = 10_000;
/** Most counts, some 20 MB. More than these at a time come from more addresses than a count can limit. */
const defaultMaxCounts = 100_000;

export class MemoryTries implements TryStore {
  readonly #counts = new Map<string, { count: number; readonly resetAt: number }>();
  readonly #now: () => number;
  readonly #maxCounts: number;
  /** At this many counts those that ran out are looked for; moves with what is left, so that sweeping stays cheap. */
  #sweepAt = sweepFloor;

  /** @param maxCounts - Most keys that are counted at a time; the one that began first is forgotten. */
  constructor(now: () => number = Date.now, maxCounts: number = defaultMaxCounts) {
    this.#now = now;
    this.#maxCounts = maxCounts;
  }

  /** Keys that are counted. */
  get size(): number {
    return this.#counts.size;
  }

  count(key: string, windowMs: number): Promise<{ count: number; resetMs: number }> {
    const now = this.#now();
    let entry = this.#counts.get(key);
    if (!entry || entry.resetAt <= now) {
      // Anew at the end, so that the first key is the one that began first.
      this.#counts.delete(key);
      this.#makeRoom(now);
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

  #makeRoom(now: number): void {
    if (this.#counts.size >= this.#sweepAt) {
      for (const [key, entry] of this.#counts) if (entry.resetAt <= now) this.#counts.delete(key);
      this.#sweepAt = Math.max(sweepFloor, this.#counts.size * 2);
    }
    if (this.#counts.size < this.#maxCounts) return;
    for (const first of this.#counts.keys()) {
      this.#counts.delete(first);
      return;
    }
  }
}
