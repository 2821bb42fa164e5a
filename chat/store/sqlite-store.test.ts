import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { StartError } from '../start-error.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { SqliteStore } from './sqlite-store.ts';
import { upgradeSchema } from './sqlite-schema.ts';
import { testStore } from '../test/support/store-suite.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gale-chat-store-'));
});
after(() => rm(folder, { recursive: true, force: true }));

testStore(
  'SQLite store',
  {},
  {
    open: (now) => Promise.resolve(new SqliteStore(join(folder, 'chat.sqlite'), now)),
  },
);

test('rejects a file that another store uses, with one line', async () => {
  const path = join(folder, 'held.sqlite');
  const first = new SqliteStore(path);
  assert.throws(
    () => new SqliteStore(path),
    (error) => {
      assert.ok(error instanceof StartError);
      assert.match(error.message, /^.*held\.sqlite is in use by another server;[^\n]*$/);
      return true;
    },
  );
  await first.close();
  await new SqliteStore(path).close();
});

test('rejects a path that is not a database, with one line', async () => {
  assert.throws(
    () => new SqliteStore(folder),
    (error) => error instanceof StartError && !error.message.includes('\n'),
  );
});

test('rejects a file of a newer version and does not change it', () => {
  const path = join(folder, 'newer.sqlite');
  const newer = new DatabaseSync(path);
  newer.exec('PRAGMA user_version = 1000');
  newer.close();
  assert.throws(() => new SqliteStore(path), /written by a newer version \(schema 1000/);
  const again = new DatabaseSync(path);
  assert.deepEqual(again.prepare('SELECT name FROM sqlite_schema').all(), []);
  again.close();
});

test('a failed upgrade changes nothing and leaves no transaction', () => {
  const database = new DatabaseSync(':memory:');
  // Not a table of the chat.
  database.exec('CREATE TABLE health (a)');
  assert.throws(() => upgradeSchema(database), /table health already exists/);
  assert.equal(database.isTransaction, false);
  assert.deepEqual(
    database
      .prepare('SELECT name FROM sqlite_schema')
      .all()
      .map((row) => row['name']),
    ['health'],
  );
  database.close();
});

test('a write is on the disk when its promise settles, and a backup can read the file meanwhile', async (t) => {
  const prepare = t.mock.method(SqliteDatabase.prototype, 'prepare');
  const store = new SqliteStore(join(folder, 'settings.sqlite'));
  t.after(() => store.close());
  const database: unknown = prepare.mock.calls[0]?.this;
  assert.ok(database instanceof SqliteDatabase);
  const setting = (name: string): unknown => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  assert.deepEqual(['journal_mode', 'synchronous', 'locking_mode', 'foreign_keys'].map(setting), [
    'wal',
    2,
    'normal',
    1,
  ]);
});

test('the upgrade treats a room as unjoined if its only members are its maker or nobody', async (t) => {
  const path = join(folder, 'older.sqlite');
  const older = new DatabaseSync(path);
  upgradeSchema(older, 3);
  older.exec(`
    INSERT INTO account VALUES ('ann', 'Ann', 'ann', '$', 1), ('bob', 'Bob', 'bob', '$', 1);
    INSERT INTO room VALUES
      ('alone', 'A', 'a', 'ann', 1), ('shared', 'S', 's', 'ann', 2), ('left', 'L', 'l', 'ann', 3), ('taken', 'T', 't', 'ann', 4);
    INSERT INTO member VALUES ('ann', 'alone'), ('ann', 'shared'), ('bob', 'shared'), ('bob', 'taken');`);
  older.close();
  const store = new SqliteStore(path);
  t.after(() => store.close());
  const unjoined = await store.rooms.unjoined(10, 10);
  assert.deepEqual(
    unjoined.map(({ id }) => id),
    ['alone', 'left'],
  );
  assert.equal(await store.rooms.hide('shared'), false);
  assert.equal((await store.rooms.list()).length, 4);
});

test('a count of attempts restarts after its window', async () => {
  let now = 0;
  const store = new SqliteStore(':memory:', () => now);
  await store.attempts.count('key', 1000);
  assert.deepEqual(await store.attempts.count('key', 1000), { count: 2, resetMs: 1000 });
  now = 1000;
  assert.deepEqual(await store.attempts.count('key', 1000), { count: 1, resetMs: 1000 });
  await store.close();
});
