import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { usual } from '../../../../test/support/rooms/broker-suite/suite-broker.ts';
import { unstoredEpoch } from '../epoch.ts';
import { openDatabase } from './sqlite-schema.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { Published } from '../../stream.ts';

/** A store in a new file, which is removed after the test. */
function openStore(t: TestContext): {
  store: SqliteStore;
  database: DatabaseSync;
  life: string;
  count(table: 'streams' | 'messages'): number;
} {
  const folder = mkdtempSync(join(tmpdir(), 'gale-sqlite-store-'));
  const { database, life, close } = openDatabase(join(folder, 'rooms.sqlite'));
  t.after(() => {
    close();
    rmSync(folder, { recursive: true });
  });
  const store = new SqliteStore(database, life);
  store.now = 1_000_000;
  return { store, database, life, count: (table) => rowsOf(database, table) };
}

function rowsOf(database: DatabaseSync, table: string): number {
  return Number(database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows']);
}

test('a removed room has no stream in the file, also after its bounds were read', (t) => {
  const { store, count } = openStore(t);
  const before = store.heads(['lobby']).get('lobby');
  assert.equal(count('streams'), 1);
  assert.equal(store.removeEmpty('lobby'), true);
  assert.equal(count('streams'), 0);
  assert.deepEqual(store.heads(['lobby']).get('lobby'), { epoch: unstoredEpoch, top: 0, first: 1, lives: [] });
  assert.notEqual(before?.epoch, unstoredEpoch);
  assert.equal(count('streams'), 0);
});

test('a new epoch has the messages of the old one, and nothing else is in the file', (t) => {
  const { store, count } = openStore(t);
  for (const id of ['a', 'b']) store.publish('lobby', 'ada', id, '{}', usual);
  store.publish('attic', 'ada', 'c', '{}', usual);
  assert.equal(count('messages'), 3);
  const epoch = store.heads(['lobby']).get('lobby')?.epoch ?? '';
  assert.equal(store.renewEpoch('lobby', 'another'), false);
  assert.equal(count('messages'), 3);
  assert.equal(store.renewEpoch('lobby', epoch), true);
  assert.deepEqual([count('messages'), count('streams')], [3, 2]);
});

test('records 64 lives of a room, and forgets older ones', (t) => {
  const { database, store, life } = openStore(t);
  const { epoch } = store.publish('lobby', 'ada', 'first', '{}', usual) as Published;
  store.finish();
  for (let run = 2; run <= 65; run++) {
    const next = new SqliteStore(database, `life${run}`);
    const published = next.publish('lobby', 'ada', `m${run}`, '{}', usual) as Published;
    next.finish();
    assert.deepEqual([published.epoch, published.offset, published.life], [epoch, run, `life${run}`]);
    // Ids of earlier lives are known.
    const first = next.publish('lobby', 'ada', 'first', '{}', usual) as Published;
    assert.deepEqual([first.offset, first.life], [1, run < 65 ? life : '']);
  }
  assert.equal(store.heads(['lobby']).get('lobby')?.lives.length, 64);
});

test('publishes of one transaction see each other, and keep exactly the newest messages', (t) => {
  const { store, database, count } = openStore(t);
  const options = { ...usual, historyCount: 3 };
  const published = ['a', 'b', 'a', 'c', 'd', 'e', 'd'].map(
    (id) => store.publish('lobby', 'ada', id, '{}', options) as Published,
  );
  assert.deepEqual(
    published.map(({ offset, repeated }) => [offset, repeated]),
    [
      [1, false],
      [2, false],
      [1, true],
      [3, false],
      [4, false],
      [5, false],
      [4, true],
    ],
  );
  store.finish();
  assert.deepEqual([count('messages'), store.heads(['lobby']).get('lobby')?.first], [3, 3]);
  assert.equal(database.prepare('SELECT sent FROM senders').get()?.['sent'], 5);
});

test('a transaction that was rolled back leaves nothing in memory', (t) => {
  const { store, database, count } = openStore(t);
  store.publish('lobby', 'ada', 'a', '{}', usual);
  store.finish();
  database.exec('BEGIN');
  for (const id of ['b', 'c']) store.publish('lobby', 'ada', id, '{}', usual);
  store.publish('attic', 'ben', 'd', '{}', usual);
  store.discard();
  database.exec('ROLLBACK');
  const { offset, repeated } = store.publish('lobby', 'ada', 'c', '{}', usual) as Published;
  assert.deepEqual([offset, repeated], [2, false]);
  store.finish();
  assert.deepEqual([count('messages'), count('streams')], [2, 1]);
});

test('the bounds and a cursor in the middle of a transaction see its publishes', (t) => {
  const { store } = openStore(t);
  const { epoch, life } = store.publish('lobby', 'ada', 'a', '{}', usual) as Published;
  assert.equal(store.advanceCursor('lobby', 'ada', { epoch, offset: 1, life })?.offset, 1);
  assert.equal(store.heads(['lobby']).get('lobby')?.top, 1);
  store.publish('lobby', 'ada', 'b', '{}', usual);
  assert.equal(store.removeEmpty('lobby'), false);
});
