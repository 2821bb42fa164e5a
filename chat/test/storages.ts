/**
 * The two things that a chat can be kept in, for tests that have to hold for both.
 */
import type { TestContext } from 'node:test';
import { redisMissing, startRedis } from 'gale/testing';
import { temporaryFolder } from './support.ts';

/** A storage of a test's own. */
export interface TestStorage {
  /** Options that make a server use it. */
  readonly words: readonly string[];
  /** Kills what it runs in and starts that again on the same data. */
  restart(): Promise<void>;
}

export interface StorageKind {
  readonly name: string;
  /** Why it cannot be tested here, or false. */
  readonly skip: string | false;
  /** Whether something runs that can be killed apart from the chat server. */
  readonly canRestart: boolean;
  open(t: TestContext): Promise<TestStorage>;
}

export const storages: readonly StorageKind[] = [
  {
    name: 'SQLite',
    skip: false,
    canRestart: false,
    open: async (t) => ({ words: [`--data=${await temporaryFolder(t)}`], restart: () => Promise.resolve() }),
  },
  {
    name: 'Redis',
    skip: redisMissing(),
    canRestart: true,
    open: async (t) => {
      const redis = await startRedis({ appendOnly: true });
      t.after(() => redis.stop());
      return {
        words: [`--redis=${redis.url}`],
        restart: async () => {
          await redis.kill();
          await redis.restart();
        },
      };
    },
  },
];
