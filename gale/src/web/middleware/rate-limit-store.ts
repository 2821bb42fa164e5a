/** Counts of requests for rateLimit: what a store does, and the one in memory. The one in Redis is in redis-rate-limit-store.ts. */

/** What a store knows of a key after it counted a request. */
export interface CountedRequest {
  /** Requests of the key in its current window, this one included. */
  readonly count: number;
  /** Milliseconds until the window ends and the count begins again. */
  readonly resetMs: number;
}

/** Counts requests by key, in windows that begin with the first request of a key. */
export interface RateLimitStore {
  /**
   * Counts one request.
   *
   * @param key - At most 256 characters.
   * @param windowMs - Length of a window that begins now.
   * @param now - Milliseconds since 1970 by the setting `now`. A store with its own clock ignores it.
   */
  count(key: string, windowMs: number, now: number): CountedRequest | Promise<CountedRequest>;
}

interface Window {
  count: number;
  readonly endsAt: number;
}

/** Windows of one process. Ended windows are dropped, and the oldest ones if there are too many. */
export class MemoryRateLimitStore implements RateLimitStore {
  readonly #maxKeys: number;
  /** In the order in which they began, which is also that in which they end. */
  readonly #windows = new Map<string, Window>();

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  /** Number of windows in memory. */
  get size(): number {
    return this.#windows.size;
  }

  count(key: string, windowMs: number, now: number): CountedRequest {
    const window = this.#windows.get(key);
    if (window !== undefined && now < window.endsAt) {
      window.count++;
      return { count: window.count, resetMs: window.endsAt - now };
    }
    // Appended, so that the order stays that of the beginnings.
    this.#windows.delete(key);
    this.#dropOld(now);
    this.#windows.set(key, { count: 1, endsAt: now + windowMs });
    return { count: 1, resetMs: windowMs };
  }

  /** Drops up to two ended windows, so that they go at least as fast as new ones come, and makes room for one. */
  #dropOld(now: number): void {
    let dropped = 0;
    for (const [key, { endsAt }] of this.#windows) {
      if (dropped === 2 || (endsAt > now && this.#windows.size < this.#maxKeys)) return;
      this.#windows.delete(key);
      dropped++;
    }
  }
}
