/**
 * Live delivery over Redis: one connection that is subscribed to the channels of all rooms with listeners on this server.
 * It probes its subscriptions by messages to itself, and subscribes again if a probe does not arrive.
 * After each reconnect it notifies all listeners to read their streams.
 */
import { randomUUID } from 'node:crypto';
import type { BrokerListener } from '../../broker.ts';
import type { Logger } from '../../../run/log.ts';
import type { Position } from '../../stream.ts';
import { toLiveMessage } from '../entry-text.ts';
import { LocalDispatcher } from '../local-dispatcher.ts';
import type { RedisAddress } from '../../../stores/redis-address.ts';
import type { RedisKeys } from './redis-keys.ts';
import { RedisConnection } from '../../../stores/redis-connection.ts';
import type { RedisClient } from '../../../stores/redis-connection.ts';

/** Options, from the broker. */
export interface RedisPubSubOptions {
  readonly address: RedisAddress;
  readonly keys: RedisKeys;
  readonly timeoutMs: number;
  readonly probeMs: number;
  readonly log: Logger;
  /** Publishes on a channel over the connection for commands. @returns The number of subscribers that got it. */
  readonly publish: (channel: string, text: string) => Promise<number>;
  /** Called with the position of each message. */
  readonly onSeen: (room: string, position: Position) => void;
}

/** Subscriptions of one broker. */
export class RedisPubSub {
  readonly #options: RedisPubSubOptions;
  readonly #dispatcher: LocalDispatcher;
  readonly #connection: RedisConnection;
  /** Rooms that are subscribed, or whose subscription is under way. */
  readonly #rooms = new Map<string, Promise<void>>();
  readonly #probeChannel: string;
  #probeTimer: NodeJS.Timeout | undefined;
  #isProbing = false;
  #lastEcho = '';

  constructor(options: RedisPubSubOptions) {
    this.#options = options;
    const { address, timeoutMs, log, keys } = options;
    this.#dispatcher = new LocalDispatcher(log);
    this.#probeChannel = keys.probe(randomUUID());
    this.#connection = new RedisConnection({
      address,
      timeoutMs,
      log,
      name: 'live',
      prepareConnection: (client) => this.#subscribeAll(client),
      onReconnect: () => this.#dispatcher.doubt(),
    });
  }

  /** Connects. @throws {@link GaleError} as {@link RedisConnection.open}. */
  async open(): Promise<void> {
    await this.#connection.open();
    this.#probeTimer = setInterval(() => void this.#probe(), this.#options.probeMs).unref();
  }

  /** Listens; resolves when Redis has confirmed the subscription. @throws {@link GaleError} `ROOM_UNAVAILABLE` */
  async listen(room: string, listener: BrokerListener): Promise<() => Promise<void>> {
    const stopHere = this.#dispatcher.listen(room, listener);
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
    this.#dispatcher.clear();
    await this.#connection.close();
  }

  /** Fails while disconnected, even if the room was subscribed before and will be subscribed again. */
  async #subscribe(room: string): Promise<void> {
    const before = this.#connection.isOpen ? this.#rooms.get(room) : undefined;
    if (before) return before;
    const subscribing = this.#connection.run((client) => client.sSubscribe(this.#channel(room), this.#receive));
    if (!this.#rooms.has(room)) this.#rooms.set(room, subscribing);
    return subscribing;
  }

  /** Ignores an error: the next connection will not subscribe to the room. */
  async #unsubscribe(room: string): Promise<void> {
    this.#rooms.delete(room);
    if (!this.#connection.isOpen) return;
    await this.#connection.run((client) => client.sUnsubscribe(this.#channel(room), this.#receive)).catch(() => {});
  }

  async #subscribeAll(client: RedisClient): Promise<void> {
    const rooms = [...this.#rooms.keys()];
    const channels = rooms.map((room) => this.#channel(room));
    await Promise.all([this.#probeChannel, ...channels].map((channel) => client.sSubscribe(channel, this.#receive)));
    const left = rooms.filter((room) => !this.#rooms.has(room));
    await Promise.all(left.map((room) => client.sUnsubscribe(this.#channel(room), this.#receive)));
  }

  #channel(room: string): string {
    return this.#options.keys.channel(room);
  }

  /** The first letter is the type: `m` message, `a` amended message, `s` signal, `d` doubt. */
  readonly #receive = (text: string, channel: string): void => {
    if (channel === this.#probeChannel) {
      this.#lastEcho = text;
      return;
    }
    const room = this.#options.keys.roomOf(channel);
    if (!this.#dispatcher.has(room)) return;
    if (text.startsWith('s')) this.#dispatcher.signal(room, JSON.parse(text.slice(1)));
    else if (text.startsWith('d')) this.#dispatcher.doubt(room);
    else if (text.startsWith('m')) this.#message(room, text);
    else if (text.startsWith('a')) this.#amend(room, text);
  };

  #amend(room: string, text: string): void {
    const [, version, amended, offset, time, epoch = '', entry = ''] =
      /^a(\d+) (\d+) (\d+) (\d+) (\S+) (.*)$/s.exec(text) ?? [];
    const change = { version: Number(version), amended: Number(amended) };
    this.#dispatcher.amend(room, epoch, toLiveMessage(Number(offset), Number(time), entry, change));
  }

  #message(room: string, text: string): void {
    const offsetEnd = text.indexOf(' ');
    const timeEnd = text.indexOf(' ', offsetEnd + 1);
    const epochEnd = text.indexOf(' ', timeEnd + 1);
    const offset = Number(text.slice(1, offsetEnd));
    const time = Number(text.slice(offsetEnd + 1, timeEnd));
    const epoch = text.slice(timeEnd + 1, epochEnd);
    const message = toLiveMessage(offset, time, text.slice(epochEnd + 1));
    this.#options.onSeen(room, { epoch, offset, life: message.life });
    this.#dispatcher.message(room, epoch, message);
  }

  /** Sends a message to itself. If it does not arrive, the subscriptions are dead and the connection is replaced. */
  async #probe(): Promise<void> {
    if (this.#isProbing || !this.#connection.isOpen) return;
    this.#isProbing = true;
    const text = randomUUID();
    const receivers = await this.#options.publish(this.#probeChannel, text).catch(() => undefined);
    // Without a receiver, Redis lost the subscription. With one, the message may be in transit.
    if (receivers === 0) this.#connection.break('Redis has lost the subscriptions');
    else if (receivers !== undefined) await this.#awaitEcho(text);
    this.#isProbing = false;
  }

  async #awaitEcho(text: string): Promise<void> {
    // Less than the time between probes, so that both together are less than twice that time.
    const limitMs = Math.min(this.#options.timeoutMs, this.#options.probeMs * 0.8);
    const end = performance.now() + limitMs;
    while (this.#lastEcho !== text && this.#connection.isOpen) {
      const isLate = performance.now() > end;
      await new Promise((resolve) => {
        setTimeout(resolve, limitMs / 20).unref();
      });
      // Late, although this process had time to read what arrived meanwhile.
      if (isLate && this.#lastEcho !== text) this.#connection.break('a probe did not come back');
    }
  }
}
