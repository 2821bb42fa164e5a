/** Times between sending and the last byte of the answer, counted in buckets that are made beforehand. */

const bucketMicroseconds = 10;
/** Ten seconds; what takes longer counts as ten seconds. */
const bucketCount = 1_000_000;

/** A histogram of latencies, with a grain of 10 µs. */
export class Latency {
  readonly #buckets = new Uint32Array(bucketCount + 1);
  #count = 0;

  /** Counts `times` answers that took `milliseconds`. */
  record(milliseconds: number, times: number): void {
    const bucket = Math.min(Math.floor((milliseconds * 1000) / bucketMicroseconds), bucketCount);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + times;
    this.#count += times;
  }

  /** Forgets everything. */
  clear(): void {
    this.#buckets.fill(0);
    this.#count = 0;
  }

  /** The time, in milliseconds, within which the share `quantile` (0 to 1) was answered: the upper end of its bucket. */
  at(quantile: number): number {
    let rest = Math.max(1, Math.ceil(this.#count * quantile));
    const bucket = this.#buckets.findIndex((count) => (rest -= count) <= 0);
    return ((bucket + 1) * bucketMicroseconds) / 1000;
  }
}
