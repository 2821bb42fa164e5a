/**
 * Holds one message between a connection and `readMessage`. The connection delivers the next message only after this one was taken.
 */

/** Room for one message. */
export class MessageSlot {
  #message: string | Buffer | undefined;
  #onTaken: (() => void) | undefined;
  #takers: ((message: string | Buffer | null) => void)[] = [];
  #ended = false;

  /** Delivers a message. @returns A promise that settles when it is taken; `undefined` if a call of `take` was waiting. */
  put(message: string | Buffer): void | Promise<void> {
    const taker = this.#takers.shift();
    if (taker !== undefined) return taker(message);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#message = message;
    this.#onTaken = resolve;
    return promise;
  }

  /** The next message, in the order of the calls; `null` after the last one. */
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

  /** Ends the slot: no message follows. One that waits can still be taken. */
  end(): void {
    this.#ended = true;
    for (const taker of this.#takers.splice(0)) taker(null);
  }
}
