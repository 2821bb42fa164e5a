/**
 * Makes the storage of a running server full or read-only, and writable again. For SQLite it sets the file size limit of the
 * kernel: a write that would grow a file fails, as on a full disk. For Redis and PostgreSQL it changes settings.
 */
import type { TestContext } from 'node:test';
import { Client } from 'pg';
import { fillDisk, freeDisk, fullDiskMissing, redisCommand, type RedisServer } from 'gale/testing';
import { startServer, temporaryFolder, type ServerProcess } from './chat-server.ts';
import { postgresMissing } from './postgres-server.ts';
import { severalServers, sharedPostgres } from './storages.ts';

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
  /** Parts that refuse writes, as /health names them. */
  readonly failing: readonly ('database' | 'broker')[];
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
  const storage = await severalServers.open(t);
  const { redis } = storage;
  if (!redis) throw new Error('it has no Redis');
  const startAnother = (): Promise<ServerProcess> => startServer(t, { args: [...storage.args, ...args] });
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
    failing: ['database', 'broker'],
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
    name: 'a PostgreSQL that is read-only',
    failing: ['database'],
    skip: postgresMissing(),
    start: async (t, args = []) => {
      const url = await (await sharedPostgres()).createDatabase();
      const database = new URL(url).pathname.slice(1);
      const set = async (value: 'on' | 'off'): Promise<void> => {
        const client = new Client({ connectionString: url });
        await client.connect();
        try {
          await client.query('SET default_transaction_read_only = off');
          await client.query(`ALTER DATABASE ${database} SET default_transaction_read_only = ${value}`);
          // The setting is that of new connections.
          await client.query(
            'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
          );
        } finally {
          await client.end();
        }
      };
      const data = await temporaryFolder(t);
      const server = await startServer(t, { args: [`--data=${data}`, `--database=${url}`, ...args] });
      const change = async (value: 'on' | 'off'): Promise<void> => {
        await set(value);
        // After these responses the server has seen that its connections ended.
        for (let turn = 0; turn < 3; turn++) await (await fetch(`${server.url}/login`)).text();
      };
      return { server, refuseWrites: () => change('on'), allowWrites: () => change('off') };
    },
  },
  {
    name: 'a Redis without memory',
    failing: ['broker'],
    skip: severalServers.skip,
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
    failing: ['broker'],
    skip: severalServers.skip,
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
    failing: ['broker'],
    skip: severalServers.skip,
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
