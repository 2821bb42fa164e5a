/**
 * The progress of one subscriber through the stream of a room: first the missed messages, page by page at its own pace,
 * then the live messages of the channel. No messages are queued for a subscriber that catches up, and it holds
 * no page while it waits for its reader. It reads again until it reaches the position of the channel, and joins in the same turn.
 */
import type { CatchUpTurns } from './catch-up-turns.ts';
import type { PresenceBatch, RoomPeople } from './presence/room-people.ts';
import type { RoomChannel } from './room-channel.ts';
import { isPartOf, lifeAt, provesLoss, withLife, withVersion } from './lives.ts';
import type { Position, RoomMessage, StreamHead, StreamPage, StreamStart } from './stream.ts';

/** Receives the messages of a room, for example for a connection. The methods must not throw. */
export interface Subscriber<Data = unknown> {
  /** The next message, in order of offsets, unless `dropped` or `reset` came between. */
  deliver(message: RoomMessage<Data>, epoch: string): void;
  /**
   * A delivered message was amended: its new state, with its `version`. In order of versions; versions of other messages are left out.
   * It may be the state in which the message was delivered already: compare `version`.
   */
  amend?(message: RoomMessage<Data>, epoch: string): void;
  /**
   * The `count` messages after `after` were amended, perhaps, and trimmed before the amendments could be delivered. What an application keeps
   * elsewhere has their state.
   */
  stale?(after: Position, count: number): void;
  /** Called before each message during catch-up. If it returns a promise, the next message waits for it. */
  ready?(): Promise<void> | undefined;
  /** Shared by the subscribers of one connection, so that they catch up one after the other. */
  readonly turns?: CatchUpTurns;
  /** The `count` messages after `after` were trimmed before delivery. `life` is the life of the last one. */
  dropped(after: Position, count: number, life: string): void;
  /** The store lost messages, and the position is not part of the stream. All kept messages follow, from `first`. */
  reset(start: StreamStart): void;
  /** A signal of the application. */
  signal?(data: unknown): void;
  /** The people in the room: after the start, and again when a room has become small enough for names. */
  people?(people: RoomPeople): void;
  /**
   * People entered and left: at most once per `presenceBatchMs`, and only after `people`. A batch may repeat changes
   * that are in `people`: skip known people who entered, and unknown people who left.
   */
  presence?(batch: PresenceBatch): void;
}

/** A subscription. Its fields say where it begins. */
export class Subscription implements StreamStart {
  readonly epoch: string;
  readonly top: number;
  readonly first: number;
  /** Life of the message before the first delivered one. */
  readonly life: string;
  /** Whether no message is missing between the requested position and the first delivered message. */
  readonly recovered: boolean;
  /** Whether the requested position is not part of the stream. The subscription then begins at the oldest kept message. */
  readonly reset: boolean;
  /** How many messages after the requested position (or after offset 0) are no longer kept. */
  readonly dropped: number;
  /** Amendments after this version follow. */
  readonly version: number;

  readonly #channel: RoomChannel;
  readonly #subscriber: Subscriber;
  readonly #onClose: () => void;
  /** Epoch and offset of the last message delivered. */
  #at: string;
  #offset: number;
  /** Life of that message. */
  #life: string;
  /** Delivered messages have all amendments up to this version. */
  #version: number;
  /** Messages before this offset have no amendment that is still to be delivered. */
  #amendable: number;
  #isStarted = false;
  #isWatching = false;
  #isClosed = false;

  /** Created by the rooms, see {@link beginAt}. @internal */
  constructor(channel: RoomChannel, subscriber: Subscriber, begin: Begin, onClose: () => void) {
    const { head, after, reset, version } = begin;
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
    this.#version = this.version = version;
    this.#amendable = head.first;
    this.#life = this.life = lifeAt(head.lives, this.#offset);
  }

