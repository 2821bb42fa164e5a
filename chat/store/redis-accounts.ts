/**
 * Accounts in Redis: three hashes, written together. `names` maps the key of a name to its account.
 */
import type { Account, AccountStore } from '../accounts/account.ts';
import type { RedisConnection } from './redis-connection.ts';

const names = 'chat:{accounts}:names';
const records = 'chat:{accounts}:records';
const passwords = 'chat:{accounts}:passwords';

const addScript = `
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('HSET', KEYS[3], ARGV[2], ARGV[4])
return 1
`;

export class RedisAccounts implements AccountStore {
  readonly #redis: RedisConnection;

  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  async add({ id, name, nameKey, passwordHash, createdAt }: Account): Promise<boolean> {
    const added = await this.#redis.run((redis) =>
      redis.eval(addScript, {
        keys: [names, records, passwords],
        arguments: [nameKey, id, JSON.stringify({ name, nameKey, createdAt }), passwordHash],
      }),
    );
    return added === 1;
  }

  async findByNameKey(nameKey: string): Promise<Account | undefined> {
    const id = await this.#redis.run((redis) => redis.hGet(names, nameKey));
    return id === null || id === undefined ? undefined : this.findById(id);
  }

  async findById(id: string): Promise<Account | undefined> {
    const [record, passwordHash] = await this.#redis.run((redis) =>
      Promise.all([redis.hGet(records, id), redis.hGet(passwords, id)]),
    );
    if (!record || !passwordHash) return undefined;
    const { name, nameKey, createdAt } = JSON.parse(record) as Omit<Account, 'id' | 'passwordHash'>;
    return { id, name, nameKey, passwordHash, createdAt };
  }

  async setPasswordHash(id: string, passwordHash: string): Promise<void> {
    await this.#redis.run((redis) => redis.hSet(passwords, id, passwordHash));
  }
}
