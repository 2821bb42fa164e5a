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
export interface RefusingServer {
  readonly server: ServerProcess;
  /** Starts another server on the same store. Missing for a store that servers cannot share. */
  readonly startAnother?: () => Promise<ServerProcess>;
  /** Makes all writes fail. Reads still work. */
  refuseWrites(): Promise<void>;
  /** Makes writes succeed again. */
  allowWrites(): Promise<void>;
}

/** A store that is full or read-only. */
export interface FullStore {
  readonly name: string;
  /** Why it cannot be tested on this machine, or false. */
  readonly skip: string | false;
  start(t: TestContext, args?: readonly string[]): Promise<RefusingServer>;
}

async function onRedis(
  t: TestContext,
  args: readonly string[],
  refuse: (redis: RedisServer) => Promise<unknown>,
  allow: (redis: RedisServer) => Promise<unknown>,
): Promise<RefusingServer> {
  const redis = await startRedis({ appendOnly: true });
  t.after(() => redis.stop());
  const startAnother = (): Promise<ServerProcess> => startServer(t, { args: [`--redis=${redis.url}`, ...args] });
  return {
    server: await startAnother(),
    startAnother,
    refuseWrites: async () => void (await refuse(redis)),
    allowWrites: async () => void (await allow(redis)),
  };
}

export const fullStores: readonly FullStore[] = [
  {
    name: 'a full disk under SQLite',
    skip: fullDiskMissing(),
    start: async (t, args = []) => {
      const server = await startServer(t, { args: [`--data=${await temporaryFolder(t)}`, ...args] });
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
    start: (t, args = []) =>
      onRedis(
        t,
        args,
        (redis) => redisCommand(redis, 'CONFIG', 'SET', 'maxmemory', '1'),
        (redis) => redisCommand(redis, 'CONFIG', 'SET', 'maxmemory', '0'),
      ),
  },
  {
    name: 'a Redis with fewer replicas than min-replicas-to-write',
    skip: redisMissing(),
    start: (t, args = []) =>
      onRedis(
        t,
        args,
        (redis) => redisCommand(redis, 'CONFIG', 'SET', 'min-replicas-to-write', '1'),
        (redis) => redisCommand(redis, 'CONFIG', 'SET', 'min-replicas-to-write', '0'),
      ),
  },
  {
    name: 'a Redis that was made a replica',
    skip: redisMissing(),
    start: (t, args = []) =>
      onRedis(
        t,
        args,
        async (redis) => {
          // Nothing listens on that port, so Redis keeps its data.
          await redisCommand(redis, 'REPLICAOF', '127.0.0.1', '1');
        },
        (redis) => redisCommand(redis, 'REPLICAOF', 'NO', 'ONE'),
      ),
  },
];
