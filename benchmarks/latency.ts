/** Times from sending to the last byte of the response, counted in preallocated buckets. */

const bucketMicroseconds = 10;
/** Ten seconds; longer times count as ten seconds. */
const bucketCount = 1_000_000;

/** A histogram of latencies, with a resolution of 10 µs. */
export class Latency {
  readonly #buckets = new Uint32Array(bucketCount + 1);
  #count = 0;

  /** Counts `times` responses that took `milliseconds`. */
  record(milliseconds: number, times: number): void {
    const bucket = Math.min(Math.floor((milliseconds * 1000) / bucketMicroseconds), bucketCount);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + times;
    this.#count += times;
  }

  /** Removes all recorded times. */
  clear(): void {
    this.#buckets.fill(0);
    this.#count = 0;
  }

  /** Time in milliseconds within which the share `quantile` (0 to 1) of responses arrived: the upper end of its bucket. */
  at(quantile: number): number {
    let rest = Math.max(1, Math.ceil(this.#count * quantile));
    const bucket = this.#buckets.findIndex((count) => (rest -= count) <= 0);
    return ((bucket + 1) * bucketMicroseconds) / 1000;
  }
}
