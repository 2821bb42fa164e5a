/**
 * Counts of attempts for several servers, in keys of Redis that expire. While Redis refuses writes, each server counts
 * in its own memory: guessing stays limited, and nobody is locked out.
 */
import type { AttemptStore } from '../accounts/attempt-limit.ts';
import { MemoryAttempts } from './memory-attempts.ts';
import type { RedisClient, RedisConnection } from './redis-connection.ts';
import { isUnavailable } from './unavailable.ts';

const countScript = `
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {count, left}
`;
/** Does not create an expired key again with a count below zero. */
const giveBackScript = `
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count > 0 then redis.call('DECR', KEYS[1]) end
`;

export class RedisAttempts implements AttemptStore {
  readonly #redis: Pick<RedisConnection, 'run'>;
  readonly #meanwhile: MemoryAttempts = new MemoryAttempts();

  constructor(redis: Pick<RedisConnection, 'run'>) {
    this.#redis = redis;
  }

  async count(key: string, windowMs: number): Promise<{ count: number; resetMs: number }> {
    const reply = await this.#write((redis) =>
      redis.eval(countScript, { keys: [prefixed(key)], arguments: [String(windowMs)] }),
    );
    if (reply === undefined) return this.#meanwhile.count(key, windowMs);
    const [count, resetMs] = reply as [number, number];
    return { count, resetMs };
  }

  async giveBack(key: string): Promise<void> {
    await this.#meanwhile.giveBack(key);
    await this.#write((redis) => redis.eval(giveBackScript, { keys: [prefixed(key)], arguments: [] }));
  }

  async forget(key: string): Promise<void> {
    await this.#meanwhile.forget(key);
    await this.#write((redis) => redis.del(prefixed(key)));
  }

  /** @returns Undefined if Redis is unavailable. */
  async #write<Result>(command: (client: RedisClient) => Promise<Result>): Promise<Result | undefined> {
    try {
      return await this.#redis.run(command);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      return undefined;
    }
  }
}

function prefixed(key: string): string {
  return `chat:attempts:${key}`;
}
