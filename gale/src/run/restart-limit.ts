/**
 * Limits restarts per minute, so that a program whose processes keep crashing ends instead of restarting them forever.
 */
const minuteMs = 60_000;

/** Allows at most `max` restarts in any minute. */
export class RestartLimit {
  readonly #max: number;
  readonly #now: () => number;
  /** Times of the restarts within the last minute, oldest first. */
  #timesMs: number[] = [];

  /** @param now - Monotonic clock, in milliseconds. */
  constructor(max: number, now: () => number = () => performance.now()) {
    this.#max = max;
    this.#now = now;
  }

  /** Counts one restart. @returns False, without counting it, if there were `max` in the last minute. */
  take(): boolean {
    const now = this.#now();
    this.#timesMs = this.#timesMs.filter((time) => time > now - minuteMs);
    if (this.#timesMs.length >= this.#max) return false;
    this.#timesMs.push(now);
    return true;
  }
}
