/** A broker that records reads, and holds them as long as a test wants. */
import { setImmediate as turn } from 'node:timers/promises';
import type {
  Amended,
  Amendment,
  Broker,
  BrokerListener,
  Cursors,
  Entry,
  Presence,
  Published,
  PublishOptions,
  ReadLimit,
  StreamHead,
  StreamPage,
} from 'gale/rooms';

/** One read of a page. */
export interface ObservedRead {
  readonly room: string;
  readonly after: number;
  readonly limit: ReadLimit;
}

/** Records reads; another broker stores the messages. */
export class ObservedBroker implements Broker {
  readonly name = 'observed';
  /** Reads of pages since the start. */
  readonly reads: ObservedRead[] = [];
  /** Rooms of each call of `heads`. */
  readonly headReads: (readonly string[])[] = [];
  /** Reads of pages under way, and the most at once. */
  running = 0;
  maxRunning = 0;
  /** The largest page that was read, in bytes. */
  largestPage = 0;
  /** Whether a read takes a turn of the event loop, like one of a store. */
  isSlow = false;
  /** Called with each page before it is returned. May change it. */
  onPage: ((page: StreamPage, read: ObservedRead) => StreamPage) | undefined;
  readonly #inner: Broker;
  #held: PromiseWithResolvers<void> | undefined;

  constructor(inner: Broker) {
    this.#inner = inner;
  }

  get cursors(): Cursors {
    return this.#inner.cursors;
  }

  get presence(): Presence {
    return this.#inner.presence;
  }

  /** Holds all reads. @returns A function that releases them. */
  hold(): () => void {
    const held = (this.#held = Promise.withResolvers<void>());
    return () => {
      if (this.#held === held) this.#held = undefined;
      held.resolve();
    };
  }

  async read(room: string, after: number, limit: ReadLimit): Promise<StreamPage> {
    const read = { room, after, limit };
    this.reads.push(read);
    this.running++;
    this.maxRunning = Math.max(this.maxRunning, this.running);
    try {
      const page = await this.#inner.read(room, after, limit);
      this.largestPage = Math.max(this.largestPage, page.bytes);
      if (this.isSlow) await turn();
      await this.#held?.promise;
      return this.onPage?.(page, read) ?? page;
    } finally {
      this.running--;
    }
  }

  async heads(rooms: readonly string[]): Promise<Map<string, StreamHead>> {
    this.headReads.push(rooms);
    const heads = await this.#inner.heads(rooms);
    await this.#held?.promise;
    return heads;
  }

  publish(room: string, entry: Entry, options: PublishOptions): Promise<Published> {
    return this.#inner.publish(room, entry, options);
  }

  amend(room: string, amendment: Amendment): Promise<Amended> {
    return this.#inner.amend(room, amendment);
  }

  signal(room: string, data: unknown): Promise<void> {
    return this.#inner.signal(room, data);
  }

  listen(room: string, listener: BrokerListener): Promise<() => Promise<void>> {
    return this.#inner.listen(room, listener);
  }

  renewEpoch(room: string, epoch: string): Promise<void> {
    return this.#inner.renewEpoch(room, epoch);
  }

  removeEmpty(room: string): Promise<boolean> {
    return this.#inner.removeEmpty(room);
  }

  remove(room: string): Promise<void> {
    return this.#inner.remove(room);
  }

  check(): Promise<void> {
    return this.#inner.check();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
