/**
 * Counts of attempts for one server, in memory. A restart clears them. Nobody gains from that: a person who can restart
 * the server does not have to guess passwords.
 */
import type { AttemptStore } from '../accounts/attempt-limit.ts';

/** Least number of counts before expired ones are removed. */
const sweepFloor = 10_000;
/** Most counts, about 20 MB. More of them come from more addresses than counts can limit. */
const defaultMaxCounts = 100_000;

export class MemoryAttempts implements AttemptStore {
  readonly #counts = new Map<string, { count: number; readonly resetAt: number }>();
  readonly #now: () => number;
  readonly #maxCounts: number;
  /** Number of counts at which expired ones are removed. Twice the number that remained, so that the work stays small. */
  #sweepAt = sweepFloor;

  /** @param maxCounts - Most keys at a time. The oldest key is removed for a new one. */
  constructor(now: () => number = Date.now, maxCounts: number = defaultMaxCounts) {
    this.#now = now;
    this.#maxCounts = maxCounts;
  }

  /** Number of keys. */
  get size(): number {
    return this.#counts.size;
  }

  count(key: string, windowMs: number): Promise<{ count: number; resetMs: number }> {
    const now = this.#now();
    let entry = this.#counts.get(key);
    if (!entry || entry.resetAt <= now) {
      // Insert the key again at the end, so that the first key of the map is the oldest.
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
