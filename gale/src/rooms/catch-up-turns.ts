/**
 * Lets the subscriptions of one connection catch up one after the other, one page at a time.
 * Otherwise each would read a page when the connection is writable again, and only one could deliver it.
 */

/** The turns of one connection. */
export class CatchUpTurns {
  #isTaken = false;
  #waiting: (() => void)[] | undefined;

  /** Resolves when the turn of the caller begins. It lasts until {@link end}. */
  async take(): Promise<void> {
    if (this.#isTaken) await new Promise<void>((resolve) => (this.#waiting ??= []).push(resolve));
    this.#isTaken = true;
  }

  /** Ends a turn. Call it once for each {@link take}. */
  end(): void {
    const next = this.#waiting?.shift();
    if (next) next();
    else this.#isTaken = false;
  }
}
