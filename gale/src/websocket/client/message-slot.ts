/**
 * The place between a connection, which hands over messages, and its user, who takes them when it likes. It holds one message;
 * the connection waits with the next until that one was taken.
 */

/** A place for one message. */
export class MessageSlot {
  #message: string | Buffer | undefined;
  #onTaken: (() => void) | undefined;
  #takers: ((message: string | Buffer | null) => void)[] = [];
  #ended = false;

  /** Hands over a message. @returns A promise if nobody has waited for it, which settles when it is taken. */
  put(message: string | Buffer): void | Promise<void> {
    const taker = this.#takers.shift();
    if (taker !== undefined) return taker(message);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#message = message;
    this.#onTaken = resolve;
    return promise;
  }

  /** The next message, in the order of the calls; `null` behind the last one. */
  take(): Promise<string | Buffer | null> {
    const message = this.#message;
    if (message !== undefined) {
      this.#message = undefined;
      this.#onTaken?.();
      return Promise.resolve(message);
    }
    if (this.#ended) return Promise.resolve(null);
    const { promise, resolve } = Promise.withResolvers<string | Buffer | null>();
    this.#takers.push(resolve);
    return promise;
  }

  /** Says that no more will come. What waits can still be taken. */
  end(): void {
    this.#ended = true;
    for (const taker of this.#takers.splice(0)) taker(null);
  }
}
