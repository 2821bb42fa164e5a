/**
 * One room on this server: one listener of the broker for all subscriptions.
 * Offsets show which messages live delivery lost, repeated or reordered. A gap is read from the stream
 * before anything newer is delivered, and so is the first message of another life of the store, since the store may have lost
 * messages before it. A stream that lost messages gets a new epoch.
 */
import type { Logger } from '../run/log.ts';
import type { Broker, BrokerListener } from './broker.ts';
import type { AmendedMessages } from './history/amendments.ts';
import type { HistoryReader } from './history/history-reader.ts';
import { toEnvelope } from './signal-envelope.ts';
import { retryUntilDone } from './retry.ts';
import type { RetryOptions } from './retry.ts';
import { RecentMessages } from './recent-messages.ts';
import { RoomRoster } from './presence/room-roster.ts';
import { topOf } from './lives.ts';
import type { StreamTop } from './lives.ts';
import { ChannelProgress } from './channel-progress.ts';
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
  readonly presenceGraceMs: number;
  /**
   * Called when messages and signals may have been lost, such as after a new connection to the store. Settles when this server has renewed its
   * leases. Must not reject.
   */
  readonly onDoubt: () => Promise<void>;
  /** Called when a server signals that a person left the room. */
  readonly onLeave: (room: string, person: Person) => void;
}

/** Longest time for other servers to renew their leases in a store that lost them, in milliseconds. */
const maxSettleMs = 3000;

/** A room with subscriptions on this server. */
export class RoomChannel implements BrokerListener {
  readonly room: string;
  readonly roster: RoomRoster;
  readonly #broker: Broker;
  readonly #log: Logger;
  readonly #history: HistoryReader;
  readonly #onLeave: RoomChannelOptions['onLeave'];
  readonly #onDoubt: RoomChannelOptions['onDoubt'];
  readonly #settleMs: number;
  readonly #started = new Set<Subscription>();
  readonly #live = new Set<Subscription>();
  readonly #recent = new RecentMessages();
  readonly #retryOptions: RetryOptions;
  #stopListening: (() => Promise<void>) | undefined;
  #isClosed = false;

  /** Undefined until the first read of the stream. */
  #progress: ChannelProgress | undefined;
  /** Live delivery brought a message or an amendment after a gap. */
  #isBehind = false;
  #isDoubtful = false;
  #checking: Promise<void> | undefined;
  #lateTimer: NodeJS.Timeout | undefined;
  #settleTimer: NodeJS.Timeout | undefined;
  /** Whether servers may still renew leases that the store lost. */
  #isSettling = false;

  constructor(room: string, broker: Broker, options: RoomChannelOptions) {
    this.room = room;
    this.#broker = broker;
    this.#log = options.log;
    this.#history = options.history;
    this.#onLeave = options.onLeave;
    this.#onDoubt = options.onDoubt;
    this.#settleMs = Math.min(maxSettleMs, options.presenceGraceMs);
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
    return this.#progress?.epoch;
  }

  /** Version of the newest delivered amendment. */
  get version(): number {
    return this.#progress?.version ?? 0;
  }

  /** The newest position in the stream that this server knows. */
  get position(): Position | undefined {
    return this.#progress?.newest;
  }

