/**
 * Counts of tries for several servers: keys in Redis that run out by themselves.
 */
import type { TryStore } from '../accounts/try-limit.ts';
import type { RedisConnection } from './redis-connection.ts';

const countScript = `
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {count, left}
`;
/** A key that ran out meanwhile is not made anew below zero. */
const giveBackScript = `
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count > 0 then redis.call('DECR', KEYS[1]) end
`;

export class RedisTries implements TryStore {
  readonly #redis: RedisConnection;

  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  async count(key: string, windowMs: number): Promise<{ count: number; resetMs: number }> {
    const answer = await this.#redis.run((redis) =>
      redis.eval(countScript, { keys: [prefixed(key)], arguments: [String(windowMs)] }),
    );
    const [count, resetMs] = answer as [number, number];
    return { count, resetMs };
  }

  async giveBack(key: string): Promise<void> {
    await this.#redis.run((redis) => redis.eval(giveBackScript, { keys: [prefixed(key)], arguments: [] }));
  }

  async forget(key: string): Promise<void> {
    await this.#redis.run((redis) => redis.del(prefixed(key)));
  }
}

function prefixed(key: string): string {
  return `chat:tries:${key}`;
}
