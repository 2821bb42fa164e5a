/**
 * Reads the bounds of streams. All calls during one read share the next read,
 * so ten thousand people who reconnect at once cost a few reads.
 */
import type { Broker } from '../broker.ts';
import type { StreamHead } from '../stream.ts';

/** Most rooms of one read. */
const maxRooms = 1000;

/** Reads one batch at a time. */
export class HeadReader {
  readonly #broker: Broker;
  /** Calls for the next batch, by room. */
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
      this.#asked = new Map(asked.splice(maxRooms));
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
        else reject(new TypeError(`The broker ${this.#broker.name} returned no head of the room ${room}.`));
      }
    } catch (error) {
      // An error of one room must not fail the others.
      if (asked.size > 1) await Promise.all([...asked].map((one) => this.#readBatch(new Map([one]))));
      else for (const { reject } of asked.values()) reject(error);
    }
  }
}
