/**
 * One subscriber's way through a room's stream: first what it missed, read page by page at its own pace,
 * then the live messages of the room's channel. Nothing is queued for a subscriber that is still catching up, and none
 * holds a page while it waits for its reader: it reads again, until it is at the channel's place, and joins in the same turn.
 */
import type { CatchUpTurns } from './catch-up-turns.ts';
import type { PresenceBatch, RoomPeople } from './presence/room-people.ts';
import type { RoomChannel } from './room-channel.ts';
import type { Position, RoomMessage, StreamHead, StreamPage } from './stream.ts';

/** Whoever is given a room's messages; a connection, for instance. None of these may throw. */
export interface Subscriber<Data = unknown> {
  /** The next message: offset by offset, unless `dropped` or `reset` came between. */
  deliver(message: RoomMessage<Data>, epoch: string): void;
  /** While catching up: asked before each message; one that is given is waited for. */
  ready?(): Promise<void> | undefined;
  /** Shared by subscribers with one pipe, a connection for instance, so that they catch up one after the other. */
  readonly turns?: CatchUpTurns;
  /** The `count` messages behind `after` were trimmed away before they could be delivered. */
  dropped(after: Position, count: number): void;
  /** The stream was lost: offsets start again in a new epoch. What is kept follows, from `first`. */
  reset(start: StreamHead): void;
  /** A signal of the application. */
  signal?(data: unknown): void;
  /** Who is in the room: after the start, and again when a room has become small enough for names. */
  people?(people: RoomPeople): void;
  /**
   * People entered and left; at most once per `presenceBatchMs`, and only after `people`. A batch may repeat what
   * `people` said: skip people who entered and are known, and people who left and are not.
   */
  presence?(batch: PresenceBatch): void;
}

/** A subscription of the rooms. Its fields tell where it begins. */
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
  #isStarted = false;
  #isWatching = false;
  #isClosed = false;

  /** Made by the rooms, see {@link beginAt}. */
  constructor(channel: RoomChannel, subscriber: Subscriber, begin: Begin, onClose: () => void) {
    const { head, after, reset } = begin;
    this.#channel = channel;
    this.#subscriber = subscriber;
    this.#onClose = onClose;
    this.epoch = head.epoch;
    this.top = head.top;
    this.first = head.first;
    this.reset = reset;
    this.dropped = Math.max(0, head.first - after - 1);
    this.recovered = !reset && this.dropped === 0;
    this.#at = head.epoch;
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
    if (this.#isClosed) return;
    this.#catchUp().catch((error: unknown) => this.#channel.giveUp(this, error));
    if (this.#subscriber.people) this.#watch().catch((error: unknown) => this.#channel.giveUp(this, error));
  }

  /** Ends it; nothing is delivered from now on. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
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

  /** Changes of the roster, from the channel. */
  presence(batch: PresenceBatch): void {
    if (this.#isWatching) this.#subscriber.presence?.(batch);
  }

  /** The whole roster, from the channel. */
  people(people: RoomPeople): void {
    if (this.#isWatching) this.#subscriber.people?.(people);
  }

  async #catchUp(): Promise<void> {
    if (this.#offset >= this.top && this.#channel.join(this)) return;
    while (!this.#isClosed) {
      // Nothing but these few fields is held here, however long the reader takes.
      await this.#subscriber.turns?.take();
      try {
        await this.#subscriber.ready?.();
        if (this.#isClosed) return;
        const state = await this.#readOn();
        if (state === 'live') return;
        if (state === 'doubtful') await this.#resetIfLost();
        if (state === 'stuck') await this.#channel.check();
      } finally {
        this.#subscriber.turns?.end();
      }
    }
  }

  /** Reads one page and delivers of it what the subscriber takes. What is left is read again later. */
  async #readOn(): Promise<'live' | 'on' | 'stuck' | 'doubtful'> {
    let release: (() => void) | undefined;
    const hold = (): void => {
      release?.();
      release = this.#channel.holdRecent();
    };
    try {
      const before = this.#offset;
      const page = await this.#channel.pageUntilDone(this.position, hold);
      if (this.#isClosed || !page) return 'on';
      if (page.epoch !== this.#at || page.top < this.#offset) return 'doubtful';
      this.skipTo(page.first);
      if (!this.#deliver(page)) return 'on';
      if (this.#offset >= page.top && !this.#isBusy() && this.#channel.join(this)) return 'live';
      return this.#offset === before || this.#channel.epoch !== this.#at ? 'stuck' : 'on';
    } finally {
      release?.();
    }
  }

  /** Delivers a page for as long as the subscriber is ready. @returns Whether that was all of it. */
  #deliver(page: StreamPage): boolean {
    for (const message of page.messages) {
      if (message.offset <= this.#offset) continue;
      if (this.#isClosed || this.#isBusy()) return false;
      this.take(message, page.epoch);
    }
    return true;
  }

  #isBusy(): boolean {
    return this.#subscriber.ready?.() !== undefined;
  }

  /** A page may be old; the bounds that are read now are not. */
  async #resetIfLost(): Promise<void> {
    const head = await this.#channel.headUntilDone();
    if (this.#isClosed || !head) return;
    if (head.epoch !== this.#at || head.top < this.#offset) this.startAgain(head);
  }

  async #watch(): Promise<void> {
    if (!(await this.#channel.loadPeople()) || this.#isClosed) return;
    this.#isWatching = true;
    this.people(this.#channel.roster.show());
  }
}

/** Where a subscription begins. */
export interface Begin {
  readonly head: StreamHead;
  /** Offset asked for; 0 where none was, or where it was lost. */
  readonly after: number;
  readonly reset: boolean;
}

/** Begins after a position, or at the oldest message kept where the position is not part of the stream. */
export function beginAt(head: StreamHead, after: Position | undefined): Begin {
  const isLost = after !== undefined && (head.epoch !== after.epoch || head.top < after.offset);
  return { head, after: isLost ? 0 : (after?.offset ?? 0), reset: isLost };
}
