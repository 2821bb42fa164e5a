/**
 * Opens the store and the broker by the options: a data folder for one server, a Redis for several.
 */
import { join } from 'node:path';
import { SqliteBroker, type Logger } from 'gale';
import type { Broker } from 'gale/rooms';
import { randomSecret, secretFromEnvironment, secretFromFolder } from './cookie-secret.ts';
import { openDataFolder } from './data-folder.ts';
import { assertRestored } from './restore-marker.ts';
import { SqliteStore } from './store/sqlite-store.ts';
import type { ChatStore } from './store/store.ts';

/** An opened storage. */
export interface Storage {
  readonly store: ChatStore;
  readonly broker: Broker;
  readonly cookieSecret: string;
  /** Description for the line at the start. */
  readonly place: string;
  close(): Promise<void>;
}

/** @throws {@link StartError} or {@link GaleError}, with one line that describes the problem. */
export async function openStorage(
  options: { readonly data: string; readonly redis: string },
  log: Logger,
): Promise<Storage> {
  const given = secretFromEnvironment(process.env);
  return options.redis === '' ? openFolder(options.data, given, log) : openRedis(options.redis, given, log);
}

async function openFolder(data: string, given: string | undefined, log: Logger): Promise<Storage> {
  const folder = await openDataFolder(data);
  await assertRestored(folder);
  // The store first: it detects another server that uses the folder.
  const store = new SqliteStore(join(folder, 'chat.sqlite'));
  const cookieSecret = given ?? (await secretFromFolder(folder, log));
  const broker = await SqliteBroker.open({ path: join(folder, 'rooms.sqlite'), log });
  return { store, broker, cookieSecret, place: folder, close: () => closeAll(broker, store) };
}

async function openRedis(url: string, given: string | undefined, log: Logger): Promise<Storage> {
  // Loaded here, since one server alone needs no client of Redis.
  const [{ RedisAddress, RedisBroker }, { RedisStore }] = await Promise.all([
    import('gale/redis'),
    import('./store/redis-store.ts'),
  ]);
  // The broker first: its errors describe a problem of Redis best.
  const broker = await RedisBroker.open({ url, log });
  const store = await RedisStore.open(url, log);
  const cookieSecret = given ?? (await store.agreeOnSecret(randomSecret()));
  return { store, broker, cookieSecret, place: new RedisAddress(url).shown, close: () => closeAll(broker, store) };
}

async function closeAll(broker: Broker, store: ChatStore): Promise<void> {
  await Promise.all([broker.close(), store.close()]);
}
