/**
 * The two things that a chat can be kept in, for tests that have to hold for both.
 */
import type { TestContext } from 'node:test';
import { redisMissing, startRedis, type RedisServer } from 'gale/testing';
import { temporaryFolder } from './chat-server.ts';

/** A storage of a test's own. */
export interface TestStorage {
  /** Options that make a server use it. */
  readonly words: readonly string[];
  /** The Redis it is in, if it is in one. */
  readonly redis?: RedisServer;
}

export interface StorageKind {
  readonly name: string;
  /** Why it cannot be tested here, or false. */
  readonly skip: string | false;
  open(t: TestContext): Promise<TestStorage>;
}

export const storages: readonly StorageKind[] = [
  {
    name: 'SQLite',
    skip: false,
    open: async (t) => ({ words: [`--data=${await temporaryFolder(t)}`] }),
  },
  {
    name: 'Redis',
    skip: redisMissing(),
    open: async (t) => {
      const redis = await startRedis({ appendOnly: true });
      t.after(() => redis.stop());
      return { words: [`--redis=${redis.url}`], redis };
    },
  },
];
