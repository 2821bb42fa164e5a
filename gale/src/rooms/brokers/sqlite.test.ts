import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { createLog } from '../../run/log.ts';
import type { Logger } from '../../run/log.ts';
import { fillDisk, freeDisk, fullDiskMissing } from '../../testing/full-disk.ts';
import { SqliteBroker } from './sqlite.ts';
import { testBroker } from './suite.ts';
import { atMost, eventually, keptIn, person, Recorder, someEntry, upTo, usual } from './suite/support.ts';

const folder = mkdtempSync(join(tmpdir(), 'gale-sqlite-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
let now = Date.now();
const log = createLog({ level: 'silent' });
const unreadable = (words: RegExp): object => ({ code: 'ROOM_STORE_UNREADABLE', message: words });

const ignore = (): void => {};

function somePath(): string {
  return join(folder, `${++files}.sqlite`);
}

/** Opens a file until the end of the test. */
async function open(t: TestContext, path: string): Promise<SqliteBroker> {
  const broker = await SqliteBroker.open({ path, now: () => now, log });
  t.after(() => broker.close());
  return broker;
}

testBroker(
  'the broker in SQLite',
  { skip: false },
  {
    open: () => SqliteBroker.open({ path: somePath(), now: () => now, log }),
    passTime: (ms) => {
      now += ms;
      return Promise.resolve();
    },
  },
);

test('SQLite: everything stored is there when the file is opened again', async (t) => {
  const path = somePath();
  const before = await open(t, path);
  const entry = someEntry();
  const first = await before.publish('lobby', entry, usual);
  await Promise.all(upTo(119).map(() => before.publish('lobby', someEntry(), usual)));
  await before.cursors.advance('lobby', 'ann', { epoch: first.epoch, offset: 20 });
  const page = await before.read('lobby', 0, atMost(100));
  await before.close();

  const broker = await open(t, path);
  assert.deepEqual(await broker.read('lobby', 0, atMost(100)), page);
  assert.deepEqual([page.top, page.first], [120, 21]);
  assert.deepEqual(await broker.publish('lobby', entry, usual), { ...first, repeated: true });
  assert.deepEqual((await broker.cursors.getAll('ann', ['lobby'])).get('lobby'), { epoch: first.epoch, offset: 20 });
  assert.equal((await broker.publish('lobby', someEntry(), usual)).offset, 121);
});

test('SQLite: a second server on the same file is told that it is in use', async (t) => {
  const path = somePath();
  const first = await open(t, path);
  const inUse = {
    name: 'GaleError',
    code: 'ROOM_STORE_IN_USE',
    message: `${path} is in use by another server, or by another process of this one; stop it, choose another file, or use a RedisBroker for several.`,
  };
  await assert.rejects(SqliteBroker.open({ path, log }), inUse);
  await first.publish('lobby', someEntry(), usual);
  await assert.rejects(SqliteBroker.open({ path, log }), inUse);
  await first.close();
  assert.deepEqual(await keptIn(await open(t, path), 'lobby'), [1]);
});

test('SQLite: a place that cannot be written is named', async () => {
  const isFolder = join(folder, 'folder.sqlite');
  mkdirSync(isFolder);
  for (const path of [join(folder, 'not there', 'a.sqlite'), isFolder, ':memory:']) {
    await assert.rejects(SqliteBroker.open({ path, log }), (error: Error & { code: string }) => {
      assert.equal(error.code, 'ROOM_STORE_UNWRITABLE');
      assert.ok(error.message.startsWith(`${path} cannot be written: `), error.message);
      return true;
    });
  }
});

test('SQLite: a file of something else, or of a newer Gale, is left alone', async (t) => {
  const text = somePath();
  writeFileSync(text, 'This is no database, but it is long enough to be looked at. '.repeat(20));
  await assert.rejects(SqliteBroker.open({ path: text, log }), unreadable(/is no database/));

  const other = somePath();
  const database = new DatabaseSync(other);
  database.exec('CREATE TABLE accounts (name TEXT); PRAGMA user_version = 1');
  database.close();
  await assert.rejects(SqliteBroker.open({ path: other, log }), unreadable(/of something else/));

  const newer = somePath();
  await (await open(t, newer)).close();
  const changed = new DatabaseSync(newer);
  changed.exec('PRAGMA user_version = 99');
  changed.close();
  await assert.rejects(SqliteBroker.open({ path: newer, log }), unreadable(/has version 99, .* run a newer Gale/));
});

test('SQLite: one call that cannot be carried out does not spoil those beside it', async (t) => {
  const broker = await open(t, somePath());
  const publish = (id: unknown) => broker.publish('lobby', { id: id as string, author: person('ann'), data: 1 }, usual);
  const results = await Promise.allSettled([publish('one'), publish({}), publish('two')]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.equal((results[1] as PromiseRejectedResult).reason.code, 'ROOM_UNAVAILABLE');
  assert.deepEqual(await keptIn(broker, 'lobby'), [1, 2]);
});

test(
  'SQLite: on a full disk everything can be read, and a publish is refused until there is space',
  { skip: fullDiskMissing() },
  async (t) => {
    const broker = await open(t, somePath());
    await broker.publish('lobby', someEntry(), usual);
    t.after(() => freeDisk());
    fillDisk();
    const entry = someEntry();
    await assert.rejects(broker.publish('lobby', entry, usual), { code: 'ROOM_UNAVAILABLE' });
    await assert.rejects(broker.check(), { code: 'ROOM_UNAVAILABLE' });
    assert.deepEqual(await keptIn(broker, 'lobby'), [1]);
    const empty = await broker.read('new', 0, { count: 1, bytes: 1 });
    assert.deepEqual([empty.top, empty.first, empty.messages], [0, 1, []]);
    const heads = await broker.heads(['new', 'lobby']);
    assert.deepEqual(heads.get('new'), { epoch: empty.epoch, top: 0, first: 1 });
    assert.equal(heads.get('lobby')?.top, 1);
    freeDisk();
    await broker.check();
    assert.equal((await broker.publish('lobby', entry, usual)).offset, 2);
    const first = await broker.publish('new', someEntry(), usual);
    assert.notEqual(first.epoch, empty.epoch);
  },
);

test('SQLite: a file that was removed or replaced is noticed by a check', async (t) => {
  const path = somePath();
  const broker = await open(t, path);
  await broker.check();
  renameSync(path, `${path}.away`);
  await assert.rejects(broker.check(), { code: 'ROOM_UNAVAILABLE', message: /was removed or replaced/ });
  writeFileSync(path, '');
  await assert.rejects(broker.check(), { code: 'ROOM_UNAVAILABLE', message: /was removed or replaced/ });
  renameSync(`${path}.away`, path);
  await broker.check();
});

test('SQLite: answers that ran out are removed little by little', async (t) => {
  const path = somePath();
  const broker = await open(t, path);
  await Promise.all(upTo(300).map(() => broker.publish('lobby', someEntry(), usual)));
  now += usual.dedupeMs + 1;
  for (const _ of upTo(150)) await broker.publish('lobby', someEntry(), usual);
  await broker.close();
  const database = new DatabaseSync(path);
  t.after(() => database.close());
  assert.equal(database.prepare('SELECT count(*) AS n FROM answers').get()?.['n'], 150);
});

test('SQLite: a thread that dies rejects what it had, and another takes its place', async (t) => {
  const started: Worker[] = [];
  const note = (worker: Worker): void => void started.push(worker);
  process.on('worker', note);
  t.after(() => process.off('worker', note));
  const faults: string[] = [];
  const recording: Logger = {
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: (_fields, message) => void faults.push(message),
  };
  const broker = await SqliteBroker.open({ path: somePath(), log: recording });
  t.after(() => broker.close());
  const recorder = new Recorder();
  await broker.listen('lobby', recorder);
  const { epoch } = await broker.publish('lobby', someEntry(), usual);

  const entries = upTo(50).map(() => someEntry());
  const publishing = entries.map((entry) => broker.publish('lobby', entry, usual));
  await started[0]?.terminate();
  const results = await Promise.allSettled(publishing);
  for (const result of results) {
    if (result.status === 'rejected') assert.equal(result.reason.code, 'ROOM_UNAVAILABLE');
  }
  assert.ok(faults.some((message) => message.includes('died')));
  await eventually(() => recorder.doubts > 0);
  assert.equal(started.length, 2);

  const published = await Promise.all(entries.map((entry) => broker.publish('lobby', entry, usual)));
  assert.deepEqual(
    published.map(({ offset }) => offset).toSorted((one, other) => one - other),
    upTo(51, 2),
  );
  assert.deepEqual(await keptIn(broker, 'lobby'), upTo(51));
  assert.equal(published[0]?.epoch, epoch);
});

test('SQLite: kill -9 at any moment loses nothing that was acknowledged', async (t) => {
  // Publishes with 32 in flight, into a stream that keeps all, and prints each id when it is acknowledged.
  const publisher = `
    const { SqliteBroker } = await import(${JSON.stringify(new URL('sqlite.ts', import.meta.url).href)});
    const [path, life] = process.argv.slice(-2);
    const broker = await SqliteBroker.open({ path });
    let next = 0;
    const run = async () => {
      for (;;) {
        const id = life + '-' + next++;
        const { offset } = await broker.publish('lobby', { id, author: { id: 'ann', name: 'Ann' }, data: id }, { historyCount: 100_000, dedupeMs: 60_000 });
        process.stdout.write(offset + ' ' + id + '\\n');
      }
    };
    for (let i = 0; i < 32; i++) run();`;
  const path = somePath();
  const acknowledged: string[] = [];
  for (const life of upTo(5)) {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', publisher, path, `life${life}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      // A different moment in each life, in the midst of publishing.
      if (output.length > life * 1500) child.kill('SIGKILL');
    });
    const ended = once(child.stdout, 'end');
    await exited;
    await ended;
    assert.equal(child.signalCode, 'SIGKILL');
    // The last line may be cut.
    acknowledged.push(...output.slice(0, output.lastIndexOf('\n')).split('\n'));
  }

  const broker = await open(t, path);
  const { messages, top } = await broker.read('lobby', 0, atMost(100_000));
  assert.deepEqual(
    messages.map(({ offset }) => offset),
    upTo(top),
  );
  assert.equal(new Set(messages.map(({ id }) => id)).size, messages.length);
  assert.ok(acknowledged.length > 500, `${acknowledged.length} were acknowledged`);
  for (const line of acknowledged) {
    const [offset, id] = line.split(' ');
    assert.equal(messages[Number(offset) - 1]?.id, id);
  }
});

test('SQLite: an idle broker does not keep its process alive, and a busy one does', async () => {
  const script = `
    const { SqliteBroker } = await import(${JSON.stringify(new URL('sqlite.ts', import.meta.url).href)});
    const broker = await SqliteBroker.open({ path: process.argv.at(-1) });
    broker.publish('lobby', { id: '1', author: { id: 'ann', name: 'Ann' }, data: 1 }, { historyCount: 100, dedupeMs: 60_000 })
      .then(({ offset }) => console.log('stored', offset));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, somePath()], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 30_000,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const [code] = await once(child, 'close');
  assert.deepEqual([code, output], [0, 'stored 1\n']);
});
