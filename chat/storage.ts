/**
 * Opens the store and the broker by the options: a data folder for one server, a Redis for several.
 */
import { join } from 'node:path';
import { SqliteBroker, type Logger } from 'gale';
import type { Broker } from 'gale/rooms';
import { SqliteSessionStore, type SessionStore } from 'gale/sessions';
import { randomSecret, secretFromEnvironment, secretFromFolder } from './cookie-secret.ts';
import { openDataFolder } from './data-folder.ts';
import { openSqlite, type ChatDatabase } from './database/database.ts';
import { assertRestored } from './restore-marker.ts';
import { moveFormerSessions, type FormerSessions } from './store/former-sessions.ts';
import { SqliteStore } from './store/sqlite-store.ts';
import type { ChatStore } from './store/store.ts';
import { isUnavailable } from './store/unavailable.ts';

/** An opened storage. */
export interface Storage {
  /** What lasts. */
  readonly database: ChatDatabase;
  readonly store: ChatStore;
  readonly sessionStore: SessionStore;
  readonly broker: Broker;
  readonly cookieSecret: string;
  /** Description for the line at the start. */
  readonly place: string;
  close(): Promise<void>;
}

/** The database in the data folder. */
const databaseFile = 'database.sqlite';

type Opened = Omit<Storage, 'store' | 'close'> & {
  readonly store: ChatStore & { readonly formerSessions: FormerSessions };
};

/**
 * Opens it, and moves the sessions of the version before.
 *
 * @throws {@link StartError} or {@link GaleError}, with one line that describes the problem.
 */
export async function openStorage(
  options: { readonly data: string; readonly redis: string },
  log: Logger,
  now: number = Date.now(),
): Promise<Storage> {
  const given = secretFromEnvironment(process.env);
  const { database, store, sessionStore, broker, cookieSecret, place } = await (options.redis === ''
    ? openFolder(options.data, given, log)
    : openRedis(options.redis, options.data, given, log));
  try {
    await moveFormerSessions(store.formerSessions, sessionStore, now);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    log.warn({ err: error }, 'Sessions of the version before could not be moved; the next start moves them');
  }
  const close = async (): Promise<void> => {
    await Promise.all([broker, sessionStore, store, database].map((part) => part.close()));
  };
  return { database, store, sessionStore, broker, cookieSecret, place, close };
}

async function openFolder(data: string, given: string | undefined, log: Logger): Promise<Opened> {
  const folder = await openDataFolder(data);
  await assertRestored(folder);
  // The store first: it detects another server that uses the folder.
  const store = new SqliteStore(join(folder, 'chat.sqlite'));
  const cookieSecret = given ?? (await secretFromFolder(folder, log));
  const broker = await SqliteBroker.open({ path: join(folder, 'rooms.sqlite'), log });
  const sessionStore = await SqliteSessionStore.open({ path: join(folder, 'sessions.sqlite'), log });
  const database = await openSqlite(join(folder, databaseFile));
  return { database, store, sessionStore, broker, cookieSecret, place: folder };
}

async function openRedis(url: string, data: string, given: string | undefined, log: Logger): Promise<Opened> {
  // Loaded here, since one server alone needs no client of Redis.
  const [{ RedisAddress, RedisBroker, RedisSessionStore }, { RedisStore }] = await Promise.all([
    import('gale/redis'),
    import('./store/redis-store.ts'),
  ]);
  // The broker first: its errors describe a problem of Redis best.
  const broker = await RedisBroker.open({ url, log });
  const store = await RedisStore.open(url, log);
  const database = await openSqlite(join(await openDataFolder(data), databaseFile));
  const cookieSecret = given ?? (await store.agreeOnSecret(randomSecret()));
  const sessionStore = await RedisSessionStore.open({ url, prefix: 'chat:sessions', log });
  return { database, store, sessionStore, broker, cookieSecret, place: new RedisAddress(url).shown };
}
