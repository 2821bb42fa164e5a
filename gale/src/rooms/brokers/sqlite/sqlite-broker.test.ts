import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { createLogger } from '../../../run/log.ts';
import type { Logger } from '../../../run/log.ts';
import { OpenedFile } from '../../../stores/opened-file.ts';
import { earlyLife } from '../../lives.ts';
import { fillDisk, freeDisk, fullDiskMissing } from '../../../testing/full-disk.ts';
import { SqliteBroker } from './sqlite-broker.ts';
import { testBroker } from '../../../../test/support/rooms/broker-suite.ts';
import {
  atMost,
  eventually,
  keptIn,
  person,
  Recorder,
  someEntry,
  upTo,
  usual,
} from '../../../../test/support/rooms/broker-suite/suite-broker.ts';

const folder = mkdtempSync(join(tmpdir(), 'gale-sqlite-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
let now = Date.now();
const log = createLogger({ level: 'silent' });
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

for (const [options, code, message] of [
  [{ file: 'a.sqlite' }, 'OPTION_UNKNOWN', 'Unknown SqliteBroker option file; the options are path, now, log.'],
  [{ path: '' }, 'OPTION_VALUE', 'path must be the path of a file; got "".'],
  [{ path: undefined }, 'OPTION_VALUE', 'path must be the path of a file; got undefined.'],
  [{ now: 5 }, 'OPTION_VALUE', 'now must be a function; got 5.'],
  [
    { log: {} },
    'OPTION_VALUE',
    'log must be an object with the methods debug, info, warn and error; got an empty object.',
  ],
] as const) {
  test(`rejects options and creates no file: ${message}`, async () => {
    const path = somePath();
    await assert.rejects(SqliteBroker.open({ path, ...(options as object) }), { name: 'GaleError', code, message });
    assert.ok(!existsSync(path));
  });
}

test('keeps everything stored after the file is opened again', async (t) => {
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

test('refuses a second server on the same file', async (t) => {
  const path = somePath();
  const first = await open(t, path);
  const inUse = {
    name: 'GaleError',
    code: 'ROOM_STORE_IN_USE',
    message: `${path} is in use by another server or another process of this one; stop it, choose another file, or use a RedisBroker for several.`,
  };
  await assert.rejects(SqliteBroker.open({ path, log }), inUse);
  await first.publish('lobby', someEntry(), usual);
  await assert.rejects(SqliteBroker.open({ path, log }), inUse);
  const link = somePath();
  symlinkSync(path, link);
  await assert.rejects(SqliteBroker.open({ path: link, log }), { code: 'ROOM_STORE_IN_USE' });
  await first.close();
  assert.deepEqual(await keptIn(await open(t, path), 'lobby'), [1]);
});

test('an error after the threads have started closes both, so that the file can be opened again', async (t) => {
  const path = somePath();
  const workers: Worker[] = [];
  const note = (worker: Worker): void => void workers.push(worker);
  process.on('worker', note);
  t.after(() => process.off('worker', note));
  t.mock.method(OpenedFile, 'at', () => Promise.reject(new Error('as the test wants it')), { times: 1 });
  await assert.rejects(SqliteBroker.open({ path, log }), /as the test wants it/);
  assert.deepEqual(
    workers.map(({ threadId }) => threadId),
    [-1, -1],
    'both threads have ended',
  );
  const broker = await open(t, path);
  assert.equal((await broker.publish('lobby', someEntry(), usual)).offset, 1);
});

test('refuses a file that an older Gale has locked', async (t) => {
  const path = somePath();
  await (await open(t, path)).close();
  const older = new DatabaseSync(path);
  t.after(() => older.isOpen && older.close());
  older.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT');
  await assert.rejects(SqliteBroker.open({ path, log }), { code: 'ROOM_STORE_IN_USE' });
  older.close();
  await open(t, path);
});

test('does not delay a publish by earlier reads', async (t) => {
  const broker = await open(t, somePath());
  const text = 'x'.repeat(40_000);
  await Promise.all(upTo(100).map(() => broker.publish('heavy', someEntry('ann', text), usual)));
  let finished = 0;
  const reads = upTo(200).map(async () => {
    const page = await broker.read('heavy', 0, { count: 100, bytes: 1024 * 1024 });
    finished++;
    return page.messages.length;
  });
  await broker.publish('other', someEntry(), usual);
  const before = finished;
  await broker.cursors.advance('other', 'ann', { epoch: 'any', offset: 1 });
  assert.ok(before < reads.length, `${before} reads were finished before the publish`);
  assert.deepEqual(new Set(await Promise.all(reads)), new Set([26]));
});

test('limits the calls that wait for the reading thread', async (t) => {
  const broker = await open(t, somePath());
  await broker.publish('lobby', someEntry(), usual);
  const refused = await Promise.allSettled(upTo(10_050).map(() => broker.read('lobby', 0, atMost(1))));
  const reasons = refused.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  assert.equal(reasons.length, 50);
  assert.match(reasons[0]?.message ?? '', /10000 calls are waiting already\. Retry the read\./);
  assert.deepEqual(await keptIn(broker, 'lobby'), [1]);
});

test('names a path that cannot be written', async () => {
  const isFolder = join(folder, 'folder.sqlite');
  mkdirSync(isFolder);
  for (const path of [join(folder, 'not there', 'a.sqlite'), isFolder, ':memory:']) {
    await assert.rejects(SqliteBroker.open({ path, log }), (error: Error & { code: string }) => {
      assert.equal(error.code, 'ROOM_STORE_UNWRITABLE');
      assert.ok(error.message.startsWith(`${path} cannot be written: `), error.message);
      if (path === ':memory:') assert.equal(error.message, ':memory: cannot be written: it is not a file.');
      return true;
    });
  }
});

test('refuses a file of another program or of a newer Gale', async (t) => {
  const text = somePath();
  writeFileSync(text, 'This is no database, but it is long enough to be looked at. '.repeat(20));
  await assert.rejects(SqliteBroker.open({ path: text, log }), unreadable(/is not a database/));

  const other = somePath();
  const database = new DatabaseSync(other);
  database.exec('CREATE TABLE accounts (name TEXT); PRAGMA user_version = 1');
  database.close();
  await assert.rejects(SqliteBroker.open({ path: other, log }), unreadable(/of another program/));

  const newer = somePath();
  await (await open(t, newer)).close();
  const changed = new DatabaseSync(newer);
  changed.exec('PRAGMA user_version = 99');
  changed.close();
  await assert.rejects(
    SqliteBroker.open({ path: newer, log }),
    unreadable(/must be at most 6; got 99\. Run a newer Gale/),
  );
});

test('refuses a damaged file, and one that is no database', async (t) => {
  const path = somePath();
  await (await open(t, path)).close();
  const bytes = readFileSync(path);
  // The first page after its header: the root of the table of tables.
  writeFileSync(path, bytes.fill(0xff, 100, 200));
  const words = /is not a database, or is damaged \(.+\); choose another file or restore a backup\.$/;
  await assert.rejects(open(t, path), unreadable(words));
  writeFileSync(path, 'no database'.repeat(1000));
  await assert.rejects(open(t, path), unreadable(words));
});

test('runs the other calls of a batch with a failing call', async (t) => {
  const broker = await open(t, somePath());
  const publish = (id: unknown) =>
    broker.publish('lobby', { id: 'one', author: { id: id as string, name: '' }, data: 1 }, usual);
  const results = await Promise.allSettled([publish('ann'), publish({}), publish('ben')]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.equal((results[1] as PromiseRejectedResult).reason.code, 'ROOM_UNAVAILABLE');
  assert.deepEqual(await keptIn(broker, 'lobby'), [1, 2]);
});

test('reads on a full disk, and refuses publishes until there is space', { skip: fullDiskMissing() }, async (t) => {
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
  assert.deepEqual(heads.get('new'), { epoch: empty.epoch, top: 0, first: 1, lives: [] });
  assert.equal(heads.get('lobby')?.top, 1);
  freeDisk();
  await broker.check();
  assert.equal((await broker.publish('lobby', entry, usual)).offset, 2);
  const first = await broker.publish('new', someEntry(), usual);
  assert.notEqual(first.epoch, empty.epoch);
});

test('detects a removed or replaced file by a check', async (t) => {
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

/** Opens the file of a closed broker. */
function openDatabase(t: TestContext, path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  t.after(() => database.close());
  return database;
}

function countIn(database: DatabaseSync, what: string): number {
  return Number(database.prepare(`SELECT count(*) AS n FROM ${what}`).get()?.['n']);
}

test('removes expired ids and their authors in small steps', async (t) => {
  const path = somePath();
  const broker = await open(t, path);
  await Promise.all(upTo(300).map((number) => broker.publish('lobby', someEntry(`early ${number % 150}`), usual)));
  await Promise.all(upTo(300).map(() => broker.publish('other', someEntry('ann'), usual)));
  now += usual.dedupeMs + 1;
  for (const _ of upTo(200)) await broker.publish('lobby', someEntry('late'), usual);
  await broker.close();
  const database = openDatabase(t, path);
  // The other room keeps 100 messages, so their ids are remembered.
  assert.equal(countIn(database, "senders WHERE author LIKE 'early %'"), 0);
  assert.equal(countIn(database, 'sent_ids'), 200 + 100);
  assert.equal(countIn(database, 'senders'), 2);
});

test('remembers an id in at most 40 bytes, and a limited number of ids', async (t) => {
  const path = somePath();
  const broker = await open(t, path);
  const options = { ...usual, dedupeMs: 86_400_000 };
  for (const _ of upTo(20)) {
    await Promise.all(upTo(1000).map(() => broker.publish('lobby', someEntry('a name that is not short'), options)));
    for (const room of upTo(4)) await broker.publish(`room ${room}`, someEntry('a name that is not short'), options);
  }
  await broker.close();
  const database = openDatabase(t, path);
  const [rows, inLobby] = [countIn(database, 'sent_ids'), countIn(database, 'sent_ids WHERE number > 1000')];
  assert.ok(inLobby >= 256 && inLobby <= 256 + 64, `${inLobby} ids of one author in one room`);
  assert.equal(rows - inLobby, 4 * 20);
  // The payload of the cells, and two bytes for each cell in the list of its page.
  const sum = "SELECT sum(payload + 2 * ncell) AS n FROM dbstat WHERE name = 'sent_ids'";
  const used = Number(database.prepare(sum).get()?.['n']);
  assert.ok(used / rows <= 40, `${used / rows} bytes a row`);
});

test('migrates a file of version 1 with its message ids', async (t) => {
  const path = somePath();
  await (await open(t, path)).close();
  const old = new DatabaseSync(path);
  old.exec(`
    DROP TABLE senders; DROP TABLE sent_ids; DROP TABLE health; DROP TABLE holds;
    ALTER TABLE streams DROP COLUMN lives; ALTER TABLE streams DROP COLUMN version;
    ALTER TABLE messages DROP COLUMN version; ALTER TABLE messages DROP COLUMN amended;
    CREATE TABLE answers (
      stream INTEGER NOT NULL, author TEXT NOT NULL, id TEXT NOT NULL,
      offset INTEGER NOT NULL, time INTEGER NOT NULL, until INTEGER NOT NULL,
      PRIMARY KEY (stream, author, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX answers_until ON answers (until);
    PRAGMA user_version = 1;
    INSERT INTO streams VALUES (7, 'lobby', 'epoch of 7', 400), (9, 'quiet', 'epoch of 9', 2);
    BEGIN`);
  const addMessage = old.prepare('INSERT INTO messages VALUES (?, ?, ?, ?)');
  const addAnswer = old.prepare('INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)');
  const day = 86_400_000;
  for (const offset of upTo(400)) {
    const author = offset > 390 ? 'Ben "B" 李' : 'ann';
    const text = JSON.stringify({ id: `m${offset}`, author: { id: author, name: 'N' }, data: { id: 'x' } });
    if (offset > 300) addMessage.run(7, offset, now - 1000, text);
    addAnswer.run(7, author, `m${offset}`, offset, now - 1000, now - 1000 + day);
  }
  // Kept for longer than a day: their remembered responses are gone.
  for (const offset of upTo(2)) {
    const text = JSON.stringify({ id: `q${offset}`, author: { id: 'ann', name: 'N' }, data: 1 });
    addMessage.run(9, offset, now - 3 * day, text);
  }
  // Of a stream that has been lost.
  addAnswer.run(3, 'ann', 'm1', 1, now, now + day);
  old.exec('COMMIT');
  old.close();

  const broker = await open(t, path);
  const retry = (room: string, id: string, author = 'ann') =>
    broker.publish(room, { id, author: person(author), data: 1 }, { ...usual, dedupeMs: day, retry: true });
  for (const offset of [135, 250, 300, 301, 390]) {
    const expected = { epoch: 'epoch of 7', offset, life: earlyLife, time: now - 1000, repeated: true };
    assert.deepEqual(await retry('lobby', `m${offset}`), expected);
  }
  assert.equal((await retry('lobby', 'm400', 'Ben "B" 李')).offset, 400);
  assert.equal((await retry('quiet', 'q1')).repeated, true);
  await assert.rejects(retry('lobby', 'm134'), { code: 'ROOM_PUBLISH_UNKNOWN' });
  assert.deepEqual(
    (await broker.read('lobby', 0, atMost(1000))).messages.map(({ offset }) => offset),
    upTo(400, 301),
  );
  const next = await retry('quiet', 'new');
  assert.equal(next.offset, 3);
  assert.deepEqual((await broker.heads(['quiet'])).get('quiet')?.lives, [
    { name: next.life, first: 3 },
    { name: earlyLife, first: 1 },
  ]);
  assert.equal((await retry('lobby', 'm1', 'cy')).offset, 401);
  await broker.close();
  const database = openDatabase(t, path);
  assert.equal(countIn(database, "sqlite_schema WHERE name LIKE 'answers%'"), 0);
  assert.equal(database.prepare('PRAGMA user_version').get()?.['user_version'], 6);
});

test('a consumer gets the kept messages of a file of version 5, from the first publish on', async (t) => {
  const path = somePath();
  const before = await open(t, path);
  for (const _ of upTo(7)) await before.publish('lobby', someEntry(), { ...usual, historyCount: 5 });
  await before.close();
  const old = new DatabaseSync(path);
  old.exec('DROP TABLE holds; PRAGMA user_version = 5');
  old.close();
  const broker = await open(t, path);
  const hold = { consumers: ['archive'], maxMessages: 20, maxBytes: 10_000 };
  for (const _ of upTo(3)) await broker.publish('lobby', someEntry(), { ...usual, historyCount: 5, hold });
  assert.deepEqual(await keptIn(broker, 'lobby'), upTo(10, 3));
  assert.deepEqual(await broker.holds.rooms('archive'), { rooms: ['lobby'], next: undefined });
});

test('what a consumer saved is in the file', async (t) => {
  const path = somePath();
  const hold = { consumers: ['archive'], maxMessages: 20, maxBytes: 10_000 };
  const before = await open(t, path);
  const claim = (await before.holds.claim('archive', 60_000)) ?? assert.fail();
  const stored = [];
  for (const _ of upTo(8)) stored.push(await before.publish('lobby', someEntry(), { ...usual, historyCount: 5, hold }));
  await before.holds.save('archive', claim, 'lobby', stored[1] ?? assert.fail());
  await before.close();
  const broker = await open(t, path);
  const next = (await broker.holds.claim('archive', 60_000)) ?? assert.fail();
  assert.equal((await broker.holds.saved('archive', next, 'lobby'))?.offset, 2);
  await broker.publish('lobby', someEntry(), { ...usual, historyCount: 5, hold });
  assert.deepEqual(await keptIn(broker, 'lobby'), upTo(9, 3));
});

test('rejects the calls of a writing thread that ends, and restarts it', async (t) => {
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
  const path = somePath();
  const broker = await SqliteBroker.open({ path, log: recording });
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
  assert.ok(faults.some((message) => message === 'A thread of the SQLite store ended; restarting it'));
  await eventually(() => recorder.doubts > 0);
  // The reading thread continues.
  assert.deepEqual(started.length, 3);
  await assert.rejects(SqliteBroker.open({ path, log }), { code: 'ROOM_STORE_IN_USE' });

  const published = await Promise.all(entries.map((entry) => broker.publish('lobby', entry, usual)));
  assert.deepEqual(
    published.map(({ offset }) => offset).toSorted((one, other) => one - other),
    upTo(51, 2),
  );
  assert.deepEqual(await keptIn(broker, 'lobby'), upTo(51));
  assert.equal(published[0]?.epoch, epoch);
});

test('rejects the reads of a reading thread that ends, and restarts it without delaying a publish', async (t) => {
  const started: Worker[] = [];
  const note = (worker: Worker): void => void started.push(worker);
  process.on('worker', note);
  t.after(() => process.off('worker', note));
  const broker = await open(t, somePath());
  await broker.publish('lobby', someEntry(), usual);
  const reads = upTo(50).map(() => broker.read('lobby', 0, atMost(10)));
  await started[1]?.terminate();
  for (const result of await Promise.allSettled(reads)) {
    if (result.status === 'rejected') assert.equal(result.reason.code, 'ROOM_UNAVAILABLE');
  }
  assert.equal((await broker.publish('lobby', someEntry(), usual)).offset, 2);
  await eventually(async () => assert.deepEqual(await keptIn(broker, 'lobby'), [1, 2]));
  assert.equal(started.length, 3);
});

test('keeps everything acknowledged before kill -9', async (t) => {
  // Publishes with 32 in flight, into a stream that keeps all, and prints each id when it is acknowledged.
  const publisher = `
    const { SqliteBroker } = await import(${JSON.stringify(new URL('sqlite-broker.ts', import.meta.url).href)});
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
      // Each process is killed at another moment, while it publishes.
      if (output.length > life * 1500) child.kill('SIGKILL');
    });
    const ended = once(child.stdout, 'end');
    await exited;
    await ended;
    assert.equal(child.signalCode, 'SIGKILL');
    // The last line may be incomplete.
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

test('keeps its process alive only while it is busy', async () => {
  const script = `
    const { SqliteBroker } = await import(${JSON.stringify(new URL('sqlite-broker.ts', import.meta.url).href)});
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
