/**
 * Bounds how many reads are on their way at once. Further ones wait, and urgent ones go first.
 */

/** A queue with a fixed number of places at its end. */
export class ReadGate {
  readonly #places: number;
  #taken = 0;
  /** Sets, since their first element can be removed at no cost. */
  readonly #urgent = new Set<() => void>();
  readonly #others = new Set<() => void>();

  /** @param places - Most reads at once. */
  constructor(places: number) {
    this.#places = places;
  }

  /** Runs a read as soon as there is a place for it. */
  async run<Result>(read: () => Promise<Result>, options: { readonly isUrgent?: boolean } = {}): Promise<Result> {
    if (this.#taken < this.#places) this.#taken++;
    else await new Promise<void>((resolve) => (options.isUrgent ? this.#urgent : this.#others).add(resolve));
    try {
      return await read();
    } finally {
      this.#leave();
    }
  }

  /** Gives the place to the next one. */
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
