/**
 * Reads the bounds of streams: all that are asked for while one read is on its way are read together by the next.
 * So the ten thousand who come back at once cost a few reads.
 */
import type { Broker } from '../broker.ts';
import type { StreamHead } from '../stream.ts';

/** Rooms read at once. */
const mostRooms = 1000;

/** Reads one batch at a time. */
export class HeadReader {
  readonly #broker: Broker;
  /** Those of the next batch, by room. */
  #asked = new Map<string, PromiseWithResolvers<StreamHead>>();
  #isReading = false;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  /** Reads the bounds of a stream, by a read that begins after the call. */
  read(room: string): Promise<StreamHead> {
    let asked = this.#asked.get(room);
    if (!asked) this.#asked.set(room, (asked = Promise.withResolvers()));
    if (!this.#isReading) {
      this.#isReading = true;
      queueMicrotask(() => void this.#readAll());
    }
    return asked.promise;
  }

  async #readAll(): Promise<void> {
    while (this.#asked.size > 0) {
      const asked = [...this.#asked];
      this.#asked = new Map(asked.splice(mostRooms));
      await this.#readBatch(new Map(asked));
    }
    this.#isReading = false;
  }

  async #readBatch(asked: ReadonlyMap<string, PromiseWithResolvers<StreamHead>>): Promise<void> {
    try {
      const heads = await this.#broker.heads([...asked.keys()]);
      for (const [room, { resolve, reject }] of asked) {
        const head = heads.get(room);
        if (head) resolve(head);
        else reject(new TypeError(`${this.#broker.name} returned no head of ${room}`));
      }
    } catch (error) {
      // The fault of one room is no other's.
      if (asked.size > 1) await Promise.all([...asked].map((one) => this.#readBatch(new Map([one]))));
      else for (const { reject } of asked.values()) reject(error);
    }
  }
}
