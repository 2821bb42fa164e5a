/**
 * The database of a server, for a command that runs beside it: PostgreSQL serves both, and SQLite in WAL mode lets two programs write in
 * turn. The lock of the data folder is not needed, since a command does not touch the streams.
 */
import { join, resolve } from 'node:path';
import { createLogger, type TextOption } from 'gale';
import { openPostgres, openSqlite, type ChatDatabase } from '../database/database.ts';
import { fileExists } from '../file-exists.ts';
import { StartError } from '../start-error.ts';
import { databaseFile } from '../storage.ts';

/** The options that select it. */
export const databaseOptions: { readonly data: TextOption; readonly database: TextOption } = {
  data: { type: 'text', default: './data', env: 'DATA_DIR', help: 'The data folder of the server' },
  database: { type: 'text', default: '', env: 'DATABASE_URL', help: 'The PostgreSQL of the server' },
};

/**
 * Runs something with the database and closes it.
 *
 * @throws {@link StartError} if there is none.
 */
export async function withDatabase<Result>(
  { data, database: url }: { readonly data: string; readonly database: string },
  run: (database: ChatDatabase) => Promise<Result>,
): Promise<Result> {
  const database = await (url === '' ? openFile(resolve(data)) : openPostgres(url, createLogger({ level: 'error' })));
  try {
    return await run(database);
  } finally {
    await database.close();
  }
}

async function openFile(folder: string): Promise<ChatDatabase> {
  const path = join(folder, databaseFile);
  // A wrong folder must not get a database.
  if (await fileExists(path)) return openSqlite(path);
  throw new StartError(
    `${folder} has no ${databaseFile}; start the server once, or choose another folder with --data.`,
  );
}
