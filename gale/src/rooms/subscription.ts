/**
 * One subscriber's way through a room's stream: first what it missed, read page by page at its own pace,
 * then the live messages of the room's channel. Nothing is queued for a subscriber that is still catching up;
 * it reads the stream again until it stands at the channel's place, and joins in the same turn.
 */
import type { PresenceChange } from './lanes.ts';
import type { RoomChannel } from './room-channel.ts';
import type { Person, Position, RoomMessage, StreamHead, StreamPage } from './stream.ts';

/** Whoever is given a room's messages; a connection, for instance. None of these may throw. */
export interface Subscriber {
  /** The next message: offset by offset, unless `dropped` or `reset` came between. */
  deliver(message: RoomMessage, epoch: string): void;
  /** While catching up: asked before each message; one that is given is waited for. */
  ready?(): Promise<void> | undefined;
  /** The `count` messages behind `after` were trimmed away before they could be delivered. */
  dropped(after: Position, count: number): void;
  /** The stream was lost: offsets start again in a new epoch. What is kept follows, from `first`. */
  reset(start: StreamHead): void;
  /** A signal of the application. */
  signal?(data: unknown): void;
  /** Who is here, once after the start; changes follow. */
  people?(people: readonly Person[]): void;
  /** Somebody came or went; `count` people are here now. Only behind `people`. */
  presence?(change: PresenceChange, person: Person, count: number): void;
}

/** A subscription of the hub. Its fields tell where it begins. */
export class Subscription implements StreamHead {
  readonly epoch: string;
  readonly top: number;
  readonly first: number;
  /** Nothing between the position asked for and the first message delivered is missing. */
  readonly recovered: boolean;
  /** The position asked for belongs to a stream that was lost, or is ahead of it: it begins at the oldest message kept. */
  readonly reset: boolean;
  /** How many messages behind the position asked for (or behind offset 0) are no longer kept. */
  readonly dropped: number;

  readonly #channel: RoomChannel;
  readonly #subscriber: Subscriber;
  readonly #onClose: () => void;
  /** Epoch and offset of the last message delivered. */
  #at: string;
  #offset: number;
  #page: StreamPage | undefined;
  #isStarted = false;
  #isWatching = false;
  #isClosed = false;

  /** Made by the hub. `page` was read behind `after`, or behind 0 where that is undefined or lost. */
  constructor(channel: RoomChannel, subscriber: Subscriber, begin: Begin, onClose: () => void) {
    const { page, after, reset } = begin;
    this.#channel = channel;
    this.#subscriber = subscriber;
    this.#onClose = onClose;
    this.#page = page;
    this.epoch = page.epoch;
    this.top = page.top;
    this.first = page.first;
    this.reset = reset;
    this.dropped = Math.max(0, page.first - after - 1);
    this.recovered = !reset && this.dropped === 0;
    this.#at = page.epoch;
    this.#offset = after + this.dropped;
  }

  /** Where it stands: everything up to this was delivered. */
  get position(): Position {
    return { epoch: this.#at, offset: this.#offset };
  }

  /** Whether {@link close} was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Begins to deliver; nothing is delivered before, however long that takes. */
  start(): void {
    if (this.#isStarted || this.#isClosed) return;
    this.#isStarted = true;
    this.#channel.begin(this);
    this.#pull().catch((error: unknown) => this.#channel.giveUp(this, error));
    if (this.#subscriber.people) this.#watch().catch((error: unknown) => this.#channel.giveUp(this, error));
  }

  /** Ends it; nothing is delivered from now on. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#page = undefined;
    this.#channel.end(this);
    this.#onClose();
  }

  /** A live message, from the channel. */
  take(message: RoomMessage, epoch: string): void {
    // It may have read further than the channel was when it joined.
    if (message.offset <= this.#offset) return;
    this.#offset = message.offset;
    this.#subscriber.deliver(message, epoch);
  }

  /** Everything before `first` is no longer kept. */
  skipTo(first: number): void {
    const count = first - 1 - this.#offset;
    if (count <= 0) return;
    const after = this.position;
    this.#offset = first - 1;
    this.#subscriber.dropped(after, count);
  }

  /** The stream was lost. */
  startAgain({ epoch, top, first }: StreamHead): void {
    this.#at = epoch;
    this.#offset = first - 1;
    this.#subscriber.reset({ epoch, top, first });
  }

  /** A signal of the application, from the channel. */
  signal(data: unknown): void {
    this.#subscriber.signal?.(data);
  }

  /** A change of the roster, from the channel. */
  presence(change: PresenceChange, person: Person, count: number): void {
    if (this.#isWatching) this.#subscriber.presence?.(change, person, count);
  }

  async #pull(): Promise<void> {
    while (!this.#isClosed) {
      await this.#subscriber.ready?.();
      if (this.#isClosed) return;
      const release = this.#channel.holdRecent();
      try {
        const page = this.#page ?? (await this.#channel.readPatiently(this.#offset));
        this.#page = undefined;
        if (this.isClosed || !page) return;
        if (page.epoch !== this.#at || page.top < this.#offset) {
          this.startAgain(page);
          continue;
        }
        this.skipTo(page.first);
        await this.#deliver(page, release);
        if (this.isClosed) return;
        if (this.#offset >= page.top && !this.#isBusy() && this.#channel.join(this)) return;
        if (this.#channel.epoch !== this.#at) await this.#channel.check();
      } finally {
        release();
      }
    }
  }

  /** Delivers a page; synchronously, for as long as the subscriber is ready. */
  #deliver(page: StreamPage, release: () => void): Promise<void> | undefined {
    for (const message of page.messages) {
      if (message.offset <= this.#offset) continue;
      const ready = this.#subscriber.ready?.();
      if (ready) {
        // Live messages are not kept for one who is slow.
        release();
        return ready.then(() => (this.#isClosed ? undefined : this.#deliver(page, release)));
      }
      this.take(message, page.epoch);
    }
    return undefined;
  }

  #isBusy(): boolean {
    return this.#subscriber.ready?.() !== undefined;
  }

  async #watch(): Promise<void> {
    const people = await this.#channel.loadPeople();
    if (this.#isClosed || !people) return;
    this.#subscriber.people?.(people);
    this.#isWatching = true;
  }
}

/** Where a subscription begins. */
export interface Begin {
  readonly page: StreamPage;
  /** Offset asked for; 0 where none was, or where it was lost. */
  readonly after: number;
  readonly reset: boolean;
}

/** Reads the first page behind a position, or what is kept where the position is lost. */
export async function beginAt(
  read: (after: number) => Promise<StreamPage>,
  after: Position | undefined,
): Promise<Begin> {
  const page = await read(after?.offset ?? 0);
  if (after === undefined || (page.epoch === after.epoch && page.top >= after.offset)) {
    return { page, after: after?.offset ?? 0, reset: false };
  }
  return { page: await read(0), after: 0, reset: true };
}
