/** `npm run chat -- restore`: puts a backup into a data folder that no server uses, and its database into PostgreSQL if that is given. */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { createLogger, defineOptions } from 'gale';
import { readDatabaseUrl, shownDatabase } from '../database/database-address.ts';
import { openPostgres, openSqlite } from '../database/database.ts';
import { LiveLock } from '../database/live-lock.ts';
import { StartError } from '../start-error.ts';
import type { BackupFile } from './backup-folder.ts';
import type { Command } from './command.ts';
import { copyDatabase, type CopiedRows } from './copy-database.ts';
import { restoreDatabaseOption } from './database-option.ts';
import { restoreBackup } from './restore.ts';

/** Prints what was restored, and where the data before it is. */
export const restoreCommand: Command = {
  usage: 'restore --from=FOLDER --data=FOLDER --database=URL',
  help: 'Put a backup into the data folder. No server may run.',
  async run(words) {
    const options = defineOptions(
      {
        from: { type: 'text', default: '', help: 'The folder that backup wrote' },
        data: { type: 'text', default: './data', env: 'DATA_DIR', help: 'The data folder of the server' },
        database: restoreDatabaseOption,
      },
      `npm run chat -- ${this.usage}\n\n${this.help}`,
    ).parse(words, process.env);
    if (options.from === '') throw new StartError('restore needs the folder of a backup: --from=FOLDER.');
    const [from, data, url] = [resolve(options.from), resolve(options.data), options.database];
    if (url === '') return print(await restoreBackup(from, data), data);
    const shown = shownDatabase(readDatabaseUrl(url));
    let copied: CopiedRows | undefined;
    const restored = await restoreBackup(from, data, async (path, file, isRepeated) => {
      copied = await copyToPostgres(path, file, url, isRepeated);
    });
    const { people, rooms, messages } = copied ?? { people: 0, rooms: 0, messages: 0 };
    process.stdout.write(`Copied ${people} people, ${rooms} rooms and ${messages} messages to ${shown}\n`);
    print(restored, data);
  },
};

function print(
  { createdAt, before }: { readonly createdAt: string; readonly before: string | undefined },
  data: string,
): void {
  const kept = before === undefined ? '' : `; the data before is in ${before}`;
  process.stdout.write(`Restored the backup of ${createdAt} to ${data}${kept}\n`);
}

/** @param path - A copy of the database of the backup. It is migrated, since it may be older. */
async function copyToPostgres(
  path: string,
  { sha256 }: BackupFile,
  url: string,
  isRepeated: boolean,
): Promise<CopiedRows> {
  const log = createLogger({ level: 'error' });
  const target = await openPostgres(url, log);
  try {
    // No server starts with this database meanwhile.
    const lock = await LiveLock.take(url, randomUUID(), log);
    try {
      const source = await openSqlite(path);
      try {
        return await copyDatabase(source, target, sha256, isRepeated);
      } finally {
        await source.close();
      }
    } finally {
      await lock.close();
    }
  } finally {
    await target.close();
  }
}
