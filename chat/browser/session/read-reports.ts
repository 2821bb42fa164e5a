/**
 * Reports the read positions to the server: at once, then at most once per interval. A report that was lost with the connection is sent again
 * after the next welcome, and so is one that was confirmed a moment ago: another server may not have it yet.
 */
import type { RoomsClient } from 'gale/client';

const pauseMs = 500;
/** Time until a confirmed position is in the database, in milliseconds: the server collects positions for about a second. */
const storedAfterMs = 2000;

/** The reports of one window. */
export class ReadReports {
  readonly #client: Pick<RoomsClient, 'call' | 'state'>;
  /** Positions by room to report at the end of the interval. */
  readonly #waiting = new Map<string, number>();
  /** Positions that the server has not confirmed, or only a moment ago. */
  readonly #sent: Map<string, number>;
  #isPausing = false;

  /** @param kept - Positions of the page before that the server may not have. */
  constructor(client: Pick<RoomsClient, 'call' | 'state'>, kept: Iterable<readonly [room: string, seq: number]> = []) {
    this.#client = client;
    this.#sent = new Map(kept);
  }

  /** Positions that the server may not have. */
  get unconfirmed(): ReadonlyMap<string, number> {
    return new Map([...this.#sent, ...this.#waiting]);
  }

  /** Reports that everything up to a message was read. A later position replaces a waiting one of the same room. */
  report(room: string, seq: number): void {
    this.#waiting.set(room, seq);
    if (!this.#isPausing) this.#sendAndPause();
  }

  /** Forgets what was not sent: the person has set another position. */
  forget(room: string): void {
    this.#waiting.delete(room);
    this.#sent.delete(room);
  }

  /** Reports the waiting positions now: the page is about to be unloaded. */
  flush(): void {
    if (this.#client.state !== 'open') return;
    for (const [room, seq] of this.#waiting) {
      this.#sent.set(room, seq);
      const end = (): void => {
        if (this.#sent.get(room) === seq) this.#sent.delete(room);
      };
      // The server may have lost it with the connection, before it was stored.
      const endIfConnected = (): void => {
        if (this.#client.state === 'open') end();
      };
      // Without a reply it is sent again.
      this.#client.call('seen', { room, seq }).then(
        () => setTimeout(endIfConnected, storedAfterMs),
        ({ code }: { readonly code?: string }) => {
          if (code !== 'ROOM_CONNECTION_LOST') end();
        },
      );
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
