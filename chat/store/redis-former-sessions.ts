/**
 * The keys of sessions in Redis. Of several servers that start at the same time, one moves the sessions; the others wait until it is done:
 * a session that ended on one of them must not return with a step of another one. If the server ends, the next one continues.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { FormerSession, FormerSessions } from './former-sessions.ts';
import type { RedisConnection } from './redis-connection.ts';

const prefix = 'chat:session:';
/** Stored after all sessions were moved. */
const movedKey = 'chat:sessions-moved';
/** The server that moves them. */
const moverKey = 'chat:sessions-mover';

/** Keys that one step of Redis reads. */
const partSize = 500;
/** How long a server has for one step before another one continues, in milliseconds. */
const leaseMs = 30_000;
/** Time between two looks at the server that moves the sessions, in milliseconds. */
const waitMs = 100;

/** Extends the lease of the server that has it. */
const extendScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;
const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
`;

export class RedisFormerSessions implements FormerSessions {
  readonly #redis: RedisConnection;
  readonly #mover: string = randomUUID();

  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  async *parts(): AsyncGenerator<readonly FormerSession[]> {
    while ((await this.#redis.run((redis) => redis.exists(movedKey))) === 0) {
      if (!(await this.#takeLease())) {
        await delay(waitMs);
        continue;
      }
      try {
        let cursor = '0';
        do {
          const from = cursor;
          const found = await this.#redis.run((redis) => redis.scan(from, { MATCH: `${prefix}*`, COUNT: partSize }));
          ({ cursor } = found);
          if (!(await this.#hasLease())) break;
          const sessions = found.keys.length === 0 ? [] : await this.#read(found.keys);
          if (sessions.length > 0) yield sessions;
          if (cursor === '0') await this.#redis.run((redis) => redis.set(movedKey, String(Date.now())));
        } while (cursor !== '0');
      } finally {
        await this.#redis.run((redis) => redis.eval(releaseScript, { keys: [moverKey], arguments: [this.#mover] }));
      }
    }
  }

  async remove(sessions: readonly FormerSession[]): Promise<void> {
    const lists = new Set(sessions.map(({ personId }) => `chat:sessions-of:${personId}`));
    await this.#redis.run((redis) => redis.del([...sessions.map(({ id }) => prefix + id), ...lists]));
  }

  async #read(keys: readonly string[]): Promise<FormerSession[]> {
    const texts = await this.#redis.run((redis) => redis.mGet([...keys]));
    return keys.flatMap((key, index) => {
      const text = texts[index];
      if (text === null || text === undefined) return [];
      return [{ id: key.slice(prefix.length), ...(JSON.parse(text) as Omit<FormerSession, 'id'>) }];
    });
  }

  async #takeLease(): Promise<boolean> {
    const reply = await this.#redis.run((redis) =>
      redis.set(moverKey, this.#mover, { condition: 'NX', expiration: { type: 'PX', value: leaseMs } }),
    );
    return reply !== null;
  }

  async #hasLease(): Promise<boolean> {
    const reply = await this.#redis.run((redis) =>
      redis.eval(extendScript, { keys: [moverKey], arguments: [this.#mover, String(leaseMs)] }),
    );
    return reply === 1;
  }
}
