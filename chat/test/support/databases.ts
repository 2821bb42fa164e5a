/**
 * The two databases of a chat, for suites that run on both.
 */
import { join } from 'node:path';
import { after, describe, type TestContext } from 'node:test';
import { createLogger } from 'gale';
import { openPostgres, openSqlite, type ChatDatabase } from '../../database/database.ts';
import { MemoryAttempts } from '../../store/memory-attempts.ts';
import { createStore, type ChatStore } from '../../store/store.ts';
import { temporaryFolder } from './chat-server.ts';
import { postgresMissing, startPostgres, type PostgresServer } from './postgres-server.ts';

/** Opens an empty database, which is closed after the test. */
export type OpenDatabase = (t: TestContext) => Promise<ChatDatabase>;

/**
 * Defines the same tests for SQLite and for PostgreSQL.
 *
 * @param name - The name of the suite, such as `invites`.
 */
export function describeDatabases(name: string, define: (open: OpenDatabase) => void): void {
  describe(`${name} in SQLite`, () => {
    define(temporaryDatabase);
  });
  describe(`${name} in PostgreSQL`, { skip: postgresMissing() }, () => {
    let server: Promise<PostgresServer> | undefined;
    after(async () => (await server)?.stop());
    define(async (t) => {
      server ??= startPostgres();
      const url = await (await server).createDatabase();
      return closing(t, await openPostgres(url, createLogger({ level: 'error' })));
    });
  });
}

/** Opens an empty database in a file of its own, for tests that do not depend on the kind. */
export async function temporaryDatabase(t: TestContext): Promise<ChatDatabase> {
  return closing(t, await openSqlite(join(await temporaryFolder(t), 'database.sqlite')));
}

/** A store on {@link temporaryDatabase}. */
export async function temporaryStore(t: TestContext): Promise<ChatStore> {
  return createStore(await temporaryDatabase(t), new MemoryAttempts());
}

function closing(t: TestContext, database: ChatDatabase): ChatDatabase {
  t.after(() => database.close());
  return database;
}
