/**
 * The keys of the chat in Redis, beside those of the broker, for several servers: what is live, and what all servers must agree on. The
 * database keeps what lasts.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'gale';
import { importFormerRedis } from '../former/former-redis.ts';
import type { ImportOptions } from '../former/import-former.ts';
import { StartError } from '../start-error.ts';
import { RedisAttempts } from './redis-attempts.ts';
import { RedisConnection } from './redis-connection.ts';

const secretKey = 'chat:cookie-secret';
const liveKey = 'chat:live-id';
/** Contains the id of the database. */
export const databaseKey = 'chat:database';

export class ChatRedis {
  readonly attempts: RedisAttempts;
  readonly #redis: RedisConnection;

  private constructor(redis: RedisConnection) {
    this.#redis = redis;
    this.attempts = new RedisAttempts(redis);
  }

  /** @throws {@link StartError} if Redis does not respond. */
  static async open(url: string, log: Logger): Promise<ChatRedis> {
    return new ChatRedis(await RedisConnection.open(url, log));
  }

  /** Gives all servers of one chat the same secret. @returns `candidate`, or the secret that is stored already. */
  agreeOnSecret(candidate: string): Promise<string> {
    return this.#agree(secretKey, candidate);
  }

  /**
   * Gives all servers of one chat the same database.
   *
   * @param id - The id of the database of this server.
   * @throws {@link StartError} if a server with another database used this Redis.
   */
  async agreeOnDatabase(id: string): Promise<void> {
    if ((await this.#agree(databaseKey, id)) === id) return;
    throw new StartError(
      'This Redis belongs to a chat with another database; start with the same --data as before, or give all servers the same --database=postgres://….',
    );
  }

  /** Gives all servers on this Redis the same id, which is new if Redis has lost its data. */
  agreeOnLiveId(): Promise<string> {
    return this.#agree(liveKey, randomUUID());
  }

  /** Copies the data of the version before into the database. */
  importFormer(options: ImportOptions): Promise<void> {
    return importFormerRedis(this.#redis, options);
  }

  close(): Promise<void> {
    return this.#redis.close();
  }

  /** @returns The value that the first server stored. */
  async #agree(key: string, candidate: string): Promise<string> {
    // A Redis that refuses writes may contain the value.
    const known = await this.#redis.run((redis) => redis.get(key));
    if (known !== null) return known;
    const first = await this.#redis.run((redis) => redis.set(key, candidate, { condition: 'NX', GET: true }));
    return first ?? candidate;
  }
}
