/**
 * The database of what lasts: people, rooms, all messages. SQLite in the data folder, or PostgreSQL. It migrates its tables when it is opened.
 */
import { randomUUID } from 'node:crypto';
import { CamelCasePlugin, Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Logger } from 'gale';
import { StartError } from '../start-error.ts';
import type { DatabaseKind } from './column-types.ts';
import { migrationsFor } from './migrations/index.ts';
import { openPool, PoolDialect } from './postgres-dialect.ts';
import { SqliteThreadDialect } from './sqlite-dialect.ts';
import { SqliteThread } from './sqlite-thread.ts';
import type { Tables } from './tables.ts';

/** How long a statement waits for a program that uses the file, such as a backup, in milliseconds. */
const busyMs = 1000;

/** An open database. */
export interface ChatDatabase {
  readonly kind: DatabaseKind;
  /** Queries, with types of the tables. */
  readonly tables: Kysely<Tables>;
  /** Random, chosen when the database was made. Servers of one chat use the same database. */
  readonly id: string;
  close(): Promise<void>;
}

/** Opens a file, which it creates if it is missing. @throws {@link StartError} with one line. */
export async function openSqlite(path: string): Promise<ChatDatabase> {
  let thread: SqliteThread;
  try {
    thread = await SqliteThread.open({ path, busyMs });
  } catch (error) {
    throw new StartError(`${path} cannot be used: ${(error as Error).message}.`, { cause: error });
  }
  return open('sqlite', new Kysely({ dialect: new SqliteThreadDialect(thread), plugins }), path);
}

/**
 * Opens a database of PostgreSQL, which must exist.
 *
 * @param url - Such as `postgres://name:password@host/database`. No error contains the password.
 * @throws {@link StartError} with one line.
 */
export async function openPostgres(url: string, log: Logger): Promise<ChatDatabase> {
  const { protocol, host, pathname } = readUrl(url);
  return open(
    'postgres',
    new Kysely({ dialect: new PoolDialect(openPool(url, log)), plugins }),
    `${protocol}//${host}${pathname}`,
  );
}

const plugins = [new CamelCasePlugin()];

async function open(kind: DatabaseKind, tables: Kysely<Tables>, place: string): Promise<ChatDatabase> {
  try {
    const migrator = new Migrator({
      // The migrations name tables and columns as the database has them.
      db: tables.withoutPlugins(),
      provider: { getMigrations: async () => migrationsFor(kind) },
    });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error as Error;
    return { kind, tables, id: await agreeOnId(tables), close: () => tables.destroy() };
  } catch (error) {
    await tables.destroy();
    throw new StartError(`The database ${place} cannot be used: ${(error as Error).message}.`, { cause: error });
  }
}

/** Writes an id at the first start; of servers that start at once, one wins. */
async function agreeOnId(tables: Kysely<Tables>): Promise<string> {
  await tables
    .insertInto('setting')
    .values({ name: 'database-id', value: randomUUID() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { value } = await tables
    .selectFrom('setting')
    .select('value')
    .where('name', '=', 'database-id')
    .executeTakeFirstOrThrow();
  return value;
}

function readUrl(url: string): URL {
  // Neither the URL nor the error of the parser may be in the message: they contain the password.
  if (!URL.canParse(url))
    throw new StartError('--database is not a URL; it must be like postgres://name@host/database.');
  const parsed = new URL(url);
  if (['postgres:', 'postgresql:'].includes(parsed.protocol)) return parsed;
  throw new StartError(`--database must begin with postgres://; got ${parsed.protocol}//.`);
}

/** Reads the smallest possible thing. @throws {@link GaleError} `ROOM_UNAVAILABLE`. */
export async function ping({ tables }: ChatDatabase): Promise<void> {
  await sql`SELECT 1`.execute(tables);
}
