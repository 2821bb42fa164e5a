/**
 * Reports the read position to the server: at once, then at most once per interval.
 * A report can be lost with the connection. session/listen.ts repeats it after the next subscription.
 */
import type { Position, RoomsClient } from 'gale/client';

const pauseMs = 250;

/** The reports of one window. */
export class ReadReports {
  readonly #client: Pick<RoomsClient, 'call' | 'state'>;
  /** Positions to report at the end of the interval. */
  readonly #waiting = new Map<string, Position>();
  #isPausing = false;

  constructor(client: Pick<RoomsClient, 'call' | 'state'>) {
    this.#client = client;
  }

  /** Reports that everything up to a position was read. A later position replaces a waiting one of the same room. */
  report(room: string, position: Position): void {
    this.#waiting.set(room, position);
    if (!this.#isPausing) this.#sendAndPause();
  }

  /** Reports the waiting positions now: the page is about to be unloaded. */
  flush(): void {
    if (this.#client.state === 'open') {
      for (const [room, position] of this.#waiting) this.#client.call('read', { room, ...position }).catch(() => {});
    }
    this.#waiting.clear();
  }

  #sendAndPause(): void {
    this.#isPausing = this.#waiting.size > 0;
    if (!this.#isPausing) return;
    this.flush();
    setTimeout(() => this.#sendAndPause(), pauseMs);
  }
}
