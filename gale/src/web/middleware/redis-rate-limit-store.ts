/** Counts of requests in Redis, so that all servers limit a client together. */
import { assertFilledString, assertLog, assertNames, readIntegers, wrongValue } from '../../run/given-options.ts';
import { createLogger, type Logger } from '../../run/log.ts';
import { RedisAddress } from '../../stores/redis-address.ts';
import { RedisConnection } from '../../stores/redis-connection.ts';
import { RedisScript } from '../../stores/redis-script.ts';
import type { CountedRequest, RateLimitStore } from './rate-limit-store.ts';

/** Options of {@link RedisRateLimitStore.open}. */
export interface RedisRateLimitStoreOptions {
  /** URL of Redis, such as `redis://127.0.0.1:6379`. */
  readonly url: string;
  /** Begins all keys. @defaultValue 'gale-rate' */
  readonly prefix?: string;
  /** Longest wait for Redis, in milliseconds. After it requests are not limited. @defaultValue 1 000 */
  readonly timeoutMs?: number;
  /** Log of the connection. @defaultValue JSON lines on standard output, from `warn` on */
  readonly log?: Logger;
}

/**
 * Counts in Redis. Pass it to `rateLimit` as `store`, and close it after the server.
 *
 * @example
 * const store = await RedisRateLimitStore.open({ url: 'redis://127.0.0.1:6379' });
 * new Application(routes, { middleware: [rateLimit({ limit: 100, store })] });
 */
export class RedisRateLimitStore implements RateLimitStore {
  readonly #connection: RedisConnection;
  readonly #prefix: string;

  private constructor(connection: RedisConnection, prefix: string) {
    this.#connection = connection;
    this.#prefix = prefix;
  }

  /**
   * Connects to Redis.
   *
   * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`; `ROOM_UNAVAILABLE` if Redis does not respond, `ROOM_STORE_REFUSED` if
   *   it refuses the connection.
   */
  static async open(options: RedisRateLimitStoreOptions): Promise<RedisRateLimitStore> {
    const { url, prefix, timeoutMs, log } = resolveRedisRateLimitStoreOptions(options);
    const connection = new RedisConnection({
      address: new RedisAddress(url),
      name: 'rate-limits',
      timeoutMs,
      log,
      prepareConnection: (client) => countScript.load(client),
    });
    await connection.open();
    return new RedisRateLimitStore(connection, prefix);
  }

  async count(key: string, windowMs: number): Promise<CountedRequest> {
    const reply = await this.#connection.run((client) =>
      countScript.run(client, [`${this.#prefix}:{${key}}`], [String(windowMs)]),
    );
    const [count, resetMs] = reply as [number, number];
    return { count, resetMs };
  }

  /** Disconnects. */
  async close(): Promise<void> {
    await this.#connection.close();
  }
}

/** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`, but for `url`. */
export function resolveRedisRateLimitStoreOptions(
  options: RedisRateLimitStoreOptions,
): Required<RedisRateLimitStoreOptions> {
  assertNames('RedisRateLimitStore', options, ['url', 'prefix', 'timeoutMs', 'log']);
  const { url, prefix = 'gale-rate', log = createLogger() } = options;
  assertFilledString('prefix', prefix);
  if (!/^[^\s{}]{1,100}$/.test(prefix)) {
    throw wrongValue('prefix', 'a string of 1 to 100 characters without braces and spaces', prefix);
  }
  const { timeoutMs } = readIntegers(options, { timeoutMs: [1_000, 10, 60_000] });
  assertLog(log);
  return { url, prefix, timeoutMs, log };
}

/** Counts, and begins a window with the first request. A key without a lifetime would never end, so it gets one. */
const countScript = new RedisScript(`
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return { count, left }
`);
