/**
 * Publishes to Redis in batches, one batch of a room after the other. While a batch is under way, the next one collects. So the publishes of
 * a room are stored in the order of the calls, also if Redis must be sent a script again, and many cost little more than one.
 */
import { GaleError } from '../../../errors.ts';
import type { RedisConnection } from '../../../stores/redis-connection.ts';
import type { RedisScript } from '../../../stores/redis-script.ts';
import type { Hold, PublishOptions } from '../../broker.ts';
import type { Entry, Published } from '../../stream.ts';
import { toEntryBeginning, toEntryText } from '../entry-text.ts';
import { toHashText } from '../message-hash.ts';
import { publishAhead } from '../holds.ts';
import { publishUnknown } from '../publish-unknown.ts';
import { removedError } from '../removed-rooms.ts';
import type { RedisHolds } from './redis-holds.ts';
import type { RedisKeys } from './redis-keys.ts';
import { publishedIn, publishHeldScript, publishScript } from './redis-publish.ts';
import type { PublishReply, PublishResult } from './redis-publish.ts';

/** Most entries in a batch. Bounds how long other commands of Redis wait for it. */
const batchCount = 128;
/** Most characters of entries in a batch, except for a single one. */
const batchLength = 256 * 1024;
/** Most publishes without a reply; further ones are refused. */
const maxWaiting = 100_000;

/** What the broker knows of a room. */
export interface PublishedRooms {
  streamKeys(room: string): readonly string[];
  /** The first arguments of each script for a stream. */
  streamArguments(room: string): readonly string[];
  onPublished(room: string, published: Published): void;
}

interface Waiting {
  readonly entry: Pick<Entry, 'id'>;
  /** Those that a batch shares. */
  readonly shared: readonly string[];
  readonly hold: Hold | undefined;
  readonly keys: readonly string[];
  readonly args: readonly string[];
  readonly length: number;
  readonly resolve: (published: Published) => void;
  readonly reject: (error: unknown) => void;
}

/** The publishes of one broker. */
export class RedisPublisher {
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;
  readonly #rooms: PublishedRooms;
  readonly #holds: RedisHolds;
  /** Publishes that wait for their batch, by room. A room is here while a batch is under way or begins in this turn. */
  readonly #waiting = new Map<string, Waiting[]>();
  #count = 0;
  /** Resolves when nothing waits any more. */
  #closing: PromiseWithResolvers<void> | undefined;

  constructor(connection: RedisConnection, keys: RedisKeys, holds: RedisHolds, rooms: PublishedRooms) {
    this.#connection = connection;
    this.#keys = keys;
    this.#holds = holds;
    this.#rooms = rooms;
  }

  /** Publishes an entry, see {@link Broker.publish}. */
  publish(room: string, entry: Entry, options: PublishOptions): Promise<Published> {
    return new Promise((resolve, reject) => {
      this.#connection.assertOpen();
      const waiting = { ...this.#toWaiting(room, entry, options), resolve, reject };
      if (this.#closing) throw new GaleError('ROOM_UNAVAILABLE', 'The broker is closed; create another one.');
      if (this.#count >= maxWaiting) {
        throw new GaleError('ROOM_UNAVAILABLE', `Redis is too slow: ${maxWaiting} publishes are waiting already.`);
      }
      this.#count += 1;
      const others = this.#waiting.get(room);
      if (others) {
        others.push(waiting);
        return;
      }
      this.#waiting.set(room, [waiting]);
      // The publishes of one read of a socket are one batch.
      process.nextTick(() => void this.#publishAll(room));
    });
  }

  /** Refuses further publishes, and resolves when those under way have a result. */
  close(): Promise<void> {
    this.#closing ??= Promise.withResolvers<void>();
    if (this.#waiting.size === 0) this.#closing.resolve();
    return this.#closing.promise;
  }

  #toWaiting(room: string, entry: Entry, options: PublishOptions): Omit<Waiting, 'resolve' | 'reject'> {
    const { historyCount, dedupeMs, dedupeCount, retry, after, hold } = options;
    const text = toEntryText(entry);
    return {
      entry: { id: entry.id },
      shared: [String(historyCount), String(dedupeMs), String(dedupeCount)],
      hold,
      keys: [this.#keys.sent(room, entry.author.id), this.#keys.answer(room, entry)],
      args: [
        text,
        retry ? '1' : '0',
        toHashText(entry),
        after?.epoch ?? '',
        String(after?.offset ?? 0),
        after?.life ?? '',
        toEntryBeginning(entry),
      ],
      length: text.length,
    };
  }

  /** Publishes until nothing of a room waits. Never rejects. */
  async #publishAll(room: string): Promise<void> {
    for (let batch; (batch = this.#takeBatch(room)).length > 0;) {
      try {
        const reply = await this.#run(room, batch as [Waiting]);
        for (const [index, one] of batch.entries()) this.#settle(room, one, publishedIn(reply, index));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      this.#count -= batch.length;
    }
    this.#waiting.delete(room);
    if (this.#waiting.size === 0) this.#closing?.resolve();
  }

  #run(room: string, batch: readonly [Waiting, ...Waiting[]]): Promise<PublishReply> {
    const [{ shared, hold }] = batch;
    const keys = batch.flatMap((one) => one.keys);
    const args = batch.flatMap((one) => one.args);
    const streamKeys = this.#rooms.streamKeys(room);
    const first = [...this.#rooms.streamArguments(room), ...shared];
    const send = async (script: RedisScript, itsKeys: string[], itsArgs: string[]): Promise<PublishReply> =>
      (await this.#connection.run((client) => script.run(client, itsKeys, itsArgs))) as PublishReply;
    if (!hold) return send(publishScript, [...streamKeys, ...keys], [...first, ...args]);
    const heldKeys = [...streamKeys, this.#keys.holds(room), ...keys];
    return this.#holds.store(room, hold, (argument) =>
      send(publishHeldScript, heldKeys, [...first, argument, ...args]),
    );
  }

  /** Takes the publishes of the next batch: those at the front with equal options. */
  #takeBatch(room: string): Waiting[] {
    const waiting = this.#waiting.get(room) ?? [];
    const [first] = waiting;
    let [count, length] = [0, 0];
    for (const { shared, hold, length: its } of waiting) {
      length += its;
      if (count === batchCount || (count > 0 && length > batchLength)) break;
      if (hold !== first?.hold || shared.some((value, index) => value !== first?.shared[index])) break;
      count += 1;
    }
    return waiting.splice(0, count);
  }

  #settle(room: string, { entry, hold, resolve, reject }: Waiting, published: PublishResult): void {
    if (published === 'removed') reject(removedError(room));
    else if (published === 'unknown') reject(publishUnknown(room, entry.id));
    else if ('ahead' in published) reject(publishAhead(room, published.ahead, hold));
    else {
      this.#rooms.onPublished(room, published);
      resolve(published);
    }
  }
}
