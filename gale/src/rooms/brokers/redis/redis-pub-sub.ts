/**
 * The live lane over Redis: one connection subscribed to the channels of all rooms that somebody here listens to.
 * A probe it sends to itself shows whether the subscriptions still live; afterwards, as after every break,
 * all listeners are told to look at their streams.
 */
import { randomUUID } from 'node:crypto';
import type { BrokerListener } from '../../broker.ts';
import type { Logger } from '../../../run/log.ts';
import { toMessage } from '../entry-text.ts';
import { LocalLane } from '../local-dispatcher.ts';
import type { RedisAddress } from '../../../stores/redis-address.ts';
import type { RedisKeys } from './redis-keys.ts';
import { RedisLine } from '../../../stores/redis-connection.ts';
import type { RedisClient } from '../../../stores/redis-connection.ts';

/** What the lane needs from the broker. */
export interface RedisLiveLaneOptions {
  readonly address: RedisAddress;
  readonly keys: RedisKeys;
  readonly timeoutMs: number;
  readonly probeMs: number;
  readonly log: Logger;
  /** Publishes on a channel over the other line. @returns How many subscribers got it. */
  readonly publish: (channel: string, word: string) => Promise<number>;
  /** A message of an epoch was seen. */
  readonly onSeen: (room: string, epoch: string, offset: number) => void;
}

/** Subscriptions of one broker. */
export class RedisLiveLane {
  readonly #options: RedisLiveLaneOptions;
  readonly #lane: LocalLane;
  readonly #line: RedisLine;
  /** Rooms that are or become subscribed. */
  readonly #rooms = new Map<string, Promise<void>>();
  readonly #probeChannel: string;
  #probeTimer: NodeJS.Timeout | undefined;
  #isProbing = false;
  #lastEcho = '';

  constructor(options: RedisLiveLaneOptions) {
    this.#options = options;
    const { address, timeoutMs, log, keys } = options;
    this.#lane = new LocalLane(log);
    this.#probeChannel = keys.probe(randomUUID());
    this.#line = new RedisLine({
      address,
      timeoutMs,
      log,
      name: 'live',
      greet: (client) => this.#subscribeAll(client),
      onReturn: () => this.#lane.doubt(),
    });
  }

  /** Connects. @throws {@link GaleError} as {@link RedisLine.open}. */
  async open(): Promise<void> {
    await this.#line.open();
    this.#probeTimer = setInterval(() => void this.#probe(), this.#options.probeMs).unref();
  }

  /** Listens; resolves when Redis has confirmed the subscription. @throws {@link GaleError} `ROOM_UNAVAILABLE` */
  async listen(room: string, listener: BrokerListener): Promise<() => Promise<void>> {
    const stopHere = this.#lane.listen(room, listener);
    const stop = async (): Promise<void> => {
      if (stopHere()) await this.#unsubscribe(room);
    };
    try {
      await this.#subscribe(room);
      return stop;
    } catch (error) {
      await stop();
      throw error;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#probeTimer);
    this.#lane.clear();
    await this.#line.close();
  }

  /** With a broken line nobody can listen, though the room may have been subscribed before and will be again. */
  async #subscribe(room: string): Promise<void> {
    const before = this.#line.isOpen ? this.#rooms.get(room) : undefined;
    if (before) return before;
    const subscribing = this.#line.run((client) => client.sSubscribe(this.#channel(room), this.#hear));
    if (!this.#rooms.has(room)) this.#rooms.set(room, subscribing);
    return subscribing;
  }

  /** A fault does not matter: the next connection has not subscribed the room. */
  async #unsubscribe(room: string): Promise<void> {
    this.#rooms.delete(room);
    if (!this.#line.isOpen) return;
    await this.#line.run((client) => client.sUnsubscribe(this.#channel(room), this.#hear)).catch(() => {});
  }

  async #subscribeAll(client: RedisClient): Promise<void> {
    const rooms = [...this.#rooms.keys()];
    const channels = rooms.map((room) => this.#channel(room));
    await Promise.all([this.#probeChannel, ...channels].map((channel) => client.sSubscribe(channel, this.#hear)));
    const left = rooms.filter((room) => !this.#rooms.has(room));
    await Promise.all(left.map((room) => client.sUnsubscribe(this.#channel(room), this.#hear)));
  }

  #channel(room: string): string {
    return this.#options.keys.channel(room);
  }

  /** The first letter says what it is: a message, a signal, a doubt. */
  readonly #hear = (text: string, channel: string): void => {
    if (channel === this.#probeChannel) {
      this.#lastEcho = text;
      return;
    }
    const room = this.#options.keys.roomOf(channel);
    if (!this.#lane.has(room)) return;
    if (text.startsWith('s')) this.#lane.signal(room, JSON.parse(text.slice(1)));
    else if (text.startsWith('d')) this.#lane.doubt(room);
    else if (text.startsWith('m')) this.#message(room, text);
  };

  #message(room: string, text: string): void {
    const offsetEnd = text.indexOf(' ');
    const timeEnd = text.indexOf(' ', offsetEnd + 1);
    const epochEnd = text.indexOf(' ', timeEnd + 1);
    const offset = Number(text.slice(1, offsetEnd));
    const time = Number(text.slice(offsetEnd + 1, timeEnd));
    const epoch = text.slice(timeEnd + 1, epochEnd);
    this.#options.onSeen(room, epoch, offset);
    this.#lane.message(room, epoch, toMessage(offset, time, text.slice(epochEnd + 1)));
  }

  /** Sends itself a word. Subscriptions that do not bring it are deaf, and are made anew. */
  async #probe(): Promise<void> {
    if (this.#isProbing || !this.#line.isOpen) return;
    this.#isProbing = true;
    const word = randomUUID();
    const receivers = await this.#options.publish(this.#probeChannel, word).catch(() => undefined);
    // Without a receiver Redis has lost the subscription; with one the word may be on its way.
    if (receivers === 0) this.#line.break('Redis has lost the subscriptions');
    else if (receivers !== undefined) await this.#awaitEcho(word);
    this.#isProbing = false;
  }

  async #awaitEcho(word: string): Promise<void> {
    const end = performance.now() + this.#options.timeoutMs;
    while (this.#lastEcho !== word && this.#line.isOpen) {
      const isLate = performance.now() > end;
      await new Promise((resolve) => {
        setTimeout(resolve, this.#options.timeoutMs / 20).unref();
      });
      // Late, and since then there was time to read what may have waited in this process.
      if (isLate && this.#lastEcho !== word) this.#line.break('a probe did not come back');
    }
  }
}
