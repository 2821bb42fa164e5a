/**
 * The keys of the version before the database in Redis. After the import they expire, so that passwords do not stay there; until then an
 * operator can go back.
 */
import type { RedisConnection } from '../store/redis-connection.ts';
import { olderSession } from './former-folder.ts';
import {
  importFormerData,
  type FormerData,
  type FormerPerson,
  type FormerRoom,
  type FormerSession,
  type ImportOptions,
} from './import-former.ts';

const accounts = 'chat:{accounts}:records';
const passwords = 'chat:{accounts}:passwords';
const rooms = 'chat:{rooms}:records';
const hiddenRooms = 'chat:{rooms}:hidden';
/** Rooms that only their makers joined. */
const unjoinedRooms = 'chat:{rooms}:lonely';
const sessionPrefix = 'chat:sessions:';
const olderPrefix = 'chat:session:';
/** All keys that the database replaces. Others, such as counts of attempts, are in use. */
const replaced = /^chat:(?:\{accounts\}|\{rooms\}|sessions?|sessions-of|sessions-moved|sessions-mover)(?::|$)/;
/** How long they stay after the import, in milliseconds. */
export const keptMs: number = 30 * 24 * 60 * 60 * 1000;
/** Keys or fields that one command reads. */
const partSize = 500;
/** In the table `setting`, after the import. */
const importedName = 'former-redis';

/**
 * Imports the keys if they are there, and lets them expire. Of several servers that start at the same time, one imports; the others wait.
 *
 * @throws {@link GaleError} `ROOM_UNAVAILABLE` if Redis or the database does not respond; then nothing was copied.
 */
export async function importFormerRedis(redis: RedisConnection, options: ImportOptions): Promise<void> {
  const leftMs = await redis.run((client) => client.pTTL(accounts));
  // No such key: a new chat. An expiry: another start has done all.
  if (leftMs !== -1) return;
  await importFormerData(new FormerRedis(redis), { ...options, once: importedName });
  try {
    await expire(redis);
  } catch (error) {
    options.log.warn({ err: error }, 'The keys of the version before stay in Redis; the next start lets them expire');
  }
}

/** The key of the accounts is the last one: while it has no expiry, the next start repeats this. */
async function expire(redis: RedisConnection): Promise<void> {
  for await (const keys of scan(redis, 'chat:*')) {
    const some = keys.filter((key) => replaced.test(key) && key !== accounts);
    for (const key of some) {
      const left = await redis.run((client) => client.pTTL(key));
      if (left === -1 || left > keptMs) await redis.run((client) => client.pExpire(key, keptMs));
    }
  }
  await redis.run((client) => client.pExpire(accounts, keptMs));
}

async function* scan(redis: RedisConnection, pattern: string): AsyncGenerator<readonly string[]> {
  let cursor = '0';
  do {
    const from = cursor;
    const found = await redis.run((client) => client.scan(from, { MATCH: pattern, COUNT: partSize }));
    ({ cursor } = found);
    if (found.keys.length > 0) yield found.keys;
  } while (cursor !== '0');
}

class FormerRedis implements FormerData {
  readonly #redis: RedisConnection;

  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  async rooms(): Promise<readonly FormerRoom[]> {
    const [shown, hidden, unjoined] = await this.#redis.run((client) =>
      Promise.all([client.hVals(rooms), client.hVals(hiddenRooms), client.zRange(unjoinedRooms, 0, -1)]),
    );
    const read = (text: string, isHidden: boolean): FormerRoom => {
      const { id, name, nameKey, madeBy, madeAt } = JSON.parse(text) as FormerRoom;
      return { id, name, nameKey, madeBy, madeAt, isKept: !unjoined.includes(id), isHidden };
    };
    return [...shown.map((text) => read(text, false)), ...hidden.map((text) => read(text, true))];
  }

  async *people(): AsyncGenerator<readonly FormerPerson[]> {
    let cursor = '0';
    do {
      const from = cursor;
      const found = await this.#redis.run((client) => client.hScan(accounts, from, { COUNT: partSize }));
      ({ cursor } = found);
      const ids = found.entries.map(({ field }) => field);
      if (ids.length === 0) continue;
      const [hashes, own] = await this.#redis.run((client) =>
        Promise.all([
          client.hmGet(passwords, ids),
          Promise.all(ids.map((id) => client.sMembers(`chat:{rooms}:of:${id}`))),
        ]),
      );
      yield found.entries.map(({ field: id, value }, index) => {
        const { name, nameKey, createdAt } = JSON.parse(value) as Pick<FormerPerson, 'name' | 'nameKey' | 'createdAt'>;
        return { id, name, nameKey, createdAt, passwordHash: hashes[index] ?? '', rooms: own[index] ?? [] };
      });
    } while (cursor !== '0');
  }

  async *sessions(): AsyncGenerator<readonly FormerSession[]> {
    for await (const keys of scan(this.#redis, `${sessionPrefix}*`)) {
      const some = keys.filter((key) => /^[0-9a-f]{64}$/.test(key.slice(sessionPrefix.length)));
      const all = await this.#redis.run((client) => Promise.all(some.map((key) => client.hGetAll(key))));
      yield all.flatMap((fields, index) => {
        const { p: personId, c, s, e } = fields;
        // It may have expired meanwhile.
        if (personId === undefined || personId === '') return [];
        const values = Object.entries(fields).filter(([name]) => name.startsWith('='));
        return {
          id: (some[index] ?? '').slice(sessionPrefix.length),
          personId,
          createdAt: Number(c),
          seenAt: Number(s),
          expiresAt: Number(e),
          values: new Map(values.map(([name, text]) => [name.slice(1), text])),
        };
      });
    }
    for await (const keys of scan(this.#redis, `${olderPrefix}*`)) {
      // MGET returns null for keys of another kind.
      const texts = await this.#redis.run((client) => client.mGet([...keys]));
      yield keys.flatMap((key, index) => {
        const text = texts[index];
        if (text === null || text === undefined) return [];
        const { personId, expiresAt } = JSON.parse(text) as Pick<FormerSession, 'personId' | 'expiresAt'>;
        return olderSession(key.slice(olderPrefix.length), personId, expiresAt);
      });
    }
  }
}
