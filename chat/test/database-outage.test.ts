/**
 * A database that is gone, locked or does not respond: people get a response that says to retry, nothing is half stored, and the server
 * continues by itself.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createLogger } from 'gale';
import { fillDisk, freeDisk, fullDiskMissing, redisMissing } from 'gale/testing';
import { openPostgres } from '../database/database.ts';
import { runServer, startServer, temporaryFolder } from './support/chat-server.ts';
import { databaseLock } from './support/outages.ts';
import { annAt, assertRefused, assertRepaired } from './support/outage.ts';
import { postgresMissing, startPostgres } from './support/postgres-server.ts';
import { severalServers, sharedPostgres } from './support/storages.ts';

test('a PostgreSQL that is killed and started again', { skip: postgresMissing() }, async (t) => {
  const postgres = await startPostgres();
  t.after(() => postgres.stop());
  const url = await postgres.createDatabase();
  const server = await startServer(t, { args: [`--database=${url}`] });
  const { ann, window } = await annAt(t, server);
  await postgres.kill();
  await assertRefused(t, server, window);
  const publish = await window.ask('publish', { room: 'lobby', id: 'a', data: { text: 'hello' } });
  assert.ok(publish['type'] === 'reply' || publish['code'] === 'ROOM_UNAVAILABLE', JSON.stringify(publish));
  assert.equal((await ann.get('/')).status, 503);
  await postgres.start();
  await assertRepaired(t, server, window);
  assert.equal((await ann.get('/')).status, 200, 'the session is still there');
  const database = await openPostgres(url, createLogger({ level: 'silent' }));
  t.after(() => database.close());
  const names = await database.tables.selectFrom('person').select('name').orderBy('name').execute();
  assert.deepEqual(
    names.map(({ name }) => name),
    ['Ann', 'Bob'],
  );
  assert.doesNotMatch(server.output, /UnhandledRejection|uncaught/i);
});

test('an SQLite file that another program locks', async (t) => {
  const data = await temporaryFolder(t);
  const server = await startServer(t, { args: [`--data=${data}`] });
  const { ann, window } = await annAt(t, server);
  const lock = databaseLock(t, data);
  lock.exec('BEGIN IMMEDIATE');
  await assertRefused(t, server, window);
  // Only the first write waits for the lock: 40 of them one after the other would take as many seconds.
  const since = performance.now();
  const rooms = Array.from({ length: 40 }, (_, index) => window.ask('make-room', { name: `Room ${index}` }));
  for (const reply of await Promise.all(rooms)) assert.equal(reply['code'], 'ROOM_UNAVAILABLE');
  assert.equal((await ann.get('/')).status, 200, 'reads go on');
  assert.ok(performance.now() - since < 20_000);
  lock.exec('ROLLBACK');
  await assertRepaired(t, server, window);
});

test('a disk that is full for a while', { skip: fullDiskMissing() }, async (t) => {
  const data = await temporaryFolder(t);
  const server = await startServer(t, { args: [`--data=${data}`] });
  const { window } = await annAt(t, server);
  fillDisk(server.pid);
  await assertRefused(t, server, window);
  freeDisk(server.pid);
  await assertRepaired(t, server, window);
  const file = new DatabaseSync(join(data, 'database.sqlite'), { readOnly: true });
  t.after(() => file.close());
  assert.deepEqual(
    file
      .prepare(
        'SELECT name, (SELECT count(*) FROM member WHERE person_id = person.id AND room_id = ?) AS lobby FROM person ORDER BY name',
      )
      .all('lobby')
      .map((row) => ({ ...row })),
    [
      { name: 'Ann', lobby: 1 },
      { name: 'Bob', lobby: 1 },
    ],
  );
  assert.equal(file.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok');
});

test(
  'a second server on the same Redis with another database is refused with a sentence that names --database',
  { skip: severalServers.skip || redisMissing() },
  async (t) => {
    const { args, redis } = await severalServers.open(t);
    await startServer(t, { args });
    const other = await (await sharedPostgres()).createDatabase();
    for (const more of [[`--database=${other}`], []]) {
      const { code, errors } = await runServer(t, { args: ['--port=0', `--redis=${redis?.url}`, ...more] });
      assert.equal(code, 1);
      assert.match(errors, /^This Redis belongs to a chat with another database; [^\n]*--database=[^\n]*\n$/);
    }
    await startServer(t, { args });
  },
);

test(
  'a second server on the same PostgreSQL with another data folder is refused',
  { skip: postgresMissing() },
  async (t) => {
    const args = [`--database=${await (await sharedPostgres()).createDatabase()}`];
    const first = await startServer(t, { args });
    const { code, errors } = await runServer(t, { args: ['--port=0', ...args] });
    assert.equal(code, 1);
    assert.match(errors, /^postgres:\S+ is in use by a server with another Redis or data folder; [^\n]+\n$/);
    await first.end('SIGKILL');
    await startServer(t, { args });
  },
);

test('a database that a newer version wrote is refused with one line', async (t) => {
  const data = await temporaryFolder(t);
  await (await startServer(t, { args: [`--data=${data}`] })).end('SIGTERM');
  const file = new DatabaseSync(join(data, 'database.sqlite'));
  file.exec("INSERT INTO kysely_migration VALUES ('9999-later', '2030-01-01T00:00:00.000Z')");
  file.close();
  const { code, errors } = await runServer(t, { args: ['--port=0', `--data=${data}`] });
  assert.equal(code, 1);
  assert.match(
    errors,
    /^The database \S+ cannot be used: it was written by a newer version of the chat, whose migration 9999-later [^\n]+\n$/,
  );
});
