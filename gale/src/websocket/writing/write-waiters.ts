/**
 * Those who wait for bytes to leave: until few enough are buffered, or until certain bytes have left.
 * It exists only while somebody waits, and knows no socket: frame-writer.ts tells it how far the peer has come.
 */

interface LevelWaiter {
  readonly mostBytes: number;
  readonly resolve: () => void;
}

interface PositionWaiter {
  readonly position: number;
  readonly resolve: (hasLeft: boolean) => void;
}

/** The waiters of one writer. */
export class WriteWaiters {
  #levels: LevelWaiter[] = [];
  #positions: PositionWaiter[] = [];

  /** Whether nobody waits. */
  get isEmpty(): boolean {
    return this.#levels.length === 0 && this.#positions.length === 0;
  }

  /** Settles when at most so many bytes are buffered, or nothing will be written any more. */
  untilBuffered(mostBytes: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#levels.push({ mostBytes, resolve });
    return promise;
  }

  /** Settles with `true` when the bytes before `position` have left, with `false` if they never will. */
  untilTaken(position: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#positions.push({ position, resolve });
    return promise;
  }

  /** Settles those who waited for no more than this: `taken` bytes have left, and so many are still buffered. */
  settle(taken: number, bufferedBytes: number): void {
    for (const { mostBytes, resolve } of this.#levels) if (mostBytes >= bufferedBytes) resolve();
    for (const { position, resolve } of this.#positions) if (position <= taken) resolve(true);
    this.#levels = this.#levels.filter(({ mostBytes }) => mostBytes < bufferedBytes);
    this.#positions = this.#positions.filter(({ position }) => position > taken);
  }

  /** What has not left never will. */
  giveUp(): void {
    for (const { resolve } of this.#positions) resolve(false);
    this.#positions = [];
  }
}
