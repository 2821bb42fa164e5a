/**
 * What consumers have saved, in Redis. See redis-hold-scripts.ts.
 */
import { GaleError } from '../../../errors.ts';
import type { RedisConnection } from '../../../stores/redis-connection.ts';
import type { RedisScript } from '../../../stores/redis-script.ts';
import type { HeldRooms, Hold, Holds } from '../../broker.ts';
import type { Position } from '../../stream.ts';
import {
  claimScript,
  endTurnScript,
  listScript,
  renewScript,
  savedScript,
  saveScript,
  unlistScript,
} from './redis-hold-scripts.ts';
import type { RedisKeys } from './redis-keys.ts';

/** Rooms in a page, approximately. */
const pageSize = 500;

/** How often a room is listed again before an entry is stored, if the consumer removes the room each time. */
const maxTurns = 20;

/** The keys and first arguments of scripts for a stream. */
export interface HeldStreams {
  streamKeys(room: string): readonly string[];
  streamArguments(room: string): readonly string[];
}

/** Consumers in Redis. */
export class RedisHolds implements Holds {
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;
  readonly #streams: HeldStreams;

  constructor(connection: RedisConnection, keys: RedisKeys, streams: HeldStreams) {
    this.#connection = connection;
    this.#keys = keys;
    this.#streams = streams;
  }

  async claim(consumer: string, leaseMs: number): Promise<number | undefined> {
    return Number(await this.#run(claimScript, [this.#keys.claim(consumer)], [String(leaseMs)])) || undefined;
  }

  async renew(consumer: string, claim: number, leaseMs: number): Promise<boolean> {
    return (await this.#run(renewScript, [this.#keys.claim(consumer)], [String(claim), String(leaseMs)])) === 1;
  }

  async release(consumer: string, claim: number): Promise<void> {
    await this.renew(consumer, claim, 0);
  }

  async rooms(consumer: string, from: string = '0'): Promise<HeldRooms> {
    const key = this.#keys.unsaved(consumer);
    const [next, found] = (await this.#connection.run((client) =>
      client.sendCommand(['HSCAN', key, from, 'COUNT', String(pageSize)]),
    )) as unknown as [string, string[]];
    const rooms = found.filter((_, index) => index % 2 === 0);
    return { rooms, next: next === '0' ? undefined : next };
  }

  async saved(consumer: string, claim: number, room: string): Promise<Position | undefined> {
    const reply = await this.#runInRoom(savedScript, room, [consumer, String(claim)]);
    if (reply === 0) return undefined;
    const [epoch, offset, version] = reply as [string, number, number];
    return { epoch, offset, version };
  }

  async save(consumer: string, claim: number, room: string, position: Position): Promise<boolean> {
    const { epoch, offset, life = '', version = 0 } = position;
    const args = [consumer, String(claim), epoch, String(offset), life, String(version)];
    return (await this.#runInRoom(saveScript, room, args)) === 1;
  }

  async forget(consumer: string, room: string): Promise<void> {
    const turn = Number(await this.#runInRoom(endTurnScript, room, [consumer]));
    if (turn >= 0) await this.#run(unlistScript, [this.#keys.unsaved(consumer)], [room, String(turn)]);
  }

  /**
   * Runs a script that stores something for consumers. Lists the room first for those that have nothing to save.
   *
   * @param store - Runs the script with an argument. A reply that begins with `''` has the names of consumers and their turns.
   */
  async store<Reply extends readonly unknown[]>(
    room: string,
    hold: Hold,
    store: (argument: string) => Promise<Reply>,
  ): Promise<Reply> {
    // Without a prototype, since `__proto__` may be a name.
    const turns = Object.create(null) as Record<string, number>;
    for (let tries = 0; tries < maxTurns; tries++) {
      const reply = await store(JSON.stringify({ ...hold, turns }));
      if (reply[0] !== '') return reply;
      for (let index = 1; index < reply.length; index += 2) {
        const consumer = String(reply[index]);
        const turn = Number(reply[index + 1]);
        await this.#run(listScript, [this.#keys.unsaved(consumer)], [room, String(turn)]);
        turns[consumer] = turn;
      }
    }
    throw new GaleError('ROOM_UNAVAILABLE', `The room ${room} could not be listed for its consumers; retry.`);
  }

  #run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    return this.#connection.run((client) => script.run(client, keys, args));
  }

  #runInRoom(script: RedisScript, room: string, args: readonly string[]): Promise<unknown> {
    const keys = [...this.#streams.streamKeys(room), this.#keys.holds(room)];
    return this.#run(script, keys, [...this.#streams.streamArguments(room), ...args]);
  }
}
