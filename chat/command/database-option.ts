/**
 * The option `--database` of the commands for data folders. PostgreSQL has programs of its own for copies.
 */
import type { TextOption } from 'gale';
import { readDatabaseUrl, shownDatabase } from '../database/database-address.ts';
import { StartError } from '../start-error.ts';

/** Of `backup`. */
export const backupDatabaseOption: TextOption = {
  type: 'text',
  default: '',
  env: 'DATABASE_URL',
  help: 'The option of the server. PostgreSQL is copied with pg_dump',
};

/** Of `restore`. */
export const restoreDatabaseOption: TextOption = {
  type: 'text',
  default: '',
  env: 'DATABASE_URL',
  help: 'An empty PostgreSQL, which gets people, rooms and messages',
};

/**
 * @param program - The command line to use instead.
 * @throws {@link StartError} if the people, rooms and messages of the server are in PostgreSQL.
 */
export function assertNoPostgres(url: string, program: string): void {
  if (url === '') return;
  const shown = shownDatabase(readDatabaseUrl(url));
  throw new StartError(`People, rooms and messages are in ${shown}, not in the data folder; use ${program}.`);
}
