/**
 * A queue before the password hashes: so many at once, so many waiting, the rest refused.
 * Each takes 19 MiB and a core for tens of milliseconds; a flood of sign-ins must not take them all.
 */

/** Too many wait already; nothing was begun. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

/** Runs tasks in order, at most `atOnce` at a time. */
export class HashQueue {
  readonly #atOnce: number;
  readonly #maxWaiting: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /**
   * @param options - `atOnce`: default 2 (libuv has 4 threads, files and names need some). `maxWaiting`: default 100,
   * about two seconds of waiting on one slow core.
   */
  constructor(options: { readonly atOnce?: number; readonly maxWaiting?: number } = {}) {
    this.#atOnce = options.atOnce ?? 2;
    this.#maxWaiting = options.maxWaiting ?? 100;
  }

  /** @throws {@link QueueFullError} if `maxWaiting` tasks wait; otherwise settles as the task does. */
  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#running >= this.#atOnce) {
      if (this.#waiting.length >= this.#maxWaiting) {
        throw new QueueFullError(`${this.#waiting.length} password hashes wait already (maxWaiting).`);
      }
      // Whoever finishes hands its place on, so `#running` stays.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
