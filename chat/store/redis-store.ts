/**
 * The store of several servers: one Redis, beside the broker's keys, under the prefix `chat:`.
 * What belongs together in one script shares a hash tag. How much a crash of Redis may lose is Redis's setting
 * (`appendfsync always` loses nothing).
 */
import type { Logger } from 'gale';
import { RedisAccounts } from './redis-accounts.ts';
import { RedisConnection } from './redis-connection.ts';
import { RedisRooms } from './redis-rooms.ts';
import { RedisSessions } from './redis-sessions.ts';
import { RedisTries } from './redis-tries.ts';
import type { ChatStore } from './store.ts';

export class RedisStore implements ChatStore {
  readonly accounts: RedisAccounts;
  readonly sessions: RedisSessions;
  readonly rooms: RedisRooms;
  readonly tries: RedisTries;
  readonly #redis: RedisConnection;

  private constructor(redis: RedisConnection, now: () => number) {
    this.#redis = redis;
    this.accounts = new RedisAccounts(redis);
    this.sessions = new RedisSessions(redis, now);
    this.rooms = new RedisRooms(redis);
    this.tries = new RedisTries(redis);
  }

  /** @throws {@link StartError} if Redis does not answer. */
  static async open(url: string, log: Logger, now: () => number = Date.now): Promise<RedisStore> {
    return new RedisStore(await RedisConnection.open(url, log), now);
  }

  /** Gives all servers of one chat the same secret. @returns `candidate`, or the one that was there before. */
  async agreeOnSecret(candidate: string): Promise<string> {
    const first = await this.#redis.run((redis) =>
      redis.set('chat:cookie-secret', candidate, { condition: 'NX', GET: true }),
    );
    return first ?? candidate;
  }

  close(): Promise<void> {
    return this.#redis.close();
  }
}
