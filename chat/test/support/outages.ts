/** Outages of the stores of a chat: each kind begins and ends when the test says so. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { fillDisk, freeDisk, fullDiskMissing } from 'gale/testing';
import type { ChatDatabase } from '../../database/database.ts';
import { startServer, temporaryFolder, type ServerProcess } from './chat-server.ts';
import { postgresMissing, startPostgres } from './postgres-server.ts';
import { inFolder, inPostgres, severalServers } from './storages.ts';

/** A store that can be made useless, and repaired. */
export interface Outage {
  readonly name: string;
  readonly skip: string | false;
  /** What the log says. */
  readonly logs: RegExp;
  /** Whether messages are not stored meanwhile. With SQLite, another file has the newest ones. */
  readonly storesNothing: boolean;
  /** @param args - Further options of the server. */
  start(t: TestContext, args?: readonly string[]): Promise<BreakableServer>;
}

/** A server whose store the test breaks and repairs. */
export interface BreakableServer {
  readonly server: ServerProcess;
  begin(): Promise<void>;
  end(): Promise<void>;
  /** Opens its database once more, beside the server, while it works. The caller closes it. */
  openDatabase(): Promise<ChatDatabase>;
}

/** A connection to the SQLite file of a data folder that can begin a write of its own: it waits until the server has ended its write. */
export function databaseLock(t: TestContext, data: string): DatabaseSync {
  const lock = new DatabaseSync(join(data, 'database.sqlite'), { timeout: 10_000 });
  t.after(() => lock.close());
  return lock;
}

export const outages: readonly Outage[] = [
  {
    name: 'PostgreSQL that is stopped',
    skip: postgresMissing(),
    logs: /The database of the chat cannot be used: /,
    storesNothing: true,
    start: async (t, more = []) => {
      const postgres = await startPostgres();
      t.after(() => postgres.stop());
      const { args, openDatabase } = inPostgres(await postgres.createDatabase());
      const server = await startServer(t, { args: [...args, ...more] });
      return { server, begin: () => postgres.kill(), end: () => postgres.start(), openDatabase };
    },
  },
  {
    name: 'an SQLite file that another program locks',
    skip: false,
    logs: /cannot be used: database is locked; end the program that locks \S+database\.sqlite/,
    storesNothing: false,
    start: async (t, more = []) => {
      const data = await temporaryFolder(t);
      const { args, openDatabase } = inFolder(data);
      const server = await startServer(t, { args: [...args, ...more] });
      const lock = databaseLock(t, data);
      return {
        server,
        begin: async () => lock.exec('BEGIN IMMEDIATE'),
        end: async () => lock.exec('ROLLBACK'),
        openDatabase,
      };
    },
  },
  {
    name: 'a disk that is full',
    skip: fullDiskMissing(),
    // Whichever file is written first: the log has one line a minute.
    logs: /cannot be used: (?:database or disk is full; free space on|disk I\/O error; check the free space and the health of) the disk of \S+database\.sqlite|The store \S+rooms\.sqlite failed: (?:disk I\/O error|database or disk is full)/,
    storesNothing: true,
    start: async (t, more = []) => {
      const { args, openDatabase } = inFolder(await temporaryFolder(t));
      const server = await startServer(t, { args: [...args, ...more] });
      return {
        server,
        begin: async () => fillDisk(server.pid),
        end: async () => freeDisk(server.pid),
        openDatabase,
      };
    },
  },
  {
    name: 'a Redis that is killed',
    skip: severalServers.skip,
    logs: /Redis at redis:\S+ is unavailable/,
    storesNothing: true,
    start: async (t, more = []) => {
      const { args, redis, openDatabase } = await severalServers.open(t);
      if (!redis) throw new Error('it has no Redis');
      const server = await startServer(t, { args: [...args, ...more] });
      return { server, begin: () => redis.kill(), end: () => redis.restart(), openDatabase };
    },
  },
];
