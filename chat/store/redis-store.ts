/**
 * The store for several servers: keys of one Redis with the prefix `chat:`, beside those of the broker.
 * Keys that one script uses share a hash tag. The settings of Redis decide how much a crash loses
 * (`appendfsync always` loses nothing).
 */
import { randomUUID } from 'node:crypto';
import { GaleError, type Logger } from 'gale';
import { RedisAccounts } from './redis-accounts.ts';
import { RedisConnection } from './redis-connection.ts';
import { RedisRooms } from './redis-rooms.ts';
import { RedisFormerSessions } from './redis-former-sessions.ts';
import { RedisAttempts } from './redis-attempts.ts';
import type { ChatStore } from './store.ts';

const secretKey = 'chat:cookie-secret';
/** Lifetime of the value of a health check, in milliseconds. */
const healthMs = 60_000;

export class RedisStore implements ChatStore {
  readonly accounts: RedisAccounts;
  readonly formerSessions: RedisFormerSessions;
  readonly rooms: RedisRooms;
  readonly attempts: RedisAttempts;
  readonly #redis: RedisConnection;
  /** Unique, so that a server does not read the value of another one. */
  readonly #healthKey: string = `chat:health:${randomUUID()}`;

  private constructor(redis: RedisConnection) {
    this.#redis = redis;
    this.accounts = new RedisAccounts(redis);
    this.formerSessions = new RedisFormerSessions(redis);
    this.rooms = new RedisRooms(redis);
    this.attempts = new RedisAttempts(redis);
  }

  /** @throws {@link StartError} if Redis does not respond. */
  static async open(url: string, log: Logger): Promise<RedisStore> {
    return new RedisStore(await RedisConnection.open(url, log));
  }

  /** Gives all servers of one chat the same secret. @returns `candidate`, or the secret that is stored already. */
  async agreeOnSecret(candidate: string): Promise<string> {
    // A Redis that refuses writes may contain the secret.
    const known = await this.#redis.run((redis) => redis.get(secretKey));
    if (known !== null) return known;
    const first = await this.#redis.run((redis) => redis.set(secretKey, candidate, { condition: 'NX', GET: true }));
    return first ?? candidate;
  }

  async check(): Promise<void> {
    const value = randomUUID();
    const [, read] = await this.#redis.run((redis) =>
      Promise.all([
        redis.set(this.#healthKey, value, { expiration: { type: 'PX', value: healthMs } }),
        redis.get(this.#healthKey),
      ]),
    );
    if (read !== value) throw new GaleError('ROOM_UNAVAILABLE', `Redis returned ${String(read)} instead of ${value}.`);
  }

  close(): Promise<void> {
    return this.#redis.close();
  }
}