  /** The position: everything up to it was delivered. */
  get position(): Position {
    return withVersion({ epoch: this.#at, offset: this.#offset, life: this.#life }, this.#version);
  }

  /** Adds its life to a cursor of the room. */
  withLife(cursor: Position): Position {
    const { known } = this.#channel;
    return known ? withLife(cursor, known) : cursor;
  }

  /** Whether {@link close} was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Starts the delivery. Nothing is delivered before. */
  start(): void {
    if (this.#isStarted || this.#isClosed) return;
    this.#isStarted = true;
    this.#channel.begin(this);
    if (this.#isClosed) return;
    this.#catchUp().catch((error: unknown) => this.#channel.giveUp(this, error));
    if (this.#subscriber.people) this.#watch().catch((error: unknown) => this.#channel.giveUp(this, error));
  }

  /** Closes the subscription. Nothing is delivered afterwards. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#channel.end(this);
    this.#onClose();
  }

  /** Takes a live message from the channel. */
  take(message: RoomMessage, epoch: string): void {
    // It may have read further than the channel when it joined.
    if (message.offset <= this.#offset) return;
    this.#offset = message.offset;
    this.#life = message.life;
    this.#subscriber.deliver(message, epoch);
  }

  /** Takes an amendment, in the order of versions. */
  takeAmendment(message: RoomMessage, epoch: string): void {
    const { version = 0 } = message;
    if (version <= this.#version) return;
    this.#version = version;
    // A message that was not delivered yet is delivered in its new state.
    if (message.offset <= this.#offset) this.#subscriber.amend?.(message, epoch);
  }

  /**
   * Skips amendments that could not be read, perhaps of messages that are trimmed.
   *
   * @param from - Messages before this offset have none.
   * @param first - Offset of the oldest message that is kept.
   */
  skipAmendments(from: number, first: number): void {
    const after = Math.max(this.#amendable, from) - 1;
    this.#amendable = Math.max(this.#amendable, first);
    const count = Math.min(first - 1, this.#offset) - after;
    if (count > 0) this.#subscriber.stale?.({ epoch: this.#at, offset: after }, count);
  }

  /** Skips messages that are no longer kept. */
  skipTrimmed({ first, lives }: StreamHead): void {
    const count = first - 1 - this.#offset;
    if (count <= 0) return;
    const after = this.position;
    this.#offset = first - 1;
    this.#life = lifeAt(lives, this.#offset);
    this.#subscriber.dropped(after, count, this.#life);
  }

  /** Starts again at the oldest kept message. */
  startAgain({ epoch, top, first, lives }: StreamHead): void {
    this.#version = 0;
    this.#amendable = first;
    this.#at = epoch;
    this.#offset = first - 1;
    this.#life = lifeAt(lives, this.#offset);
    this.#subscriber.reset({ epoch, top, first, life: this.#life });
  }

  /** Passes a signal of the application on. */
  signal(data: unknown): void {
    this.#subscriber.signal?.(data);
  }

  /** Passes changes of the roster on. */
  presence(batch: PresenceBatch): void {
    if (this.#isWatching) this.#subscriber.presence?.(batch);
  }

  /** Passes the whole roster on. */
  people(people: RoomPeople): void {
    if (this.#isWatching) this.#subscriber.people?.(people);
  }

  async #catchUp(): Promise<void> {
    if (this.#offset >= this.top && this.#channel.join(this)) return;
    while (!this.#isClosed) {
      // No page is held here while the reader is slow.
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

  /** Reads one page and delivers messages while the subscriber is ready. The rest is read again later. */
  async #readOn(): Promise<'live' | 'on' | 'stuck' | 'doubtful'> {
    let release: (() => void) | undefined;
    const hold = (): void => {
      release?.();
      release = this.#channel.holdRecent();
    };
    try {
      const { offset: before, version } = this.position;
      const page = await this.#channel.pageUntilDone(this.position, hold);
      if (this.#isClosed || !page) return 'on';
      if (this.#isLostIn(page)) return 'doubtful';
      this.skipTrimmed(page);
      if (!this.#deliver(page)) return 'on';
      if (this.#offset >= page.top && !this.#isBusy()) {
        if (this.#channel.version > this.#version) {
          if (!release) hold();
          await this.#readAmendments();
          if (this.#isClosed) return 'on';
        }
        if (this.#channel.join(this)) return 'live';
      }
      const isSame = this.#offset === before && this.#version === version;
      return isSame || this.#channel.epoch !== this.#at ? 'stuck' : 'on';
    } finally {
      release?.();
    }
  }

  /** Delivers a page while the subscriber is ready. @returns Whether the whole page was delivered. */
  #deliver(page: StreamPage): boolean {
    for (const message of page.messages) {
      if (message.offset <= this.#offset) continue;
      if (this.#isClosed || this.#isBusy()) return false;
      this.take(message, page.epoch);
    }
    return true;
  }

  /** Delivers the amendments of delivered messages. They are bounded like a page. */
  async #readAmendments(): Promise<void> {
    const found = await this.#channel.amendmentsUntilDone(this.position);
    if (!found || this.#isClosed) return;
    const isWhole = found.messages.length >= found.version - this.#version;
    for (const message of found.messages) this.takeAmendment(message, this.#at);
    this.#version = Math.max(this.#version, found.version);
    if (isWhole) this.#amendable = Math.max(this.#amendable, found.first);
    else this.skipAmendments(this.#amendable, found.first);
  }

  #isBusy(): boolean {
    return this.#subscriber.ready?.() !== undefined;
  }

  /** Resets only because of bounds that are read now, since a page may be old. */
  async #resetIfLost(): Promise<void> {
    const head = await this.#channel.headUntilDone();
    if (this.#isClosed || !head) return;
    if (this.#isLostIn(head)) this.startAgain(head);
  }

  #isLostIn(head: StreamHead): boolean {
    return head.epoch !== this.#at || provesLoss(head, this.position);
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
  /** Requested offset; 0 without one, or if it was lost. */
  readonly after: number;
  readonly reset: boolean;
  /** Requested version; that of the stream without a position, or if it was lost. */
  readonly version: number;
}

/** Begins after a position, or at the oldest kept message if the position is not part of the stream. */
export function beginAt(head: StreamHead, after: Position | undefined): Begin {
  if (after === undefined || !isPartOf(head, after)) {
    return { head, after: 0, reset: after !== undefined, version: head.version ?? 0 };
  }
  return { head, after: after.offset, reset: false, version: after.version ?? 0 };
}
