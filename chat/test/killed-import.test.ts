/** A server that is killed while it copies the data of the version before: the next start has everything once. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { fileExists } from '../file-exists.ts';
import { spawnServer, startServer } from './support/chat-server.ts';
import { formerFolder } from './support/former-folder.ts';
import { until } from './support/until.ts';

/** How many rows each table has, after the history has copied the messages. */
async function copied(folder: string): Promise<Readonly<Record<string, number>>> {
  const database = new DatabaseSync(join(folder, 'database.sqlite'), { readOnly: true });
  const count = (table: string): number => Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
  try {
    await until(() => count('message') >= 103);
    return Object.fromEntries(['person', 'room', 'member', 'session', 'message'].map((name) => [name, count(name)]));
  } finally {
    database.close();
  }
}

// What appears in the folder, in this order: the lock, the tables, the transaction, and the files that were moved after it.
for (const stage of ['database.sqlite-lock', 'database.sqlite', 'database.sqlite-wal', 'before-database']) {
  test(`the next start copies all after a kill when ${stage} appears`, async (t) => {
    const { data } = (await formerFolder(t)).options;
    const child = spawnServer(t, { args: ['--port=0', `--data=${data}`] });
    const exited = once(child, 'exit');
    await until(() => fileExists(join(data, stage)));
    child.kill('SIGKILL');
    await exited;
    const server = await startServer(t, { args: [`--data=${data}`] });
    assert.deepEqual(await copied(data), { person: 3, room: 3, member: 6, session: 4, message: 103 });
    await server.end('SIGTERM');
  });
}
