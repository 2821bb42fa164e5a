/**
 * The database of what lasts: people, rooms, all messages. SQLite in the data folder, or PostgreSQL. It migrates its tables when it is opened.
 */
import { randomUUID } from 'node:crypto';
import { CamelCasePlugin, Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Logger } from 'gale';
import { StartError } from '../start-error.ts';
import type { DatabaseKind } from './column-types.ts';
import { allowDirect } from './direct-statements.ts';
import { readDatabaseUrl, shownDatabase } from './database-address.ts';
import { databaseUnavailable, unavailablePrefix } from './database-errors.ts';
import { migrationsFor } from './migrations/index.ts';
import { OpenedFile } from './opened-file.ts';
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
  /**
   * Writes a small value and reads it back. This detects a database that is full, read-only, gone or replaced.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE` if either fails.
   */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** A transaction, or the database outside of one. */
export type Step = Kysely<Tables>;

/** Opens a file, which it creates if it is missing. @throws {@link StartError} with one line. */
export async function openSqlite(path: string): Promise<ChatDatabase> {
  let thread: SqliteThread;
  try {
    thread = await SqliteThread.open({ path, busyMs });
  } catch (error) {
    throw new StartError(`${path} cannot be used: ${(error as Error).message}.`, { cause: error });
  }
  const file = new OpenedFile(path);
  const dialect = new SqliteThreadDialect(thread);
  const database = await openTables('sqlite', new Kysely({ dialect, plugins }), path);
  allowDirect(database.tables, (sql, parameters) => dialect.execute(sql, parameters));
  const check = async (): Promise<void> => {
    await file.assertInPlace();
    await database.check();
  };
  return { ...database, check };
}

/**
 * Opens a database of PostgreSQL, which must exist.
 *
 * @param url - Such as `postgres://name:password@host/database`. No error contains the password.
 * @throws {@link StartError} with one line.
 */
export async function openPostgres(url: string, log: Logger): Promise<ChatDatabase> {
  const shown = shownDatabase(readDatabaseUrl(url));
  const connect = (forMigrations: boolean): Kysely<Tables> =>
    new Kysely({ dialect: new PoolDialect(openPool(url, log, forMigrations)), plugins });
  const tables = connect(true);
  await openTables('postgres', tables, shown);
  await tables.destroy();
  return openTables('postgres', connect(false), shown);
}

const plugins = [new CamelCasePlugin()];

/** Migrates the tables, if they are not of this version. Closes them if that fails. */
async function openTables(kind: DatabaseKind, tables: Kysely<Tables>, place: string): Promise<ChatDatabase> {
  try {
    const migrator = new Migrator({
      // The migrations name tables and columns as the database has them.
      db: tables.withoutPlugins(),
      provider: { getMigrations: async () => migrationsFor(kind) },
    });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error as Error;
    const id = await agreeOnId(tables);
    return { kind, tables, id, check: () => check(tables), close: () => tables.destroy() };
  } catch (error) {
    await tables.destroy();
    throw new StartError(`The database ${place} cannot be used: ${reasonOf(error as Error, kind)}.`, { cause: error });
  }
}

function reasonOf({ message }: Error, kind: DatabaseKind): string {
  const [, migration] = /previously executed migration (\S+) is missing/.exec(message) ?? [];
  const [, expected, found] =
    /expected previously executed migration (\S+) to be at index \d+ but (\S+) was found/.exec(message) ?? [];
  if (expected !== undefined) {
    return `it was made by a development version, which had migration ${expected} and not ${found} before it; restore a backup of a released version, or begin with an empty database`;
  }
  if (migration === undefined) {
    const [, reason] = new RegExp(`^${unavailablePrefix}(.*)$`, 's').exec(message) ?? [];
    if (reason === undefined) return message;
    return kind === 'postgres' ? `${reason}; check --database, and that it runs` : reason;
  }
  return `it was written by a newer version of the chat, whose migration ${migration} this one does not have`;
}

/** Writes an id at the first start; of servers that start at once, one wins. */
async function agreeOnId(tables: Kysely<Tables>): Promise<string> {
  const known = await readId(tables);
  if (known !== undefined) return known;
  await tables
    .insertInto('setting')
    .values({ name: 'database-id', value: randomUUID() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await readId(tables)) ?? '';
}

async function readId(tables: Kysely<Tables>): Promise<string | undefined> {
  const row = await tables.selectFrom('setting').select('value').where('name', '=', 'database-id').executeTakeFirst();
  return row?.value;
}

/** In one transaction, so that it reads its own value and not that of another server. */
async function check(tables: Kysely<Tables>): Promise<void> {
  const value = randomUUID();
  const read = await tables.transaction().execute(async (step) => {
    await step
      .insertInto('setting')
      .values({ name: 'health', value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute();
    return step.selectFrom('setting').select('value').where('name', '=', 'health').executeTakeFirst();
  });
  if (read?.value === value) return;
  throw databaseUnavailable(`it returned ${String(read?.value)} instead of ${value}`);
}
