/**
 * The two storages of a chat, SQLite and Redis, for tests that run on both.
 */
import type { TestContext } from 'node:test';
import { redisMissing, startRedis, type RedisServer } from 'gale/testing';
import { temporaryFolder } from './chat-server.ts';

/** A new storage for one test. */
export interface TestStorage {
  /** Options of a server that uses it. */
  readonly args: readonly string[];
  /** Its Redis server, if it is in Redis. */
  readonly redis?: RedisServer;
}

export interface StorageKind {
  readonly name: string;
  /** Why it cannot be tested on this machine, or false. */
  readonly skip: string | false;
  open(t: TestContext): Promise<TestStorage>;
}

export const storages: readonly StorageKind[] = [
  {
    name: 'SQLite',
    skip: false,
    open: async (t) => ({ args: [`--data=${await temporaryFolder(t)}`] }),
  },
  {
    name: 'Redis',
    skip: redisMissing(),
    open: async (t) => {
      const redis = await startRedis({ appendOnly: true });
      t.after(() => redis.stop());
      return { args: [`--redis=${redis.url}`], redis };
    },
  },
];
