/**
 * A broker whose live delivery loses, repeats and reorders messages, whose reads fail sometimes,
 * and whose stream can be set back as by a restored backup. Another broker stores the messages.
 */
import { GaleError } from 'gale';
import type { MemoryBroker } from 'gale';
import type {
  Amended,
  Amendment,
  Broker,
  BrokerListener,
  Cursors,
  Entry,
  Hold,
  Holds,
  Presence,
  Published,
  PublishOptions,
  ReadLimit,
  RoomMessage,
  StreamHead,
  StreamPage,
} from 'gale/rooms';

/** How often each fault happens, from 0 (never) to 1. */
export interface Faults {
  drop?: number;
  repeat?: number;
  /** The message comes after the next one. */
  delay?: number;
  failRead?: number;
}

/** A broker with faults, which can be changed at any time. */
export class FaultyBroker implements Broker {
  readonly name = 'faulty';
  faults: Faults;
  /** Offsets that live delivery always loses. */
  readonly lost: Set<number> = new Set();
  /** Whether live delivery brings nothing at all. */
  isDeaf = false;
  /** Reads since the start. */
  reads = 0;
  /** Calls of `heads` since the start. */
  headReads = 0;
  /** Runs after each read and before its response: a slow store. */
  afterRead: (() => Promise<void>) | undefined;
  /** Number of next publishes that fail. */
  failPublishes = 0;
  readonly #inner: MemoryBroker;
  readonly #random: () => number;
  readonly #listeners = new Map<string, Set<BrokerListener>>();

  constructor(inner: MemoryBroker, random: () => number, faults: Faults = {}) {
    this.#inner = inner;
    this.#random = random;
    this.faults = faults;
  }

  get cursors(): Cursors {
    return this.#inner.cursors;
  }

  get holds(): Holds {
    return this.#inner.holds;
  }

  get presence(): Presence {
    return this.#inner.presence;
  }

  publish(room: string, entry: Entry, options: PublishOptions): Promise<Published> {
    if (this.failPublishes-- > 0) return Promise.reject(new GaleError('ROOM_UNAVAILABLE', 'as the test wants it'));
    return this.#inner.publish(room, entry, options);
  }

  amend(room: string, amendment: Amendment, hold?: Hold): Promise<Amended> {
    return this.#inner.amend(room, amendment, hold);
  }

  async read(room: string, after: number, limit: ReadLimit): Promise<StreamPage> {
    this.reads++;
    if (this.#happens(this.faults.failRead)) throw new GaleError('ROOM_UNAVAILABLE', 'as the test wants it');
    const page = await this.#inner.read(room, after, limit);
    await this.afterRead?.();
    return page;
  }

  async heads(rooms: readonly string[]): Promise<Map<string, StreamHead>> {
    this.headReads++;
    if (this.#happens(this.faults.failRead)) throw new GaleError('ROOM_UNAVAILABLE', 'as the test wants it');
    const heads = await this.#inner.heads(rooms);
    await this.afterRead?.();
    return heads;
  }

  signal(room: string, data: unknown): Promise<void> {
    return this.#inner.signal(room, data);
  }

  async listen(room: string, listener: BrokerListener): Promise<() => Promise<void>> {
    let held: (() => void) | undefined;
    const listeners = this.#listeners.get(room) ?? new Set();
    this.#listeners.set(room, listeners.add(listener));
    const stop = await this.#inner.listen(room, {
      onMessage: (epoch, message) => {
        if (this.isDeaf) return;
        const pass = (): void => listener.onMessage(epoch, message);
        const late = held;
        held = undefined;
        if (this.#happens(this.faults.delay)) held = pass;
        else if (!this.lost.has(message.offset) && !this.#happens(this.faults.drop)) pass();
        if (this.#happens(this.faults.repeat)) pass();
        late?.();
      },
      onAmend: (epoch, message) => {
        if (this.isDeaf || this.#happens(this.faults.drop)) return;
        listener.onAmend(epoch, message);
        if (this.#happens(this.faults.repeat)) listener.onAmend(epoch, message);
      },
      onSignal: (data) => this.isDeaf || listener.onSignal(data),
      onDoubt: () => this.isDeaf || listener.onDoubt(),
    });
    return async () => {
      listeners.delete(listener);
      await stop();
    };
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

  renewEpoch(room: string, epoch: string): Promise<void> {
    return this.#inner.renewEpoch(room, epoch);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** Truncates the stream after `top`, as by a restored backup. */
  setBack(room: string, top: number): void {
    this.#inner.goBack(room, top);
  }

  /** Notifies listeners that live delivery was interrupted. */
  doubt(room: string): void {
    for (const listener of this.#listeners.get(room) ?? []) listener.onDoubt();
  }

  /** Delivers a message live, whatever is stored. */
  bring(room: string, epoch: string, message: RoomMessage): void {
    for (const listener of this.#listeners.get(room) ?? []) listener.onMessage(epoch, message);
  }

  #happens(often = 0): boolean {
    return often > 0 && this.#random() < often;
  }
}
