/**
 * One room on this server: one listener of the broker for all subscriptions.
 * Offsets show which messages live delivery lost, repeated or reordered. A gap is read from the stream
 * before anything newer is delivered, and so is the first message of another life of the store, since the store may have lost
 * messages before it. A stream that lost messages gets a new epoch.
 */
import type { Logger } from '../run/log.ts';
import type { Broker, BrokerListener } from './broker.ts';
import type { HistoryReader } from './history/history-reader.ts';
import { toEnvelope } from './signal-envelope.ts';
import { retryUntilDone } from './retry.ts';
import type { RetryOptions } from './retry.ts';
import { RecentMessages } from './recent-messages.ts';
import { RoomRoster } from './presence/room-roster.ts';
import { lifeAt, provesLoss, topOf } from './lives.ts';
import type { Lives, StreamTop } from './lives.ts';
import type { Person, Position, RoomMessage, StreamHead, StreamPage } from './stream.ts';
import type { Subscription } from './subscription.ts';

/** How long live delivery of an own publish may take before the stream is read, in milliseconds. */
const lateMs = 1000;

/** Options of a channel, from {@link Rooms}. */
export interface RoomChannelOptions {
  readonly log: Logger;
  readonly history: HistoryReader;
  /** As in {@link RoomsOptions}. */
  readonly presenceBatchMs: number;
  readonly presenceNamesMax: number;
  /** Called when a server signals that a person left the room. */
  readonly onLeave: (room: string, person: Person) => void;
}

/** A room with subscriptions on this server. */
export class RoomChannel implements BrokerListener {
  readonly room: string;
  readonly roster: RoomRoster;
  readonly #broker: Broker;
  readonly #log: Logger;
  readonly #history: HistoryReader;
  readonly #onLeave: RoomChannelOptions['onLeave'];
  readonly #started = new Set<Subscription>();
  readonly #live = new Set<Subscription>();
  readonly #recent = new RecentMessages();
  readonly #retryOptions: RetryOptions;
  #stopListening: (() => Promise<void>) | undefined;
  #isClosed = false;

  /** Undefined until the first read of the stream. */
  #epoch: string | undefined;
  /** Offset of the next message to deliver. */
  #next = 1;
  /** Id of the message before it, if known. It shows whether the offset was assigned twice. */
  #lastId: string | undefined;
  /** Life of that message. */
  #lastLife = '';
  /** Newest stored offset of this epoch, as far as known, and its life. */
  #seen = 0;
  #seenLife = '';
  /** Lives in the newest bounds that were read. */
  #lives: Lives = [];
  /** Live delivery brought a message after a gap. */
  #isBehind = false;
  #isDoubtful = false;
  #checking: Promise<void> | undefined;
  #lateTimer: NodeJS.Timeout | undefined;

