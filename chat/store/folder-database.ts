/**
 * Which database the newest messages of a data folder belong to. With another one, messages of its rooms would be copied into the wrong chat.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileExists } from '../file-exists.ts';
import { StartError } from '../start-error.ts';

/** The file with the id of the database. */
const folderDatabaseFile = 'database-id';

/**
 * Refuses a start that would create a second database for a folder: without the `--database` of before, or without `database.sqlite`.
 *
 * @param path - The SQLite file that the start would use.
 */
export async function assertFolderHasDatabase(folder: string, path: string): Promise<void> {
  if ((await fileExists(path)) || !(await fileExists(join(folder, folderDatabaseFile)))) return;
  throw new StartError(
    `${folder} belongs to a chat whose database is not in it; give the --database=postgres://… of before, restore a backup, or choose another --data.`,
  );
}

/**
 * Remembers the database at the first start.
 *
 * @param id - The id of the database of this server.
 * @param path - Where SQLite's would be.
 * @throws {@link StartError} if the folder belongs to another database.
 */
export async function agreeOnFolderDatabase(folder: string, id: string, path: string): Promise<void> {
  const file = join(folder, folderDatabaseFile);
  const known = (await readFolderDatabase(folder)) ?? readSqliteId(path);
  if (known === undefined || known === id) {
    if (!(await fileExists(file))) await writeFile(file, `${id}\n`, { flush: true });
    return;
  }
  const move = (await fileExists(path))
    ? ' To move it to PostgreSQL: npm run chat -- backup, then restore with --database.'
    : '';
  throw new StartError(
    `${folder} belongs to a chat with another database; start with the same --database as before, or choose another --data.${move}`,
  );
}

/** The id that a folder remembers; undefined before its first start. */
export async function readFolderDatabase(folder: string): Promise<string | undefined> {
  const file = join(folder, folderDatabaseFile);
  try {
    // A crash while it was written can leave it empty.
    return (await readFile(file, 'utf8')).trim() || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new StartError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`, { cause: error });
  }
}

/** The id in a file of SQLite. Undefined if there is no file, or no id in it. */
function readSqliteId(path: string): string | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: 1000 });
    const row = database.prepare("SELECT value FROM setting WHERE name = 'database-id'").get();
    return row === undefined ? undefined : String(row['value']);
  } catch {
    return undefined;
  } finally {
    if (database?.isOpen === true) database.close();
  }
}
