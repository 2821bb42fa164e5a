/**
 * The broker of several servers: streams, cursors and leases in one Redis, live messages over its sharded pub/sub.
 * Each publish is one script, so all servers see one order. What Redis keeps when it stops is Redis' to say:
 * with `appendonly yes` and `appendfsync always` it is everything that was acknowledged.
 */
import { randomUUID } from 'node:crypto';
import { GaleError } from '../../../errors.ts';
import { createLogger } from '../../../run/log.ts';
import type { Logger } from '../../../run/log.ts';
import type { Broker, BrokerListener, Cursors, Presence, PublishOptions, ReadLimit } from '../../broker.ts';
import type { Entry, Published, StreamHead, StreamPage } from '../../stream.ts';
import { toEntryBeginning, toEntryText, toMessage, toSignalText } from '../entry-text.ts';
import { createEpoch } from '../epoch.ts';
import { toHashText } from '../message-hash.ts';
import { publishUnknown } from '../publish-unknown.ts';
import { RedisAddress } from '../../../stores/redis-address.ts';
import { advanceScript, RedisCursors } from './redis-cursors.ts';
import { RedisKeys } from './redis-keys.ts';
import { RedisConnection } from '../../../stores/redis-connection.ts';
import type { RedisClient } from '../../../stores/redis-connection.ts';
import { RedisPubSub } from './redis-pub-sub.ts';
import { presenceScripts, RedisPresence } from './redis-presence.ts';
import { publishScript, toPublished } from './redis-publish.ts';
import type { PublishReply } from './redis-publish.ts';
import { readScript, removeEmptyScript, renewEpochScript } from './redis-stream.ts';
import type { ReadReply } from './redis-stream.ts';
import { removedError, removedMs } from '../removed-rooms.ts';
import { SeenPositions } from './seen-positions.ts';

/** Where a {@link RedisBroker} keeps what it has. */
export interface RedisBrokerOptions {
  /** `redis://name:password@host:port/database`, `rediss://` for TLS. Redis 7.0 or newer. Shown nowhere with its password. */
  readonly url: string;
  /** What all keys and channels begin with; servers with the same prefix share their rooms. @defaultValue `gale` */
  readonly prefix?: string;
  /** How long Redis may take for an answer, in milliseconds; after that the connection is made anew. @defaultValue 5000 */
  readonly commandTimeoutMs?: number;
  /** Time between probes of live delivery, in milliseconds. @defaultValue 30 000 */
  readonly probeMs?: number;
  /** Where faults are written. @defaultValue `createLogger()` */
  readonly log?: Logger;
}

/** How long the value of a check stays, in milliseconds. */
const healthMs = 60_000;

const scripts = [publishScript, readScript, renewEpochScript, removeEmptyScript, advanceScript, ...presenceScripts];

/** Rooms in Redis. */
export class RedisBroker implements Broker {
  readonly name: string = 'redis';
  readonly cursors: Cursors;
  readonly presence: Presence;
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;
  readonly #live: RedisPubSub;
  /** Its own, so that checks of several servers do not read each other's value. */
  readonly #healthKey: string;
  readonly #seen = new SeenPositions();
  #hasWarned = false;

