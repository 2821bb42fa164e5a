/**
 * Sessions in Redis. Each session is a key that expires. Each person has a list of their sessions, sorted by expiry.
 */
import type { Session, SessionStore } from '../accounts/session.ts';
import type { RedisConnection } from './redis-connection.ts';

/**
 * Adds a session to the list of its person, removes expired ones, and returns those over the limit: at most 100 in one call,
 * which bounds the work. The list expires together with its last session.
 */
const addScript = `
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if last[2] then redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last[2])) end
local most = tonumber(ARGV[4])
if most < 0 then return {} end
local tooMany = redis.call('ZCARD', KEYS[1]) - most
local first = {}
if tooMany <= 0 then return first end
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, math.min(tooMany, 100))) do
  if id ~= ARGV[1] and #first < tooMany then first[#first + 1] = id end
end
return first
`;

export class RedisSessions implements SessionStore {
  readonly #redis: RedisConnection;
  readonly #now: () => number;

  constructor(redis: RedisConnection, now: () => number) {
    this.#redis = redis;
    this.#now = now;
  }

  async add({ id, personId, expiresAt }: Session, most: number): Promise<string[]> {
    return this.#redis.run(async (redis) => {
      await redis.set(key(id), JSON.stringify({ personId, expiresAt }), {
        expiration: { type: 'PXAT', value: expiresAt },
      });
      const first = (await redis.eval(addScript, {
        keys: [sessionsOf(personId)],
        arguments: [id, String(expiresAt), String(this.#now()), most === Infinity ? '-1' : String(most)],
      })) as string[];
      if (first.length === 0) return [];
      // Delete the sessions before their entries in the list: if the second step fails, the next new session repeats both.
      await redis.del(first.map(key));
      await redis.zRem(sessionsOf(personId), first);
      return first;
    });
  }

  async find(id: string): Promise<Session | undefined> {
    const text = await this.#redis.run((redis) => redis.get(key(id)));
    return this.#read(id, text);
  }

  async extend(id: string, expiresAt: number): Promise<void> {
    const session = await this.find(id);
    if (!session) return;
    // XX: does not restore a session that ended meanwhile.
    await this.#redis.run(async (redis) => {
      const moved = await redis.set(key(id), JSON.stringify({ personId: session.personId, expiresAt }), {
        condition: 'XX',
        expiration: { type: 'PXAT', value: expiresAt },
      });
      if (moved === null) return;
      await redis.eval(addScript, {
        keys: [sessionsOf(session.personId)],
        arguments: [id, String(expiresAt), String(this.#now()), '-1'],
      });
    });
  }

  async delete(id: string): Promise<boolean> {
    return this.#redis.run(async (redis) => {
      const text = await redis.getDel(key(id));
      if (text === null) return false;
      const { personId } = JSON.parse(text) as Omit<Session, 'id'>;
      await redis.zRem(sessionsOf(personId), id);
      return true;
    });
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

function sessionsOf(personId: string): string {
  return `chat:sessions-of:${personId}`;
}
