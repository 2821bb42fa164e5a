/**
 * Token buckets, one for each key: a bucket holds `burst` tokens and refills `perSecond` tokens each second.
 * Without timers; the caller provides the clock. Full buckets are dropped, so memory follows the number of keys in use.
 */

/** Size and refill rate of a bucket. */
export interface BucketRate {
  /** Tokens in a full bucket: how many can be taken at once. */
  readonly burst: number;
  /** Tokens refilled each second. */
  readonly perSecond: number;
}

/** A bucket for each key. An unknown key has a full bucket. */
export class TokenBuckets {
  readonly #intervalMs: number;
  /** A bucket that takes longer than this to be full has no token. */
  readonly #maxMs: number;
  readonly #now: () => number;
  /** When each bucket will be full again. This number also says how many tokens are left. */
  readonly #fullAt = new Map<string, number>();
  /** Where the search for full buckets continues. */
  #sweep: MapIterator<[string, number]>;

  /** @param now - A monotonic clock, in milliseconds. */
  constructor({ burst, perSecond }: BucketRate, now: () => number) {
    this.#intervalMs = 1000 / perSecond;
    this.#maxMs = (burst - 1) * this.#intervalMs;
    this.#now = now;
    this.#sweep = this.#fullAt.entries();
  }

  /** Number of buckets in memory. */
  get size(): number {
    return this.#fullAt.size;
  }

  /** Milliseconds until the bucket has so many tokens, rounded up; 0 if it has them. A bucket that is full has enough for any number. */
  waitMs(key: string, tokens: number = 1): number {
    const fullAt = this.#fullAt.get(key);
    if (fullAt === undefined) return 0;
    const maxMs = Math.max(0, this.#maxMs - (tokens - 1) * this.#intervalMs);
    // A clock with fractions of a millisecond must not refuse a token that was just refilled.
    return Math.max(0, Math.ceil(fullAt - this.#now() - maxMs - 1e-6));
  }

  /** Takes tokens. @returns 0, or the milliseconds until the bucket has them; none is taken then. */
  take(key: string, tokens: number = 1): number {
    const waitMs = this.waitMs(key, tokens);
    if (waitMs > 0) return waitMs;
    const now = this.#now();
    this.#fullAt.set(key, Math.max(now, this.#fullAt.get(key) ?? now) + tokens * this.#intervalMs);
    this.#forgetFull(now);
    return 0;
  }

  /** Gives a token back that was taken for nothing. */
  give(key: string): void {
    const fullAt = (this.#fullAt.get(key) ?? 0) - this.#intervalMs;
    if (fullAt > this.#now()) this.#fullAt.set(key, fullAt);
    else this.#fullAt.delete(key);
  }

  /** Checks two buckets for each token taken, so that full buckets are dropped at least as fast as new ones are added. */
  #forgetFull(now: number): void {
    for (let looks = 0; looks < 2; looks++) {
      const next = this.#sweep.next();
      if (next.done) {
        this.#sweep = this.#fullAt.entries();
        return;
      }
      const [key, fullAt] = next.value;
      if (fullAt <= now) this.#fullAt.delete(key);
    }
  }
}
