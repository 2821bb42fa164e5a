/**
 * Tells the server how far was read: at once, and then not more often than the server has to know.
 * A report that is lost with the line is made again by whoever notices after the next subscription.
 */
import type { Position, RoomsClient } from 'gale/client';

const pauseMs = 250;

/** Reports of one window. */
export class ReadReports {
  readonly #client: Pick<RoomsClient, 'call' | 'state'>;
  /** What waits for the end of the pause. */
  readonly #waiting = new Map<string, Position>();
  #isPausing = false;

  constructor(client: Pick<RoomsClient, 'call' | 'state'>) {
    this.#client = client;
  }

  /** Everything up to a position has been read. A later position of the room takes the place of one that waits. */
  report(room: string, position: Position): void {
    this.#waiting.set(room, position);
    if (!this.#isPausing) this.#flush();
  }

  #flush(): void {
    this.#isPausing = this.#waiting.size > 0;
    if (!this.#isPausing) return;
    if (this.#client.state === 'open') {
      for (const [room, position] of this.#waiting) this.#client.call('read', { room, ...position }).catch(() => {});
    }
    this.#waiting.clear();
    setTimeout(() => this.#flush(), pauseMs);
  }
}