  private constructor(options: RedisBrokerOptions) {
    const {
      url,
      prefix = 'gale',
      commandTimeoutMs: timeoutMs = 5000,
      probeMs = 30_000,
      log = createLogger(),
    } = options;
    assertMilliseconds('commandTimeoutMs', timeoutMs);
    assertMilliseconds('probeMs', probeMs);
    const address = new RedisAddress(url);
    this.#keys = new RedisKeys(prefix, address.database);
    this.#healthKey = this.#keys.health(randomUUID());
    this.#connection = new RedisConnection({
      address,
      timeoutMs,
      log,
      name: 'commands',
      greet: (client) => this.#greet(client, address, log),
    });
    this.#live = new RedisPubSub({
      address,
      timeoutMs,
      probeMs,
      log,
      keys: this.#keys,
      publish: (channel, word) => this.#connection.run((client) => client.sPublish(channel, word)),
      onSeen: (room, epoch, offset) => this.#seen.note(room, epoch, offset),
    });
    this.cursors = new RedisCursors(this.#connection, this.#keys);
    this.presence = new RedisPresence(this.#connection, this.#keys);
  }

  /**
   * Connects, within 3 seconds or not at all. Later breaks are mended without end; until then what is asked
   * is refused with `ROOM_UNAVAILABLE`.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE` if nothing answers, `ROOM_STORE_REFUSED` for a wrong password,
   * missing rights or an old Redis, `OPTION_VALUE` for an option that cannot be.
   */
  static async open(options: RedisBrokerOptions): Promise<RedisBroker> {
    const broker = new RedisBroker(options);
    const opened = await Promise.allSettled([broker.#connection.open(), broker.#live.open()]);
    const failed = opened.find((result) => result.status === 'rejected');
    if (!failed) return broker;
    await broker.close();
    throw failed.reason;
  }

  async publish(room: string, entry: Entry, options: PublishOptions): Promise<Published> {
    const { historyCount, dedupeMs, dedupeCount, retry, after = { epoch: '', offset: 0 } } = options;
    const keys = [
      ...this.#streamKeys(room),
      this.#keys.kept(room),
      this.#keys.sent(room, entry.author.id),
      this.#keys.answer(room, entry),
    ];
    const words = [
      ...this.#streamWords(room),
      toEntryText(entry),
      String(historyCount),
      String(dedupeMs),
      String(dedupeCount),
      retry ? '1' : '0',
      toHashText(entry),
      after.epoch,
      String(after.offset),
      toEntryBeginning(entry),
    ];
    const reply = await this.#connection.run((client) => publishScript.run(client, keys, words));
    const published = toPublished(reply as PublishReply);
    if (published === 'removed') throw removedError(room);
    if (published === 'unknown') throw publishUnknown(room, entry.id);
    this.#seen.note(room, published.epoch, published.offset);
    return published;
  }

  async read(room: string, after: number, { count, bytes: mostBytes }: ReadLimit): Promise<StreamPage> {
    const [epoch, top, first, bytes, entries] = await this.#read(room, after, count, mostBytes);
    const messages = entries.map(([id, [, time, , entry]]) => toMessage(Number.parseInt(id, 10), Number(time), entry));
    return { epoch, top, first, messages, bytes };
  }

  /** One command for each room, since each is on a node of its own; all leave together. */
  async heads(rooms: readonly string[]): Promise<Map<string, StreamHead>> {
    const replies = await Promise.all(rooms.map((room) => this.#read(room, 0, 0, 0)));
    return new Map(replies.map(([epoch, top, first], index) => [rooms[index] ?? '', { epoch, top, first }]));
  }

  async signal(room: string, data: unknown): Promise<void> {
    const text = toSignalText(data);
    await this.#connection.run((client) => client.sPublish(this.#keys.channel(room), `s${text}`));
  }

  listen(room: string, listener: BrokerListener): Promise<() => Promise<void>> {
    return this.#live.listen(room, listener);
  }

  async renewEpoch(room: string, epoch: string): Promise<void> {
    const words = [createEpoch(), epoch, this.#keys.channel(room)];
    await this.#connection.run((client) => renewEpochScript.run(client, this.#streamKeys(room), words));
  }

  async removeEmpty(room: string): Promise<boolean> {
    const keys = [...this.#streamKeys(room), this.#keys.cursors(room), this.#keys.kept(room)];
    return (await this.#connection.run((client) => removeEmptyScript.run(client, keys, [String(removedMs)]))) === 1;
  }

  async check(): Promise<void> {
    const value = randomUUID();
    const [, read] = await this.#connection.run((client) =>
      Promise.all([
        client.set(this.#healthKey, value, { expiration: { type: 'PX', value: healthMs } }),
        client.get(this.#healthKey),
      ]),
    );
    if (read !== value) throw new GaleError('ROOM_UNAVAILABLE', `Redis gave ${String(read)} for ${value}.`);
  }

  async close(): Promise<void> {
    await Promise.all([this.#live.close(), this.#connection.close()]);
  }

  async #read(room: string, after: number, count: number, bytes: number): Promise<ReadReply> {
    const words = [...this.#streamWords(room), String(after), String(count), String(bytes)];
    const reply = await this.#connection.run((client) => readScript.run(client, this.#streamKeys(room), words));
    const [epoch, top] = reply as ReadReply;
    this.#seen.note(room, epoch, top);
    return reply as ReadReply;
  }

  #streamKeys(room: string): string[] {
    return [this.#keys.head(room), this.#keys.stream(room)];
  }

  /** What the scripts for a stream are told first. */
  #streamWords(room: string): string[] {
    const { epoch, offset } = this.#seen.get(room);
    return [createEpoch(), epoch, String(offset), this.#keys.channel(room)];
  }

  /** Looks at the version and hands over the scripts. */
  async #greet(client: RedisClient, address: RedisAddress, log: Logger): Promise<void> {
    const [info] = await Promise.all([client.info(), ...scripts.map((script) => script.load(client))]);
    const version = /^redis_version:(.*?)\r?$/m.exec(info)?.[1] ?? 'unknown';
    if (Number.parseInt(version, 10) < 7) {
      const message = `Redis at ${address.shown} has version ${version}; version 7.0 or newer is needed.`;
      throw new GaleError('ROOM_STORE_REFUSED', message);
    }
    if (/^aof_enabled:0\r?$/m.test(info) && !this.#hasWarned) {
      this.#hasWarned = true;
      log.warn(
        { redis: address.shown },
        'Redis keeps no append-only file, so its restart loses messages; set appendonly yes and appendfsync always',
      );
    }
  }
}

function assertMilliseconds(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 10 && value <= 2_000_000_000) return;
  throw new GaleError('OPTION_VALUE', `${name} is ${value}; give an integer from 10 to 2000000000.`);
}
