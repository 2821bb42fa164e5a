/**
 * Sessions in Redis: one key each, which Redis itself lets run out.
 */
import type { Session, SessionStore } from '../accounts/session.ts';
import type { RedisConnection } from './redis-connection.ts';

export class RedisSessions implements SessionStore {
  readonly #redis: RedisConnection;
  readonly #now: () => number;

  constructor(redis: RedisConnection, now: () => number) {
    this.#redis = redis;
    this.#now = now;
  }

  async add({ id, personId, expiresAt }: Session): Promise<void> {
    await this.#redis.run((redis) =>
      redis.set(key(id), JSON.stringify({ personId, expiresAt }), { expiration: { type: 'PXAT', value: expiresAt } }),
    );
  }

  async find(id: string): Promise<Session | undefined> {
    const text = await this.#redis.run((redis) => redis.get(key(id)));
    return this.#read(id, text);
  }

  async extend(id: string, expiresAt: number): Promise<void> {
    const session = await this.find(id);
    if (!session) return;
    // XX: a session that was ended meanwhile stays ended.
    await this.#redis.run((redis) =>
      redis.set(key(id), JSON.stringify({ personId: session.personId, expiresAt }), {
        condition: 'XX',
        expiration: { type: 'PXAT', value: expiresAt },
      }),
    );
  }

  async delete(id: string): Promise<boolean> {
    return (await this.#redis.run((redis) => redis.del(key(id)))) === 1;
  }

  async living(ids: readonly string[]): Promise<Set<string>> {
    const texts = await this.#redis.run((redis) => Promise.all(ids.map((id) => redis.get(key(id)))));
    return new Set(ids.filter((id, index) => this.#read(id, texts[index]) !== undefined));
  }

  #read(id: string, text: string | null | undefined): Session | undefined {
    if (text === null || text === undefined) return undefined;
    const { personId, expiresAt } = JSON.parse(text) as Omit<Session, 'id'>;
    return expiresAt > this.#now() ? { id, personId, expiresAt } : undefined;
  }
}

function key(id: string): string {
  return `chat:session:${id}`;
}