  /** The stream as far as this server knows it. Undefined until the first read. */
  get known(): StreamTop | undefined {
    return this.#progress?.known;
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
    clearTimeout(this.#settleTimer);
    this.roster.close();
    for (const subscription of this.#started) subscription.close();
    await this.#stopListening?.();
  }

  onMessage(epoch: string, message: RoomMessage): void {
    const verdict = this.#progress?.judge(epoch, message) ?? 'doubtful';
    if (this.#progress && verdict === 'next') this.#deliver(this.#progress, message);
    if (verdict !== 'doubtful') return;
    this.#isBehind = true;
    if (this.#progress) void this.check();
  }

  onAmend(epoch: string, message: RoomMessage): void {
    const verdict = this.#progress?.judgeAmendment(epoch, message) ?? 'doubtful';
    if (this.#progress && verdict === 'next') this.#deliverAmendment(this.#progress, message);
    if (verdict !== 'doubtful') return;
    this.#isBehind = true;
    if (this.#progress) void this.check();
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
    const renewed = this.#onDoubt();
    if (!this.#progress) return;
    void this.check();
    void this.#settle(renewed);
  }

  /** Compares live delivery with the stream, and the roster with the broker. Never throws. */
  async compare(): Promise<void> {
    if (!this.#progress) return;
    await this.check();
    if (!this.#isSettling) await this.#comparePeople();
  }

  /** A store that lost its data knows nobody until each server has renewed its leases: until then, nobody has left. */
  async #settle(renewed: Promise<void>): Promise<void> {
    if (this.#isSettling) return;
    this.#isSettling = true;
    await renewed;
    if (this.#isClosed) return;
    this.#settleTimer = setTimeout(() => {
      this.#isSettling = false;
      void this.#comparePeople();
    }, this.#settleMs).unref();
  }

  async #comparePeople(): Promise<void> {
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

  /** Notes that a publish or an amendment of this server was stored, so that live delivery should bring it soon. */
  expect(position: Position): void {
    const progress = this.#progress;
    if (!progress) return;
    if (position.epoch !== progress.epoch) {
      void this.check();
      return;
    }
    progress.see(position);
    const { offset } = position;
    if (offset < progress.next && !progress.isBehindVersions) return;
    this.#lateTimer ??= setTimeout(() => {
      this.#lateTimer = undefined;
      const isLate = this.#progress && (this.#progress.next <= offset || this.#progress.isBehindVersions);
      if (isLate) void this.check();
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
   * Makes a subscription live if it is at the position of the channel, or if the messages and amendments between are in memory.
   *
   * @returns Whether it is live now. If not, it must read on.
   */
  join(subscription: Subscription): boolean {
    const { epoch, offset, life, version = 0 } = subscription.position;
    if (epoch !== this.#progress?.epoch) return false;
    const { delivered } = this.#progress;
    if (offset === delivered.offset && life !== delivered.life) return false;
    // A live message would be older than what the subscription knows.
    if (version > this.version) return false;
    const amendments = version < this.version ? this.#recent.amendmentsAfter(version) : [];
    if (!amendments) return false;
    if (offset < delivered.offset) {
      const recent = this.#recent.after(offset);
      if (!recent) return false;
      for (const message of recent) this.#guard(() => subscription.take(message, epoch), subscription);
    }
    for (const message of amendments) this.#guard(() => subscription.takeAmendment(message, epoch), subscription);
    if (!subscription.isClosed) this.#live.add(subscription);
    return true;
  }

  /** Keeps live messages in memory until the returned function is called. */
  holdRecent(): () => void {
    return this.#recent.hold();
  }

  /** Reads the current bounds of the stream. The first read says where live delivery continues. */
  async head(): Promise<StreamHead> {
    const provesLoss = this.#progress?.remember();
    const head = await this.#history.head(this.room);
    if (!this.#progress) this.#adopt(head);
    else if (this.#progress.epoch !== head.epoch || provesLoss?.(head)) void this.check();
    else {
      this.#progress.read(head);
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
      if (page.epoch === this.#progress?.epoch) this.#progress.read(page);
      return page;
    }, this.#retryOptions);
  }

  /**
   * Reads the amendments after the version of a subscriber, of messages up to its offset, with retries. Undefined if the channel was
   * closed meanwhile, or the epoch is another one.
   */
  amendmentsUntilDone({ epoch, offset, version = 0 }: Position): Promise<AmendedMessages | undefined> {
    return retryUntilDone(
      () => this.#history.sharedAmendments(this.room, { epoch, after: version, upTo: offset }, this.version),
      this.#retryOptions,
    );
  }

  /** Loads the roster, with retries. @returns Whether it is loaded; if not, the channel was closed. */
  async loadPeople(): Promise<boolean> {
    if (!this.roster.isLoaded) await retryUntilDone(() => this.roster.load(), this.#retryOptions);
    return this.roster.isLoaded;
  }

  #adopt(head: StreamHead): void {
    this.#progress = new ChannelProgress(head, head.top);
    // A message arrived between the start of listening and the read, and may be newer than the bounds.
    if (this.#isBehind) void this.check();
  }

  #deliver(progress: ChannelProgress, message: RoomMessage): void {
    const { epoch } = progress;
    progress.deliver(message);
    this.#recent.add(message);
    for (const subscription of this.#live) {
      try {
        subscription.take(message, epoch);
      } catch (error) {
        this.giveUp(subscription, error);
      }
    }
  }

  #deliverAmendment(progress: ChannelProgress, message: RoomMessage): void {
    const { epoch } = progress;
    const { version = 0 } = message;
    if (version > progress.version + 1) this.#recent.skipAmendments();
    progress.amendTo(version);
    this.#recent.amend(message);
    for (const subscription of this.#live) this.#guard(() => subscription.takeAmendment(message, epoch), subscription);
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
    const progress = this.#progress;
    if (!progress) return;
    const { next, delivered, newest } = progress;
    const provesLoss = progress.remember();
    // One offset earlier: the last delivered message shows whether the stream is still the same.
    const page = await this.#history.freshPage(this.room, Math.max(0, next - 2));
    if (this.#isClosed) return;
    if (page.epoch !== progress.epoch) {
      this.#startAgain(page);
      return;
    }
    if (provesLoss(page)) {
      this.#log.error(
        { room: this.room, delivered, newest, top: page.top, lives: page.lives.slice(0, 3) },
        'The stream of a room lost messages; renewing its epoch',
      );
      this.#history.forget(this.room);
      await this.#broker.renewEpoch(this.room, page.epoch);
      this.#isDoubtful = true;
      return;
    }
    this.#fill(progress, page);
    if (progress.isBehindVersions) await this.#readAmendments(progress);
    if (this.#isClosed || this.#progress !== progress) return;
    if (progress.next > page.top || (page.messages.at(-1)?.offset ?? 0) >= next) return;
    // The page had space for that last message only.
    const hasLost = progress.remember();
    const further = await this.#history.freshPage(this.room, progress.next - 1);
    // Otherwise the next round detects the lost stream.
    if (!this.#isClosed && further.epoch === this.epoch && !hasLost(further)) this.#fill(progress, further);
  }

  /** Delivers the amendments that live delivery did not bring. */
  async #readAmendments(progress: ChannelProgress): Promise<void> {
    const { epoch, version: after } = progress;
    const found = await this.#history.freshAmendments(this.room, { epoch, after, upTo: Infinity });
    if (!found || this.#isClosed || this.#progress !== progress) return;
    // Versions between belong to messages that are trimmed, or that were amended again.
    const isWhole = found.messages.length >= found.version - after;
    if (!isWhole) {
      const { amendable: from } = progress;
      this.#recent.dropBefore(found.first);
      for (const subscription of this.#live) {
        this.#guard(() => subscription.skipAmendments(from, found.first), subscription);
      }
    }
    for (const message of found.messages) {
      if (message.offset >= progress.next) {
        // Live delivery may still bring this message in its old state.
        this.#isBehind = true;
        return;
      }
      if ((message.version ?? 0) > progress.version) this.#deliverAmendment(progress, message);
    }
    if (found.version > progress.version) this.#recent.skipAmendments();
    progress.amendTo(Math.max(found.version, progress.version), found.first);
    if (progress.isBehindVersions) this.#isBehind = true;
  }

  #fill(progress: ChannelProgress, page: StreamPage): void {
    progress.read(page);
    if (page.first > progress.next) {
      this.#log.warn(
        { room: this.room, after: progress.next - 1, first: page.first },
        'Messages were trimmed before delivery',
      );
      progress.skipTrimmed(page);
      this.#recent.clear();
      for (const subscription of this.#live) this.#guard(() => subscription.skipTrimmed(page), subscription);
    }
    for (const message of page.messages) if (message.offset === progress.next) this.#deliver(progress, message);
    if (progress.next <= page.top) this.#isBehind = true;
  }

  #startAgain(page: StreamPage): void {
    this.#history.forget(this.room);
    this.#progress = new ChannelProgress(page, page.first - 1);
    this.#recent.clear();
    for (const subscription of this.#live) this.#guard(() => subscription.startAgain(page), subscription);
    this.#isDoubtful = true;
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
