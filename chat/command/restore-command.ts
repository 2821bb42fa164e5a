/** `npm run chat -- restore`: puts a backup into a data folder that no server uses. */
import { resolve } from 'node:path';
import { defineOptions } from 'gale';
import { StartError } from '../start-error.ts';
import type { Command } from './command.ts';
import { assertNoPostgres, databaseOption } from './database-option.ts';
import { restoreBackup } from './restore.ts';

/** Prints what was restored, and where the data before it is. */
export const restoreCommand: Command = {
  usage: 'restore --from=FOLDER --data=FOLDER',
  help: 'Put a backup into the data folder. No server may run.',
  async run(words) {
    const options = defineOptions(
      {
        from: { type: 'text', default: '', help: 'The folder that backup wrote' },
        data: { type: 'text', default: './data', env: 'DATA_DIR', help: 'The data folder of the server' },
        database: databaseOption,
      },
      `npm run chat -- ${this.usage}\n\n${this.help}`,
    ).parse(words, process.env);
    assertNoPostgres(options.database, 'pg_restore --clean --if-exists --dbname=URL FILE');
    if (options.from === '') throw new StartError('restore needs the folder of a backup: --from=FOLDER.');
    const data = resolve(options.data);
    const { createdAt, before } = await restoreBackup(resolve(options.from), data);
    const kept = before === undefined ? '' : `; the data before is in ${before}`;
    process.stdout.write(`Restored the backup of ${createdAt} to ${data}${kept}\n`);
  },
};
