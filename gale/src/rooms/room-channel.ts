/**
 * One room on this server: the broker's one listener for all subscribers here.
 * Offsets show what live delivery lost, repeated or turned round; the stream is read and fills a hole
 * before anything newer is delivered, and a stream that went backwards is given a new epoch.
 */
import type { Logger } from '../run/log.ts';
import type { Broker, BrokerListener } from './broker.ts';
import type { HistoryReader } from './history/history-reader.ts';
import { toEnvelope } from './signal-envelope.ts';
import { retryUntilDone } from './retry.ts';
import type { RetryOptions } from './retry.ts';
import { RecentMessages } from './recent-messages.ts';
import { RoomRoster } from './presence/room-roster.ts';
import type { Person, Position, RoomMessage, StreamHead, StreamPage } from './stream.ts';
import type { Subscription } from './subscription.ts';

/** How long live delivery may take for a message that was published here, before the stream is read. */
const lateMs = 1000;

/** What a channel needs from the rooms. */
export interface RoomChannelOptions {
  readonly log: Logger;
  readonly history: HistoryReader;
  /** As in {@link RoomsOptions}. */
  readonly presenceBatchMs: number;
  readonly presenceNamesMax: number;
  /** A server signalled that a person left the room. */
  readonly onLeave: (room: string, person: Person) => void;
}

