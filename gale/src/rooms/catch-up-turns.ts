/**
 * Lets the subscriptions of one connection catch up one page at a time, each after the other: they share one pipe.
 * Without it each of them would read a page when the connection has room again, and only one of them could deliver it.
 */

/** The turns of one connection. */
export class CatchUpTurns {
  #isTaken = false;
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is the caller's turn, which lasts until {@link end}. */
  async take(): Promise<void> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
  }

  /** Ends a turn; to be called once for each {@link take}. */
  end(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#isTaken = false;
  }
}
