/**
 * Counts restarts within the last minute, so that a program whose processes keep crashing ends instead of crashing for ever.
 */
const minuteMs = 60_000;

/** At most so many restarts in any minute. */
export class RestartLimit {
  readonly #max: number;
  readonly #now: () => number;
  /** When the restarts of the last minute were, oldest first. */
  #timesMs: number[] = [];

  /** @param now - Milliseconds of a clock that only goes forward. */
  constructor(max: number, now: () => number = () => performance.now()) {
    this.#max = max;
    this.#now = now;
  }

  /** Takes one restart. @returns False, and nothing is taken, if there were `max` in the last minute. */
  take(): boolean {
    const now = this.#now();
    this.#timesMs = this.#timesMs.filter((time) => time > now - minuteMs);
    if (this.#timesMs.length >= this.#max) return false;
    this.#timesMs.push(now);
    return true;
  }
}