/** A room that somebody here listens to. */
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

  /** Undefined until a subscriber read the stream. */
  #epoch: string | undefined;
  /** Offset of the next message to deliver. */
  #next = 1;
  /** Id of the message before that, where known: shows whether its offset was given out twice. */
  #lastId: string | undefined;
  /** Newest offset of this epoch that is known to be stored. */
  #seen = 0;
  /** Live delivery had something that could not be delivered. */
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

  /** Epoch of the stream; undefined until somebody subscribed. */
  get epoch(): string | undefined {
    return this.#epoch;
  }

  /** The newest place in the stream that this server knows of. */
  get position(): Position | undefined {
    return this.#epoch === undefined ? undefined : { epoch: this.#epoch, offset: Math.max(this.#next - 1, this.#seen) };
  }

  /** Begins to listen. */
  async open(): Promise<void> {
    this.#stopListening = await this.#broker.listen(this.room, this);
    if (this.#isClosed) await this.#stopListening();
  }

  /** Stops listening, and closes what is left of subscriptions. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#lateTimer);
    this.roster.close();
    for (const subscription of this.#started) subscription.close();
    await this.#stopListening?.();
  }

  onMessage(epoch: string, message: RoomMessage): void {
    if (epoch === this.#epoch && message.offset === this.#next) {
      this.#deliver(message);
      return;
    }
    const isRepeat = epoch === this.#epoch && message.offset < this.#next;
    if (isRepeat && !this.#isReused(message)) return;
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
   * Reads the stream from the next offset on and delivers what live delivery did not.
   * Settles when that was done by a read that began after the call, or the channel closed.
   */
  check(): Promise<void> {
    this.#isDoubtful = true;
    this.#checking ??= this.#readUntilSure();
    return this.#checking;
  }

  /** This server's publish was stored: live delivery should bring it soon. */
  expect({ epoch, offset }: Position): void {
    if (epoch !== this.#epoch) {
      if (this.#epoch !== undefined) void this.check();
      return;
    }
    this.#seen = Math.max(this.#seen, offset);
    if (offset < this.#next) return;
    this.#lateTimer ??= setTimeout(() => {
      this.#lateTimer = undefined;
      if (this.#next <= offset) void this.check();
    }, lateMs).unref();
  }

  /** Takes a subscription that gets signals and presence from now on. A closed channel closes it instead. */
  begin(subscription: Subscription): void {
    if (this.#isClosed) subscription.close();
    else this.#started.add(subscription);
  }

  /** Lets go of a subscription. */
  end(subscription: Subscription): void {
    this.#started.delete(subscription);
    this.#live.delete(subscription);
  }

  /** Ends the subscription of a subscriber that failed. */
  giveUp(subscription: Subscription, error: unknown): void {
    this.#log.error({ err: error, room: this.room }, 'A subscriber failed; closing its subscription');
    subscription.close();
  }

  /**
   * Makes a subscription live if it stands where the channel does, or what lies between is at hand.
   *
   * @returns Whether it is live now; if not, it has to read further.
   */
  join(subscription: Subscription): boolean {
    const { epoch, offset } = subscription.position;
    if (epoch !== this.#epoch) return false;
    if (offset < this.#next - 1) {
      const recent = this.#recent.behind(offset);
      if (!recent) return false;
      for (const message of recent) this.#guard(() => subscription.take(message, epoch), subscription);
    }
    if (!subscription.isClosed) this.#live.add(subscription);
    return true;
  }

  /** Keeps live messages at hand until the returned function is called. */
  holdRecent(): () => void {
    return this.#recent.hold();
  }

  /** Reads the bounds of the stream as they are now. The first ones say where live delivery goes on. */
  async head(): Promise<StreamHead> {
    const { epoch, offset } = this.position ?? { epoch: undefined, offset: 0 };
    const head = await this.#history.head(this.room);
    if (this.#epoch === undefined) this.#adopt(head);
    else if (this.#epoch !== head.epoch || (epoch === head.epoch && head.top < offset)) void this.check();
    else this.expect({ epoch: head.epoch, offset: head.top });
    return head;
  }

  /** Reads {@link head} however long it takes; undefined if the channel was closed meanwhile. */
  headUntilDone(): Promise<StreamHead | undefined> {
    return retryUntilDone(() => this.head(), this.#retryOptions);
  }

  /**
   * Reads the page after a subscriber's position, however long it takes; undefined if the channel was closed meanwhile.
   * Others may share it, see {@link HistoryReader.sharedPage}.
   */
  pageUntilDone(after: Position, onBegin: () => void): Promise<StreamPage | undefined> {
    return retryUntilDone(async () => {
      const page = await this.#history.sharedPage(this.room, after, onBegin);
      if (page.epoch === this.#epoch) {
        this.#seen = Math.max(this.#seen, page.top);
        const last = page.messages.at(-1);
        if (last?.offset === this.#next - 1) this.#lastId ??= last.id;
      }
      return page;
    }, this.#retryOptions);
  }

  /** Loads the roster, however long that takes. @returns Whether it is loaded; if not, the channel was closed. */
  async loadPeople(): Promise<boolean> {
    if (!this.roster.isLoaded) await retryUntilDone(() => this.roster.load(), this.#retryOptions);
    return this.roster.isLoaded;
  }

  #adopt({ epoch, top }: StreamHead): void {
    this.#epoch = epoch;
    this.#next = top + 1;
    this.#seen = top;
    this.#lastId = undefined;
    // Something came by between the listening and the read: it may be newer than that.
    if (this.#isBehind) void this.check();
  }

  #deliver(message: RoomMessage): void {
    const epoch = this.#epoch ?? '';
    this.#next = message.offset + 1;
    this.#lastId = message.id;
    this.#recent.add(message);
    for (const subscription of this.#live) {
      try {
        subscription.take(message, epoch);
      } catch (error) {
        this.giveUp(subscription, error);
      }
    }
  }

  /** The offset before the next was given out again, for another message. */
  #isReused(message: RoomMessage): boolean {
    return message.offset === this.#next - 1 && this.#lastId !== undefined && this.#lastId !== message.id;
  }

  async #readUntilSure(): Promise<void> {
    while ((this.#isDoubtful || this.#isBehind) && !this.#isClosed) {
      this.#isDoubtful = false;
      this.#isBehind = false;
      await retryUntilDone(() => this.#readOnce(), this.#retryOptions);
    }
    // In the same turn as the last look at the flags, so that no call finds a check that is already over.
    this.#checking = undefined;
  }

  async #readOnce(): Promise<void> {
    const position = this.position;
    if (!position) return;
    const next = this.#next;
    const lastId = this.#lastId;
    // From one earlier: the last message delivered shows whether the stream still is the same.
    const page = await this.#history.freshPage(this.room, Math.max(0, next - 2));
    if (this.#isClosed) return;
    if (page.epoch !== position.epoch) {
      this.#startAgain(page);
      return;
    }
    const last = page.messages.find((message) => message.offset === next - 1);
    if (page.top < position.offset || (last && lastId !== undefined && last.id !== lastId)) {
      this.#log.error(
        { room: this.room, ...position, top: page.top },
        'The stream of a room went backwards; renewing its epoch',
      );
      this.#history.forget(this.room);
      await this.#broker.renewEpoch(this.room, page.epoch);
      this.#isDoubtful = true;
      return;
    }
    this.#fill(page);
    if (this.#next > page.top || (page.messages.at(-1)?.offset ?? 0) >= next) return;
    // The page has no room for more than that last message.
    const further = await this.#history.freshPage(this.room, this.#next - 1);
    // Otherwise the next round finds out what became of the stream.
    if (!this.#isClosed && further.epoch === this.#epoch && further.top >= page.top) this.#fill(further);
  }

  #fill(page: StreamPage): void {
    this.#seen = Math.max(this.#seen, page.top);
    if (page.first > this.#next) {
      this.#log.warn(
        { room: this.room, after: this.#next - 1, first: page.first },
        'Messages were trimmed before delivery',
      );
      this.#next = page.first;
      this.#lastId = undefined;
      this.#recent.clear();
      for (const subscription of this.#live) this.#guard(() => subscription.skipTo(page.first), subscription);
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
    this.#recent.clear();
    for (const subscription of this.#live) this.#guard(() => subscription.startAgain(page), subscription);
    this.#isDoubtful = true;
  }

  #sendAll(send: (subscription: Subscription) => void): void {
    for (const subscription of this.#started) this.#guard(() => send(subscription), subscription);
  }

  /** One subscriber's fault is no other's. */
  #guard(run: () => void, subscription: Subscription): void {
    try {
      run();
    } catch (error) {
      this.giveUp(subscription, error);
    }
  }
}
