/** Redis servers and brokers for one test, their log lines, and measurements of Redis. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Logger } from 'gale';
import type { Entry, Published } from 'gale/rooms';
import { RedisBroker } from 'gale/redis';
import type { RedisBrokerOptions } from 'gale/redis';
import { redisCommand, startRedis } from 'gale/testing';
import type { RedisServer, RedisServerOptions } from 'gale/testing';
import { eventually, usual } from './broker-suite/suite-broker.ts';

/** The error of a broker while Redis does not respond. */
export const unavailable = { name: 'GaleError', code: 'ROOM_UNAVAILABLE' } as const;

/** Every log line, as it would be written. */
export const logged: string[] = [];
const note = (fields: object, message: string): void => void logged.push(JSON.stringify({ ...fields, message }));
export const log: Logger = { debug: note, info: note, warn: note, error: note };

/** Starts a Redis that stops with the test. */
export async function startRedisFor(t: TestContext, options?: RedisServerOptions): Promise<RedisServer> {
  const redis = await startRedis(options);
  t.after(() => redis.stop());
  return redis;
}

/** Opens a broker that closes with the test. */
export async function openBroker(
  t: TestContext,
  url: string,
  options?: Partial<RedisBrokerOptions>,
): Promise<RedisBroker> {
  const broker = await RedisBroker.open({ url, log, ...options });
  t.after(() => broker.close());
  return broker;
}

/** Bytes of a key and its value. */
export async function bytesOfKey(redis: RedisServer, key: string): Promise<number> {
  return Number(await redisCommand(redis, 'MEMORY', 'USAGE', key, 'SAMPLES', '0'));
}

/** Bytes that Redis uses for everything. */
export async function usedBytes(redis: RedisServer): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(String(await redisCommand(redis, 'INFO', 'memory')))?.[1]);
}

/** The clock of a Redis, in milliseconds since 1970. */
export async function clockOf(redis: RedisServer): Promise<number> {
  const [seconds, micros] = (await redisCommand(redis, 'TIME')) as [string, string];
  return Number(seconds) * 1000 + Number(micros) / 1000;
}

/** Publishes again until it was acknowledged, as clients do. */
export async function publishUntilStored(broker: RedisBroker, room: string, entry: Entry): Promise<Published> {
  let published: Published | undefined;
  await eventually(async () => {
    published = await broker.publish(room, entry, usual);
  });
  assert.ok(published);
  return published;
}
