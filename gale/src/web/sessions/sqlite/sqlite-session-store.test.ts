import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { RecordedLog } from '../../../../test/support/recorded-log.ts';
import { change, lifeMs, newId, now } from '../../../../test/support/web/session-changes.ts';
import { testSessionStore } from '../../../../test/support/web/session-store-suite.ts';
import type { GaleError } from '../../../errors.ts';
import { SqliteSessionStore } from './sqlite-session-store.ts';

async function newPath(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gale-sessions-'));
  t.after(() => rm(folder, { recursive: true }));
  return join(folder, 'sessions.sqlite');
}

async function openAt(t: TestContext, path: string): Promise<SqliteSessionStore> {
  const store = await SqliteSessionStore.open({ path, log: new RecordedLog() });
  t.after(() => store.close());
  return store;
}

testSessionStore('sqlite', {
  runs: 15,
  open: async (t) => SqliteSessionStore.open({ path: await newPath(t), log: new RecordedLog() }),
});

test('sessions survive a restart, and two processes can share the file', async (t) => {
  const path = await newPath(t);
  const id = newId();
  const first = await openAt(t, path);
  await first.save(change(id, { a: '1' }, { from: 'new' }), now);
  const second = await openAt(t, path);
  const more = { ...change(id, {}).limits, maxKeys: 1000 };
  await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      (index % 2 === 0 ? first : second).save(change(id, { [`k${index}`]: '1' }, { limits: more }), now),
    ),
  );
  await Promise.all([first.close(), second.close()]);
  const third = await openAt(t, path);
  assert.equal((await third.load(id, now))?.values.size, 101);
});

test('expired sessions leave the file, a few with each change', async (t) => {
  const path = await newPath(t);
  const store = await openAt(t, path);
  const ids = Array.from({ length: 30 }, newId);
  await Promise.all(ids.map((id) => store.save(change(id, { a: '1' }, { from: 'new' }), now)));
  const rows = (table: string): unknown => {
    const database = new DatabaseSync(path, { readOnly: true });
    const row = database.prepare(`SELECT count(*) AS count FROM ${table}`).get();
    database.close();
    return row?.['count'];
  };
  assert.deepEqual([rows('sessions'), rows('session_values')], [30, 30]);
  await store.save(change(newId(), {}, { from: 'new', expiresAt: now + 2 * lifeMs }), now + lifeMs);
  assert.deepEqual([rows('sessions'), rows('session_values')], [11, 10]);
  await store.save(change(newId(), {}, { from: 'new', expiresAt: now + 2 * lifeMs }), now + lifeMs);
  assert.deepEqual([rows('sessions'), rows('session_values')], [2, 0]);
});

test('refuses the file of another program, and reports one that was removed', async (t) => {
  const path = await newPath(t);
  await writeFile(path, 'no database, but a text that is long enough to be one'.repeat(20));
  await assert.rejects(openAt(t, path), { code: 'ROOM_STORE_UNREADABLE' });
  const other = `${path}-other`;
  const database = new DatabaseSync(other);
  database.exec('CREATE TABLE a (b)');
  database.close();
  await assert.rejects(openAt(t, other), {
    code: 'ROOM_STORE_UNREADABLE',
    message: `${other} is a database of another program; choose another file.`,
  });
  await assert.rejects(openAt(t, join(path, 'missing', 'a.sqlite')), { code: 'ROOM_STORE_UNWRITABLE' });
  const removed = `${path}-removed`;
  const store = await openAt(t, removed);
  await rm(removed);
  await assert.rejects(store.check(), { code: 'ROOM_UNAVAILABLE' });
});

test('a file that another program locks fails all waiting writes together, and reads go on', async (t) => {
  const path = await newPath(t);
  const store = await openAt(t, path);
  const id = newId();
  await store.save(change(id, { a: '1' }, { from: 'new' }), now);
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  const start = performance.now();
  const writes = Array.from({ length: 30 }, () => store.save(change(id, { b: '2' }), now));
  const read = store.load(id, now);
  for (const result of await Promise.allSettled(writes)) {
    assert.equal(result.status === 'rejected' && (result.reason as GaleError).code, 'ROOM_UNAVAILABLE');
  }
  assert.equal((await read)?.values.get('a'), '1');
  // One after the other they would wait for 30 seconds.
  assert.ok(performance.now() - start < 10_000);
  other.exec('COMMIT');
  assert.equal((await store.save(change(id, { b: '2' }), now)).state, 'saved');
});
