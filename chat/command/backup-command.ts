/** `npm run chat -- backup`: copies a data folder while the server runs. */
import { resolve } from 'node:path';
import { defineOptions } from 'gale';
import { writeBackup } from './backup-folder.ts';
import type { Command } from './command.ts';
import { assertNoPostgres, backupDatabaseOption } from './database-option.ts';

/** Prints the folder of the copy and its size. */
export const backupCommand: Command = {
  usage: 'backup --data=FOLDER --to=FOLDER',
  help: 'Copy the data folder. The server may run.',
  async run(words) {
    const options = defineOptions(
      {
        data: { type: 'text', default: './data', env: 'DATA_DIR', help: 'The data folder of the server' },
        database: backupDatabaseOption,
        to: { type: 'text', default: '', help: 'A new folder for the copy; backup-DATE-TIME if not given' },
      },
      `npm run chat -- ${this.usage}\n\n${this.help}`,
    ).parse(words, process.env);
    assertNoPostgres(options.database, 'pg_dump --format=custom --file=FILE --dbname=URL');
    const target = resolve(options.to === '' ? `backup-${stamp(new Date())}` : options.to);
    const { files } = await writeBackup(resolve(options.data), target);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    process.stdout.write(`Copied ${files.length} files with ${bytes} bytes to ${target}\n`);
  },
};

/** A moment in the name of a folder: `2026-11-27-034500`, UTC. */
export function stamp(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-');
}
