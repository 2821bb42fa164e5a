/** `npm run chat -- doctor`: checks everything that a server needs, says what is wrong and what to do. It changes nothing. */
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defineOptions } from 'gale';
import { StartError } from '../start-error.ts';
import type { Command } from './command.ts';
import { checkFolder, checkFolderDatabase } from './doctor/check-folder.ts';
import { checkPostgres } from './doctor/check-postgres.ts';
import { checkSqliteDatabase, checkSqliteStreams } from './doctor/check-sqlite.ts';
import type { Finding } from './doctor/finding.ts';

/** Prints a line for each finding. Fails if something is wrong. */
export const doctorCommand: Command = {
  usage: 'doctor --data=FOLDER --redis=URL --database=URL',
  help: 'Check the data, Redis, the disk and the clock. Give it the options of the server.',
  async run(words) {
    const { data, redis, database } = defineOptions(
      {
        data: { type: 'text', default: './data', env: 'DATA_DIR', help: 'The data folder of the server' },
        redis: { type: 'text', default: '', env: 'REDIS_URL', help: 'The Redis of the server' },
        database: { type: 'text', default: '', env: 'DATABASE_URL', help: 'The PostgreSQL of the server' },
      },
      `npm run chat -- ${this.usage}\n\n${this.help}`,
    ).parse(words, process.env);
    const folder = resolve(data);
    const findings: Finding[] = [];
    const add = (some: readonly Finding[]): void => void findings.push(...some);
    if (redis === '' || database === '') add(await checkFolder(folder));
    let id: string | undefined;
    const hasFolder = findings.length !== 1;
    if (database !== '') {
      const checked = await checkPostgres(database);
      add(checked.findings);
      ({ id } = checked);
    } else if (hasFolder) {
      add(await checkSqliteDatabase(folder));
      id = readId(join(folder, 'database.sqlite'));
    }
    if (redis === '' && hasFolder) {
      add(await checkSqliteStreams(folder));
      add(await checkFolderDatabase(folder, id));
    }
    if (redis !== '') {
      // Loaded here, since one server alone needs no client of Redis.
      const { checkRedis } = await import('./doctor/check-redis.ts');
      add(await checkRedis(redis, id));
    }
    for (const { state, about, text } of findings) process.stdout.write(`${state.padEnd(5)}  ${about}: ${text}.\n`);
    const count = findings.filter(({ state }) => state === 'wrong').length;
    if (count > 0) throw new StartError(`${count === 1 ? '1 thing is' : `${count} things are`} wrong.`);
  },
};

/** The id of a database; undefined if it cannot be read. */
function readId(path: string): string | undefined {
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      const row = database.prepare("SELECT value FROM setting WHERE name = 'database-id'").get();
      return row === undefined ? undefined : String(row['value']);
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}
