/**
 * The broker for several servers: streams, cursors and leases in one Redis, live delivery over its sharded pub/sub.
 * Each publish is one script, so all servers see one order. The settings of Redis decide what survives its restart:
 * with `appendonly yes` and `appendfsync always`, everything acknowledged does.
 */
import { randomUUID } from 'node:crypto';
import { GaleError } from '../../../errors.ts';
import { assertLog, assertNames, readIntegers } from '../../../run/given-options.ts';
import { createLogger } from '../../../run/log.ts';
import type { Logger } from '../../../run/log.ts';
import type {
  Broker,
  BrokerListener,
  Cursors,
  Hold,
  Holds,
  Presence,
  PublishOptions,
  ReadLimit,
} from '../../broker.ts';
import type { Amended, Amendment, Entry, Published, StreamHead, StreamPage } from '../../stream.ts';
import { lifeAt, parseLives, topOf } from '../../lives.ts';
import { assertAmended } from '../amendments.ts';
import { toDataText, toEntryBeginning, toMessage, toSignalText } from '../entry-text.ts';
import { createEpoch } from '../epoch.ts';
import { toHashText } from '../message-hash.ts';
import { RedisAddress } from '../../../stores/redis-address.ts';
import { advanceScript, RedisCursors } from './redis-cursors.ts';
import { warnOfLoss } from './redis-durability.ts';
import { holdScripts } from './redis-hold-scripts.ts';
import { RedisHolds } from './redis-holds.ts';
import { RedisKeys } from './redis-keys.ts';
import { RedisConnection } from '../../../stores/redis-connection.ts';
import type { RedisClient } from '../../../stores/redis-connection.ts';
import type { RedisScript } from '../../../stores/redis-script.ts';
import { RedisPubSub } from './redis-pub-sub.ts';
import { presenceScripts, RedisPresence } from './redis-presence.ts';
import { publishHeldScript, publishScript } from './redis-publish.ts';
import { RedisPublisher } from './redis-publisher.ts';
import { amendHeldScript, amendScript, toAmendReply } from './redis-amend.ts';
import type { AmendScriptReply } from './redis-amend.ts';
import { readScript, removeEmptyScript, removeScript, renewEpochScript } from './redis-stream.ts';
import type { ReadReply } from './redis-stream.ts';
import { removedMs } from '../removed-rooms.ts';
import { SeenPositions } from './seen-positions.ts';

/** Options of {@link RedisBroker.open}. */
export interface RedisBrokerOptions {
  /** `redis://name:password@host:port/database`, or `rediss://` for TLS. Redis 7.0 or newer. The password never appears in logs or errors. */
  readonly url: string;
  /** Prefix of all keys and channels. Servers with the same prefix share their rooms. @defaultValue `gale` */
  readonly prefix?: string;
  /** Longest wait for a response of Redis, in milliseconds. After that the broker reconnects. @defaultValue 5000 */
  readonly commandTimeoutMs?: number;
  /**
   * Time between probes of live delivery, in milliseconds. A connection that no longer receives is replaced within twice this time,
   * and every room is compared with its stream. @defaultValue 5000
   */
  readonly probeMs?: number;
  /** Log for faults. @defaultValue `createLogger()` */
  readonly log?: Logger;
}

/** Default, minimum and maximum of each number. */
const ranges = {
  commandTimeoutMs: [5000, 10, 2_000_000_000],
  probeMs: [5000, 10, 2_000_000_000],
} as const;

/** {@link RedisBrokerOptions}, checked, with the defaults filled in. */
type ResolvedRedisBrokerOptions = Readonly<Required<Omit<RedisBrokerOptions, 'url'>>> & {
  readonly address: RedisAddress;
};

/** {@link RedisKeys} checks the prefix. */
function resolveRedisBrokerOptions(options: RedisBrokerOptions): ResolvedRedisBrokerOptions {
  assertNames('RedisBroker', options, ['url', 'prefix', ...Object.keys(ranges), 'log']);
  assertLog(options.log);
  const { url, prefix = 'gale', log = createLogger() } = options;
  return { ...readIntegers(options, ranges), address: new RedisAddress(url), prefix, log };
}

