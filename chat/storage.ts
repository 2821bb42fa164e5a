/**
 * Opens the database and the broker by the options. One server needs a data folder. Several servers need a Redis, which carries what is
 * live, and a PostgreSQL, which keeps what lasts.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { GaleError, SqliteBroker, type Logger } from 'gale';
import type { Broker } from 'gale/rooms';
import { randomSecret, secretFromEnvironment, secretFromFolder } from './cookie-secret.ts';
import { openDataFolder } from './data-folder.ts';
import { openPostgres, openSqlite, type ChatDatabase } from './database/database.ts';
import { readDatabaseUrl, shownDatabase } from './database/database-address.ts';
import { LiveLock } from './database/live-lock.ts';
import { importFormerFolder } from './former/former-folder.ts';
import { assertRestored } from './restore-marker.ts';
import { StartError } from './start-error.ts';
import { agreeOnFolderDatabase, assertFolderHasDatabase } from './store/folder-database.ts';
import { lockFolder } from './store/folder-lock.ts';
import { MemoryAttempts } from './store/memory-attempts.ts';
import { createStore, type ChatStore } from './store/store.ts';

/** An opened storage. */
export interface Storage {
  /** What lasts. */
  readonly database: ChatDatabase;
  readonly store: ChatStore;
  readonly broker: Broker;
  readonly cookieSecret: string;
  /** Description for the line at the start. */
  readonly place: string;
  close(): Promise<void>;
}

/** The options that select it. */
export interface StorageOptions {
  /** The data folder. Not used if both others are given. */
  readonly data: string;
  /** URL of Redis; empty for none. */
  readonly redis: string;
  /** URL of PostgreSQL; empty for SQLite in the data folder. */
  readonly database: string;
}

/** The database in the data folder. */
export const databaseFile = 'database.sqlite';

/** What both ways to open it need. */
interface Opening {
  /** The cookie secret of the environment. */
  readonly given: string | undefined;
  readonly log: Logger;
  readonly now: number;
  /** What is open, for the end. */
  readonly opened: { close(): unknown }[];
}

/** @throws {@link StartError} or {@link GaleError}, with one line that describes the problem. Nothing is open then. */
export async function openStorage(options: StorageOptions, log: Logger, now: number = Date.now()): Promise<Storage> {
  const opened: Opening['opened'] = [];
  const close = async (): Promise<void> => {
    // The last one first: the lock of the folder ends after its files are closed.
    for (const part of opened.toReversed()) await part.close();
  };
  try {
    const given = secretFromEnvironment(process.env);
    return { ...(await (options.redis === '' ? openFolder : openRedis)(options, { given, log, opened, now })), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openFolder(
  { data, database: url }: StorageOptions,
  { given, log, now, opened }: Opening,
): Promise<Omit<Storage, 'close'>> {
  const folder = await lockData(data, opened);
  const cookieSecret = given ?? (await secretFromFolder(folder, log));
  const broker = await SqliteBroker.open({ path: join(folder, 'rooms.sqlite'), log });
  opened.push(broker);
  const path = join(folder, databaseFile);
  if (url === '') await assertFolderHasDatabase(folder, path);
  const { database, shown } = await openDatabase(url, folder, log);
  opened.push(database);
  await agreeOnFolderDatabase(folder, database.id, path);
  // The lock of the folder permits one server, so another one with this PostgreSQL has another folder.
  if (url !== '') opened.push(await LiveLock.take(url, randomUUID(), log));
  await importFormerFolder(folder, { database, broker, log, now });
  const store = createStore(database, new MemoryAttempts());
  return { database, store, broker, cookieSecret, place: url === '' ? folder : `${shown} and ${folder}` };
}

async function openRedis(
  { data, redis: redisUrl, database: url }: StorageOptions,
  { given, log, now, opened }: Opening,
): Promise<Omit<Storage, 'close'>> {
  // Loaded here, since one server alone needs no client of Redis.
  const [{ RedisAddress, RedisBroker }, { ChatRedis }] = await Promise.all([
    import('gale/redis'),
    import('./store/chat-redis.ts'),
  ]);
  const folder = url === '' ? await lockData(data, opened) : '';
  // The broker first: its errors describe a problem of Redis best.
  const broker = await RedisBroker.open({ url: redisUrl, log }).catch((error: unknown) => {
    throw withNextStep(error);
  });
  opened.push(broker);
  const redis = await ChatRedis.open(redisUrl, log);
  opened.push(redis);
  const { database, shown } = await openDatabase(url, folder, log);
  opened.push(database);
  await redis.agreeOnDatabase(database.id);
  if (url !== '') opened.push(await LiveLock.take(url, await redis.agreeOnLiveId(), log));
  await redis.importFormer({ database, broker, log, now });
  const cookieSecret = given ?? (await redis.agreeOnSecret(randomSecret()));
  const store = createStore(database, redis.attempts);
  return { database, store, broker, cookieSecret, place: `${shown} and ${new RedisAddress(redisUrl).shown}` };
}

/** The broker knows what is wrong with Redis, and not by which option it was given. */
function withNextStep(error: unknown): unknown {
  if (!(error instanceof GaleError) || error.code !== 'ROOM_UNAVAILABLE') return error;
  return new StartError(`${error.message.replace(/\.$/, '')}; check --redis, and that it runs.`, { cause: error });
}

async function lockData(data: string, opened: Opening['opened']): Promise<string> {
  const folder = await openDataFolder(data);
  opened.push(lockFolder(folder));
  await assertRestored(folder);
  return folder;
}

/** @param folder - For SQLite. */
async function openDatabase(
  url: string,
  folder: string,
  log: Logger,
): Promise<{ readonly database: ChatDatabase; readonly shown: string }> {
  if (url === '') return { database: await openSqlite(join(folder, databaseFile)), shown: folder };
  return { database: await openPostgres(url, log), shown: shownDatabase(readDatabaseUrl(url)) };
}
