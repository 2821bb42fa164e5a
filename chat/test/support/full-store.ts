/**
 * Makes the store of a running server full or read-only, and writable again. For SQLite it sets the file size limit of the
 * kernel: a write that would grow a file fails, as on a full disk. For Redis it changes settings.
 */
import type { TestContext } from 'node:test';
import {
  fillDisk,
  freeDisk,
  fullDiskMissing,
  redisCommand,
  redisMissing,
  startRedis,
  type RedisServer,
} from 'gale/testing';
import { startServer, temporaryFolder, type ServerProcess } from './chat-server.ts';

/** A server whose store refuses writes on demand. */
export interface LimitedServer {
  readonly server: ServerProcess;
  /** Starts another server on the same store. Missing for a store that servers cannot share. */
  readonly another?: () => Promise<ServerProcess>;
  /** Makes all writes fail. Reads still work. */
  refuseWrites(): Promise<void>;
  /** Makes writes succeed again. */
  allowWrites(): Promise<void>;
}

/** A condition in which a store refuses writes. */
export interface Limit {
  readonly name: string;
  /** Why it cannot be tested on this machine, or false. */
  readonly skip: string | false;
  start(t: TestContext, words?: readonly string[]): Promise<LimitedServer>;
}

async function onRedis(
  t: TestContext,
  words: readonly string[],
  refuse: (redis: RedisServer) => Promise<unknown>,
  allow: (redis: RedisServer) => Promise<unknown>,
): Promise<LimitedServer> {
  const redis = await startRedis({ appendOnly: true });
  t.after(() => redis.stop());
  const another = (): Promise<ServerProcess> => startServer(t, { words: [`--redis=${redis.url}`, ...words] });
  return {
    server: await another(),
    another,
    refuseWrites: async () => void (await refuse(redis)),
    allowWrites: async () => void (await allow(redis)),
  };
}

export const limits: readonly Limit[] = [
  {
    name: 'a full disk under SQLite',
    skip: fullDiskMissing(),
    start: async (t, words = []) => {
      const server = await startServer(t, { words: [`--data=${await temporaryFolder(t)}`, ...words] });
      return {
        server,
        refuseWrites: async () => fillDisk(server.pid),
        allowWrites: async () => freeDisk(server.pid),
      };
    },
  },
  {
    name: 'a Redis without memory',
    skip: redisMissing(),
    start: (t, words = []) =>
      onRedis(
        t,
        words,
        (redis) => redisCommand(redis, 'CONFIG', 'SET', 'maxmemory', '1'),
        (redis) => redisCommand(redis, 'CONFIG', 'SET', 'maxmemory', '0'),
      ),
  },
  {
    name: 'a Redis without the replicas it needs to write',
    skip: redisMissing(),
    start: (t, words = []) =>
      onRedis(
        t,
        words,
        (redis) => redisCommand(redis, 'CONFIG', 'SET', 'min-replicas-to-write', '1'),
        (redis) => redisCommand(redis, 'CONFIG', 'SET', 'min-replicas-to-write', '0'),
      ),
  },
  {
    name: 'a Redis that was made a replica',
    skip: redisMissing(),
    start: (t, words = []) =>
      onRedis(
        t,
        words,
        async (redis) => {
          // Nothing listens on that port, so Redis keeps its data.
          await redisCommand(redis, 'REPLICAOF', '127.0.0.1', '1');
        },
        (redis) => redisCommand(redis, 'REPLICAOF', 'NO', 'ONE'),
      ),
  },
];
