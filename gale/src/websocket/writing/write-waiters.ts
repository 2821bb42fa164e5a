/**
 * Promises that settle when the buffer is small enough or certain bytes were taken.
 * It exists only while there are waiters. It knows no socket: frame-writer.ts calls `settle`.
 */

interface LevelWaiter {
  readonly maxBytes: number;
  readonly resolve: () => void;
}

interface PositionWaiter {
  readonly position: number;
  readonly resolve: (isTaken: boolean) => void;
}

/** The waiters of one writer. */
export class WriteWaiters {
  #levels: LevelWaiter[] = [];
  #positions: PositionWaiter[] = [];

  /** Whether there are no waiters. */
  get isEmpty(): boolean {
    return this.#levels.length === 0 && this.#positions.length === 0;
  }

  /** Settles when at most `maxBytes` are buffered, or the writer stopped. */
  untilBuffered(maxBytes: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#levels.push({ maxBytes, resolve });
    return promise;
  }

  /** Settles with `true` when the bytes before `position` were taken, with `false` if they never will be. */
  untilTaken(position: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#positions.push({ position, resolve });
    return promise;
  }

  /** Settles the waiters that `taken` bytes and `bufferedBytes` satisfy. */
  settle(taken: number, bufferedBytes: number): void {
    for (const { maxBytes, resolve } of this.#levels) if (maxBytes >= bufferedBytes) resolve();
    for (const { position, resolve } of this.#positions) if (position <= taken) resolve(true);
    this.#levels = this.#levels.filter(({ maxBytes }) => maxBytes < bufferedBytes);
    this.#positions = this.#positions.filter(({ position }) => position > taken);
  }

  /** Settles waiters for a position with `false`. */
  giveUp(): void {
    for (const { resolve } of this.#positions) resolve(false);
    this.#positions = [];
  }
}