/** Lifetime of the value that a check writes, in milliseconds. */
const healthMs = 60_000;

const scripts = [
  publishScript,
  amendScript,
  readScript,
  renewEpochScript,
  removeEmptyScript,
  removeScript,
  advanceScript,
  ...presenceScripts,
  publishHeldScript,
  amendHeldScript,
  ...holdScripts,
];

/** Rooms in Redis. */
export class RedisBroker implements Broker {
  readonly name: string = 'redis';
  readonly cursors: Cursors;
  readonly presence: Presence;
  readonly holds: Holds;
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;
  readonly #live: RedisPubSub;
  readonly #publisher: RedisPublisher;
  readonly #holds: RedisHolds;
  /** A key of this server, so that checks of several servers do not read each other's value. */
  readonly #healthKey: string;
  readonly #seen = new SeenPositions();
  #hasWarned = false;

  private constructor(options: RedisBrokerOptions) {
    const { address, prefix, commandTimeoutMs: timeoutMs, probeMs, log } = resolveRedisBrokerOptions(options);
    this.#keys = new RedisKeys(prefix, address.database);
    this.#healthKey = this.#keys.health(randomUUID());
    this.#connection = new RedisConnection({
      address,
      timeoutMs,
      log,
      name: 'commands',
      prepareConnection: (client) => this.#prepareConnection(client, address, log),
    });
    this.#live = new RedisPubSub({
      address,
      timeoutMs,
      probeMs,
      log,
      keys: this.#keys,
      publish: (channel, text) => this.#connection.run((client) => client.sPublish(channel, text)),
      onSeen: (room, position) => this.#seen.note(room, position),
    });
    const streams = {
      streamKeys: (room: string) => this.#streamKeys(room),
      streamArguments: (room: string) => this.#streamArguments(room),
    };
    this.#holds = new RedisHolds(this.#connection, this.#keys, streams);
    this.holds = this.#holds;
    this.#publisher = new RedisPublisher(this.#connection, this.#keys, this.#holds, {
      ...streams,
      onPublished: (room, published) => this.#seen.note(room, published),
    });
    this.cursors = new RedisCursors(this.#connection, this.#keys);
    this.presence = new RedisPresence(this.#connection, this.#keys);
  }

  /**
   * Connects, or fails after 3 seconds. After a later loss of the connection the broker reconnects without limit,
   * and refuses calls with `ROOM_UNAVAILABLE` meanwhile.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE` if Redis does not respond, `ROOM_STORE_REFUSED` for a wrong password,
   * missing rights or an old Redis, `OPTION_UNKNOWN` or `OPTION_VALUE` for an invalid option.
   */
  static async open(options: RedisBrokerOptions): Promise<RedisBroker> {
    const broker = new RedisBroker(options);
    const opened = await Promise.allSettled([broker.#connection.open(), broker.#live.open()]);
    const failed = opened.find((result) => result.status === 'rejected');
    if (!failed) return broker;
    await broker.close();
    throw failed.reason;
  }

  publish(room: string, entry: Entry, options: PublishOptions): Promise<Published> {
    return this.#publisher.publish(room, entry, options);
  }

  async amend(room: string, amendment: Amendment, hold?: Hold): Promise<Amended> {
    const { id, author, version } = amendment;
    const same = { id, author: { id: author } };
    const args = [
      ...this.#streamArguments(room),
      toHashText(same),
      toEntryBeginning(same),
      toDataText(amendment.data),
      version === undefined ? '' : String(version),
    ];
    const keys = this.#streamKeys(room);
    const send = async (script: RedisScript, itsKeys: string[], itsArgs: string[]): Promise<AmendScriptReply> =>
      (await this.#connection.run((client) => script.run(client, itsKeys, itsArgs))) as AmendScriptReply;
    const reply = hold
      ? await this.#holds.store(room, hold, (argument) =>
          send(amendHeldScript, [...keys, this.#keys.holds(room)], [...args, argument]),
        )
      : await send(amendScript, keys, args);
    return assertAmended(room, amendment, toAmendReply(reply));
  }

  async read(room: string, after: number, { count, bytes: maxBytes }: ReadLimit): Promise<StreamPage> {
    const [head, bytes, entries] = await this.#read(room, after, count, maxBytes);
    const messages = entries.map(([id, [, time, , entry, , version = '0', , amended = '0']]) => {
      const offset = Number.parseInt(id, 10);
      const change = { version: Number(version), amended: Number(amended) };
      return toMessage(offset, Number(time), entry, lifeAt(head.lives, offset), change);
    });
    return { ...head, messages, bytes };
  }

  /** Sends one command for each room, since each may be on another node; all in one batch. */
  async heads(rooms: readonly string[]): Promise<Map<string, StreamHead>> {
    const replies = await Promise.all(rooms.map((room) => this.#read(room, 0, 0, 0)));
    return new Map(replies.map(([head], index) => [rooms[index] ?? '', head]));
  }

  async signal(room: string, data: unknown): Promise<void> {
    const text = toSignalText(data);
    await this.#connection.run((client) => client.sPublish(this.#keys.channel(room), `s${text}`));
  }

  listen(room: string, listener: BrokerListener): Promise<() => Promise<void>> {
    return this.#live.listen(room, listener);
  }

  async renewEpoch(room: string, epoch: string): Promise<void> {
    const args = [...this.#streamArguments(room), epoch];
    await this.#connection.run((client) => renewEpochScript.run(client, this.#streamKeys(room), args));
  }

  async removeEmpty(room: string): Promise<boolean> {
    const keys = [this.#keys.head(room), this.#keys.stream(room), this.#keys.cursors(room), this.#keys.kept(room)];
    return (await this.#connection.run((client) => removeEmptyScript.run(client, keys, [String(removedMs)]))) === 1;
  }

  async remove(room: string): Promise<void> {
    const names = this.#keys;
    const keys = [names.head(room), names.stream(room), names.cursors(room), names.kept(room), names.holds(room)];
    await this.#connection.run((client) => removeScript.run(client, keys, [String(removedMs)]));
  }

  async check(): Promise<void> {
    const value = randomUUID();
    const [, read] = await this.#connection.run((client) =>
      Promise.all([
        client.set(this.#healthKey, value, { expiration: { type: 'PX', value: healthMs } }),
        client.get(this.#healthKey),
      ]),
    );
    if (read !== value)
      throw new GaleError(
        'ROOM_UNAVAILABLE',
        `Redis returned another value than the check wrote: must be ${value}; got ${String(read)}.`,
      );
  }

  async close(): Promise<void> {
    await Promise.all([this.#live.close(), this.#publisher.close().then(() => this.#connection.close())]);
  }

  async #read(
    room: string,
    after: number,
    count: number,
    maxBytes: number,
  ): Promise<[head: StreamHead, bytes: number, entries: ReadReply[5]]> {
    const args = [...this.#streamArguments(room), String(after), String(count), String(maxBytes)];
    const reply = await this.#connection.run((client) => readScript.run(client, this.#streamKeys(room), args));
    const [epoch, top, first, lives, bytes, entries, version] = reply as ReadReply;
    const head = { epoch, top, first, lives: parseLives(lives) };
    this.#seen.note(room, topOf(head));
    return [version === 0 ? head : { ...head, version }, bytes, entries];
  }

  #streamKeys(room: string): string[] {
    const keys = this.#keys;
    return [keys.head(room), keys.stream(room), keys.kept(room), keys.cursors(room), keys.spare(room)];
  }

  /** The first arguments of every script for a stream. */
  #streamArguments(room: string): string[] {
    const { epoch, offset, life = '' } = this.#seen.get(room);
    return [createEpoch(), this.#keys.channel(room), epoch, String(offset), life];
  }

  /** Checks the version and loads the scripts. */
  async #prepareConnection(client: RedisClient, address: RedisAddress, log: Logger): Promise<void> {
    const [info] = await Promise.all([client.info(), ...scripts.map((script) => script.load(client))]);
    const version = /^redis_version:(.*?)\r?$/m.exec(info)?.[1] ?? 'unknown';
    if (Number.parseInt(version, 10) < 7) {
      const message = `Redis at ${address.shown} has version ${version}; version 7.0 or newer is needed.`;
      throw new GaleError('ROOM_STORE_REFUSED', message);
    }
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    await warnOfLoss(client, info, address.shown, log);
  }
}
