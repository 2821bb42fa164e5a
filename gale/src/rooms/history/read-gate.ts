/**
 * Limits concurrent reads. Further reads wait, and urgent reads run first.
 */

/** A semaphore with two queues. */
export class ReadGate {
  readonly #places: number;
  #taken = 0;
  /** Sets, since removing their first element is cheap. */
  readonly #urgent = new Set<() => void>();
  readonly #others = new Set<() => void>();

  /** @param places - Most reads at once. */
  constructor(places: number) {
    this.#places = places;
  }

  /** Runs a read as soon as a place is free. */
  async run<Result>(read: () => Promise<Result>, options: { readonly isUrgent?: boolean } = {}): Promise<Result> {
    if (this.#taken < this.#places) this.#taken++;
    else await new Promise<void>((resolve) => (options.isUrgent ? this.#urgent : this.#others).add(resolve));
    try {
      return await read();
    } finally {
      this.#leave();
    }
  }

  /** Passes the place to the next read. */
  #leave(): void {
    for (const queue of [this.#urgent, this.#others]) {
      for (const enter of queue) {
        queue.delete(enter);
        enter();
        return;
      }
    }
    this.#taken--;
  }
}