  constructor(room: string, broker: Broker, options: RoomChannelOptions) {
    this.room = room;
    this.#broker = broker;
    this.#log = options.log;
    this.#history = options.history;
    this.#onLeave = options.onLeave;
    this.#retryOptions = {
      isOver: () => this.#isClosed,
      onFailure: (error, attempt) => {
        options.log.warn({ err: error, room, attempt }, 'Could not read the stream of a room; retrying');
      },
    };
    const { presenceBatchMs, presenceNamesMax } = options;
    this.roster = new RoomRoster(room, broker.presence, {
      presenceBatchMs,
      presenceNamesMax,
      onBatch: (batch) => this.#sendAll((subscription) => subscription.presence(batch)),
      onPeople: (people) => this.#sendAll((subscription) => subscription.people(people)),
    });
  }

  /** Epoch of the stream. Undefined until the first read. */
  get epoch(): string | undefined {
    return this.#epoch;
  }

  /** The newest position in the stream that this server knows. */
  get position(): Position | undefined {
    const [delivered, seen] = this.#positions();
    return delivered && seen && seen.offset > delivered.offset ? seen : delivered;
  }

  /** The stream as far as this server knows it. Undefined until the first read. */
  get known(): StreamTop | undefined {
    const { position } = this;
    return position && { epoch: position.epoch, top: position.offset, lives: this.#lives };
  }

  /** Starts to listen. */
  async open(): Promise<void> {
    this.#stopListening = await this.#broker.listen(this.room, this);
    if (this.#isClosed) await this.#stopListening();
  }

  /** Stops listening and closes the remaining subscriptions. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#lateTimer);
    this.roster.close();
    for (const subscription of this.#started) subscription.close();
    await this.#stopListening?.();
  }

  onMessage(epoch: string, message: RoomMessage): void {
    if (epoch === this.#epoch && (message.life === this.#lastLife || this.#next === 1)) {
      if (message.offset === this.#next) {
        this.#deliver(message);
        return;
      }
      if (message.offset < this.#next && !this.#isReused(message)) return;
    }
    this.#isBehind = true;
    if (this.#epoch !== undefined) void this.check();
  }

  onSignal(data: unknown): void {
    const envelope = toEnvelope(data);
    if (!envelope) return;
    if ('presence' in envelope) {
      this.roster.apply(envelope.presence, envelope.person);
      if (envelope.presence === 'leave') this.#onLeave(this.room, envelope.person);
      return;
    }
    this.#sendAll((subscription) => subscription.signal(envelope.app));
  }

  onDoubt(): void {
    void this.compare();
  }

  /** Compares live delivery with the stream, and the roster with the broker. Never throws. */
  async compare(): Promise<void> {
    if (this.#epoch === undefined) return;
    await this.check();
    if (!this.roster.isLoaded) return;
    await this.roster.compare().catch((error: unknown) => {
      this.#log.warn({ err: error, room: this.room }, 'Could not read the people of a room');
    });
  }

  /**
   * Reads the stream from the next offset and delivers the messages that live delivery did not bring.
   * Settles after a read that began after the call, or when the channel is closed.
   */
  check(): Promise<void> {
    this.#isDoubtful = true;
    this.#checking ??= this.#readUntilSure();
    return this.#checking;
  }

  /** Notes that a publish of this server was stored, so that live delivery should bring it soon. */
  expect({ epoch, offset, life = '' }: Position): void {
    if (epoch !== this.#epoch) {
      if (this.#epoch !== undefined) void this.check();
      return;
    }
    this.#see(offset, life);
    if (offset < this.#next) return;
    this.#lateTimer ??= setTimeout(() => {
      this.#lateTimer = undefined;
      if (this.#next <= offset) void this.check();
    }, lateMs).unref();
  }

  /** Adds a subscription, which gets signals and presence from now on. A closed channel closes it instead. */
  begin(subscription: Subscription): void {
    if (this.#isClosed) subscription.close();
    else this.#started.add(subscription);
  }

  /** Removes a subscription. */
  end(subscription: Subscription): void {
    this.#started.delete(subscription);
    this.#live.delete(subscription);
  }

  /** Closes the subscription of a subscriber that failed. */
  giveUp(subscription: Subscription, error: unknown): void {
    this.#log.error({ err: error, room: this.room }, 'A subscriber failed; closing its subscription');
    subscription.close();
  }

  /**
   * Makes a subscription live if it is at the position of the channel, or if the messages between are in memory.
   *
   * @returns Whether it is live now. If not, it must read on.
   */
  join(subscription: Subscription): boolean {
    const { epoch, offset, life } = subscription.position;
    if (epoch !== this.#epoch) return false;
    if (offset === this.#next - 1 && life !== this.#lastLife) return false;
    if (offset < this.#next - 1) {
      const recent = this.#recent.after(offset);
      if (!recent) return false;
      for (const message of recent) this.#guard(() => subscription.take(message, epoch), subscription);
    }
    if (!subscription.isClosed) this.#live.add(subscription);
    return true;
  }

  /** Keeps live messages in memory until the returned function is called. */
  holdRecent(): () => void {
    return this.#recent.hold();
  }

  /** Reads the current bounds of the stream. The first read says where live delivery continues. */
  async head(): Promise<StreamHead> {
    const positions = this.#positions();
    const head = await this.#history.head(this.room);
    if (this.#epoch === undefined) this.#adopt(head);
    else if (this.#epoch !== head.epoch || positions.some((position) => provesLoss(head, position))) void this.check();
    else {
      this.#lives = head.lives;
      this.expect(topOf(head));
    }
    return head;
  }

  /** Reads {@link head} with retries. Undefined if the channel was closed meanwhile. */
  headUntilDone(): Promise<StreamHead | undefined> {
    return retryUntilDone(() => this.head(), this.#retryOptions);
  }

  /**
   * Reads the page after the position of a subscriber, with retries. Undefined if the channel was closed meanwhile.
   * Subscribers may share the page, see {@link HistoryReader.sharedPage}.
   */
  pageUntilDone(after: Position, onBegin: () => void): Promise<StreamPage | undefined> {
    return retryUntilDone(async () => {
      const page = await this.#history.sharedPage(this.room, after, onBegin);
      if (page.epoch === this.#epoch) {
        this.#see(page.top, lifeAt(page.lives, page.top));
        const last = page.messages.at(-1);
        if (last?.offset === this.#next - 1) this.#lastId ??= last.id;
      }
      return page;
    }, this.#retryOptions);
  }

  /** Loads the roster, with retries. @returns Whether it is loaded; if not, the channel was closed. */
  async loadPeople(): Promise<boolean> {
    if (!this.roster.isLoaded) await retryUntilDone(() => this.roster.load(), this.#retryOptions);
    return this.roster.isLoaded;
  }

  #adopt({ epoch, top, lives }: StreamHead): void {
    this.#epoch = epoch;
    this.#next = top + 1;
    this.#seen = top;
    this.#seenLife = this.#lastLife = lifeAt(lives, top);
    this.#lastId = undefined;
    this.#lives = lives;
    // A message arrived between the start of listening and the read, and may be newer than the bounds.
    if (this.#isBehind) void this.check();
  }

  #deliver(message: RoomMessage): void {
    const epoch = this.#epoch ?? '';
    this.#next = message.offset + 1;
    this.#lastId = message.id;
    this.#lastLife = message.life;
    this.#recent.add(message);
    for (const subscription of this.#live) {
      try {
        subscription.take(message, epoch);
      } catch (error) {
        this.giveUp(subscription, error);
      }
    }
  }

  /** Whether the offset before the next one was assigned again, to another message. */
  #isReused(message: RoomMessage): boolean {
    return message.offset === this.#next - 1 && this.#lastId !== undefined && this.#lastId !== message.id;
  }

  async #readUntilSure(): Promise<void> {
    while ((this.#isDoubtful || this.#isBehind) && !this.#isClosed) {
      this.#isDoubtful = false;
      this.#isBehind = false;
      await retryUntilDone(() => this.#readOnce(), this.#retryOptions);
    }
    // In the same turn as the last check of the flags, so that no call gets a promise of a finished check.
    this.#checking = undefined;
  }

  async #readOnce(): Promise<void> {
    const positions = this.#positions();
    if (positions.length === 0) return;
    const epoch = this.#epoch;
    const next = this.#next;
    const lastId = this.#lastId;
    // One offset earlier: the last delivered message shows whether the stream is still the same.
    const page = await this.#history.freshPage(this.room, Math.max(0, next - 2));
    if (this.#isClosed) return;
    if (page.epoch !== epoch) {
      this.#startAgain(page);
      return;
    }
    const last = page.messages.find((message) => message.offset === next - 1);
    if (
      positions.some((position) => provesLoss(page, position)) ||
      (last && lastId !== undefined && last.id !== lastId)
    ) {
      this.#log.error(
        { room: this.room, positions, top: page.top, lives: page.lives.slice(0, 3) },
        'The stream of a room lost messages; renewing its epoch',
      );
      this.#history.forget(this.room);
      await this.#broker.renewEpoch(this.room, page.epoch);
      this.#isDoubtful = true;
      return;
    }
    this.#lives = page.lives;
    this.#fill(page);
    if (this.#next > page.top || (page.messages.at(-1)?.offset ?? 0) >= next) return;
    // The page had space for that last message only.
    const further = await this.#history.freshPage(this.room, this.#next - 1);
    // Otherwise the next round detects the lost stream.
    if (!this.#isClosed && further.epoch === this.#epoch && !provesLoss(further, topOf(page))) this.#fill(further);
  }

  #fill(page: StreamPage): void {
    this.#see(page.top, lifeAt(page.lives, page.top));
    if (page.first > this.#next) {
      this.#log.warn(
        { room: this.room, after: this.#next - 1, first: page.first },
        'Messages were trimmed before delivery',
      );
      this.#next = page.first;
      this.#lastId = undefined;
      this.#lastLife = lifeAt(page.lives, page.first - 1);
      this.#recent.clear();
      for (const subscription of this.#live) this.#guard(() => subscription.skipTrimmed(page), subscription);
    }
    for (const message of page.messages) if (message.offset === this.#next) this.#deliver(message);
    if (this.#next <= page.top) this.#isBehind = true;
  }

  #startAgain(page: StreamPage): void {
    this.#history.forget(this.room);
    this.#epoch = page.epoch;
    this.#next = page.first;
    this.#seen = 0;
    this.#lastId = undefined;
    this.#lastLife = lifeAt(page.lives, page.first - 1);
    this.#lives = page.lives;
    this.#recent.clear();
    for (const subscription of this.#live) this.#guard(() => subscription.startAgain(page), subscription);
    this.#isDoubtful = true;
  }

  #see(offset: number, life: string): void {
    if (offset < this.#seen) return;
    this.#seen = offset;
    this.#seenLife = life;
  }

  /** The newest delivered and the newest seen position. Empty before the first read. A later read must contain both. */
  #positions(): Position[] {
    if (this.#epoch === undefined) return [];
    return [
      { epoch: this.#epoch, offset: this.#next - 1, life: this.#lastLife },
      { epoch: this.#epoch, offset: this.#seen, life: this.#seenLife },
    ];
  }

  #sendAll(send: (subscription: Subscription) => void): void {
    for (const subscription of this.#started) this.#guard(() => send(subscription), subscription);
  }

  /** Closes the subscription of a subscriber that throws, so that the others continue. */
  #guard(run: () => void, subscription: Subscription): void {
    try {
      run();
    } catch (error) {
      this.giveUp(subscription, error);
    }
  }
}
