/**
 * The storages of a chat, for tests that run on each: SQLite, and Redis for what is live. Servers that share a Redis share a PostgreSQL too.
 */
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { createLogger } from 'gale';
import { redisMissing, startRedis, type RedisServer } from 'gale/testing';
import { openPostgres, openSqlite, type ChatDatabase } from '../../database/database.ts';
import type { ServedParts } from './app.ts';
import { temporaryFolder } from './chat-server.ts';
import { postgresMissing, startPostgres, type PostgresServer } from './postgres-server.ts';

/** A new storage for one test. */
export interface TestStorage {
  /** Options of a server that uses it. */
  readonly args: readonly string[];
  /** Its Redis server, if it is in Redis. */
  readonly redis?: RedisServer;
  /** Opens its database once more, beside the server. The caller closes it. */
  openDatabase(): Promise<ChatDatabase>;
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
    open: async (t) => inFolder(await temporaryFolder(t)),
  },
  {
    name: 'Redis',
    skip: redisMissing(),
    open: async (t) => {
      const redis = await startRedis({ appendOnly: true });
      t.after(() => redis.stop());
      const { args, openDatabase } = inFolder(await temporaryFolder(t));
      return { args: [`--redis=${redis.url}`, ...args], redis, openDatabase };
    },
  },
];

/** A chat in a data folder. */
export function inFolder(data: string): TestStorage {
  return { args: [`--data=${data}`], openDatabase: () => openSqlite(join(data, 'database.sqlite')) };
}

/** A chat in PostgreSQL. */
export function inPostgres(url: string): TestStorage {
  return {
    args: [`--database=${url}`],
    openDatabase: () => openPostgres(url, createLogger({ level: 'error' })),
  };
}

let postgres: Promise<PostgresServer> | undefined;
after(async () => (await postgres)?.stop());

/** The PostgreSQL of the test file. */
export function sharedPostgres(): Promise<PostgresServer> {
  return (postgres ??= startPostgres());
}

/** The databases of a chat that a test serves itself. */
export const servedDatabases: readonly {
  readonly name: string;
  /** Why it cannot be tested on this machine, or false. */
  readonly skip: string | false;
  parts(): Promise<ServedParts>;
}[] = [
  { name: 'SQLite', skip: false, parts: async () => ({}) },
  {
    name: 'PostgreSQL',
    skip: postgresMissing(),
    parts: async () => {
      const { openDatabase } = inPostgres(await (await sharedPostgres()).createDatabase());
      return { database: await openDatabase(), closesDatabase: true };
    },
  },
];

/** The storage of several servers. */
export const severalServers: StorageKind = {
  name: 'Redis and PostgreSQL',
  skip: redisMissing() || postgresMissing(),
  open: async (t) => {
    const redis = await startRedis({ appendOnly: true });
    t.after(() => redis.stop());
    const { args, openDatabase } = inPostgres(await (await sharedPostgres()).createDatabase());
    return { args: [`--redis=${redis.url}`, ...args], redis, openDatabase };
  },
};

/** The storages whose database is PostgreSQL. The newest messages are in SQLite or in Redis. */
export const storagesWithPostgres: readonly StorageKind[] = [
  {
    name: 'SQLite and PostgreSQL',
    skip: postgresMissing(),
    open: async (t) => {
      const { args, openDatabase } = inPostgres(await (await sharedPostgres()).createDatabase());
      return { args: [`--data=${await temporaryFolder(t)}`, ...args], openDatabase };
    },
  },
  severalServers,
];
