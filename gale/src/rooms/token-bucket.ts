/**
 * Token buckets, one for each key: a bucket holds `burst` tokens, and `perSecond` of them come back each second.
 * Pure: the clock is given, nothing has a timer. Full buckets are forgotten, so memory follows the number of keys in use.
 */

/** How much a bucket holds, and how fast it fills. */
export interface BucketRate {
  /** Tokens of a full bucket: how many may be taken at once. */
  readonly burst: number;
  /** Tokens that come back each second. */
  readonly perSecond: number;
}

/** A bucket for each key; a key that is not known has a full one. */
export class TokenBuckets {
  readonly #intervalMs: number;
  /** A bucket that will be full later than this has no token. */
  readonly #mostMs: number;
  readonly #now: () => number;
  /** When each bucket will be full again, by the clock. That one number says how many tokens are left. */
  readonly #fullAt = new Map<string, number>();
  /** Where the search for full buckets goes on. */
  #sweep: MapIterator<[string, number]>;

  /** @param now - A monotonic clock, in milliseconds. */
  constructor({ burst, perSecond }: BucketRate, now: () => number) {
    this.#intervalMs = 1000 / perSecond;
    this.#mostMs = (burst - 1) * this.#intervalMs;
    this.#now = now;
    this.#sweep = this.#fullAt.entries();
  }

  /** How many buckets are kept. */
  get size(): number {
    return this.#fullAt.size;
  }

  /** Milliseconds until the bucket has a token, rounded up; 0 if it has one. */
  waitMs(key: string): number {
    const fullAt = this.#fullAt.get(key);
    if (fullAt === undefined) return 0;
    // A clock in fractions of a millisecond must not refuse the token that has just come back.
    return Math.max(0, Math.ceil(fullAt - this.#now() - this.#mostMs - 1e-6));
  }

  /** Takes a token. @returns 0, or the milliseconds until there is one; nothing is taken then. */
  take(key: string): number {
    const waitMs = this.waitMs(key);
    if (waitMs > 0) return waitMs;
    const now = this.#now();
    this.#fullAt.set(key, Math.max(now, this.#fullAt.get(key) ?? now) + this.#intervalMs);
    this.#forgetFull(now);
    return 0;
  }

  /** Looks at two buckets for each token taken, so that full ones go at least as fast as new ones come. */
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
