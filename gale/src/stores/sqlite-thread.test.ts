import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { eventually, within } from '../../test/support/eventually.ts';
import { RecordedLog, type RecordedLine } from '../../test/support/recorded-log.ts';
import type { GaleError } from '../errors.ts';
import { SqliteThread } from './sqlite-thread.ts';
import type { SqliteThreadOptions } from './sqlite-thread.ts';

/** What each call returns: the number of its message, and the calls without a result when that message came. */
interface Seen {
  readonly batch: number;
  readonly inFlight: number;
  readonly now: number;
}

interface Calls {
  echo(text: string): Seen & { readonly text: string };
  fail(): never;
  exit(): never;
}

/** A thread without a file: sends the result of each call a little later, one message for each. */
const program = programOf(`
  let batch = 0, inFlight = 0;
  parentPort.postMessage({ state: 'open' });
  parentPort.on('message', ({ close, calls, now }) => {
    if (close) return parentPort.close();
    const seen = { batch: ++batch, inFlight: (inFlight += calls.length), now };
    for (const [name, text] of calls) setTimeout(() => {
      inFlight--;
      if (name === 'exit') process.exit(7);
      if (name === 'fail') {
        parentPort.postMessage({ state: 'done', results: [undefined], faults: [{ index: 0, message: 'disk full' }] });
      } else parentPort.postMessage({ state: 'done', results: [{ ...seen, text }], faults: [] });
    }, 1);
  });`);

function programOf(code: string): URL {
  const text = `import { parentPort } from 'node:worker_threads';${code}`;
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`);
}

async function open(
  t: TestContext,
  options: Partial<SqliteThreadOptions> = {},
): Promise<{ thread: SqliteThread<Calls>; log: RecordedLog; restarts: { count: number } }> {
  const log = new RecordedLog();
  const restarts = { count: 0 };
  const thread = await SqliteThread.open<Calls>({
    name: 'test',
    program,
    maxAtOnce: Infinity,
    maxWaiting: 1000,
    advice: 'Read again.',
    path: 'a.sqlite',
    now: () => 42,
    log,
    onRestart: () => restarts.count++,
    ...options,
  });
  t.after(() => within(thread.close(), () => 'the close of the thread'));
  return { thread, log, restarts };
}

const echoAll = (thread: SqliteThread<Calls>, count: number): Promise<Awaited<ReturnType<Calls['echo']>>[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => thread.call('echo', `${index}`)));

test('sends the calls of one turn in one message, and returns results in order', async (t) => {
  const { thread } = await open(t);
  const seen = await echoAll(thread, 3);
  assert.deepEqual(seen, [
    { batch: 1, inFlight: 3, now: 42, text: '0' },
    { batch: 1, inFlight: 3, now: 42, text: '1' },
    { batch: 1, inFlight: 3, now: 42, text: '2' },
  ]);
  assert.deepEqual(await thread.call('echo', 'next'), { batch: 2, inFlight: 1, now: 42, text: 'next' });
});

test('gives the thread at most maxAtOnce calls at once', async (t) => {
  const { thread } = await open(t, { maxAtOnce: 2 });
  const seen = await echoAll(thread, 7);
  assert.deepEqual(
    seen.map(({ text }) => text),
    ['0', '1', '2', '3', '4', '5', '6'],
  );
  assert.equal(Math.max(...seen.map(({ inFlight }) => inFlight)), 2);
});

test('refuses a call if maxWaiting calls have no result, and accepts calls afterwards', async (t) => {
  const { thread } = await open(t, { maxWaiting: 3 });
  const accepted = echoAll(thread, 3);
  await assert.rejects(thread.call('echo', 'too many'), {
    code: 'ROOM_UNAVAILABLE',
    message: 'The store a.sqlite failed: 3 calls are waiting already. Read again.',
  });
  assert.equal((await accepted).length, 3);
  assert.equal((await echoAll(thread, 3)).length, 3);
});

test('rejects a failed call with the reason and the next step, and logs it; later ones are counted', async (t) => {
  const { thread, log } = await open(t);
  const [failed, other] = await Promise.allSettled([thread.call('fail'), thread.call('echo', 'other')]);
  assert.equal(
    failed.status === 'rejected' && failed.reason.message,
    'The store a.sqlite failed: disk full. Read again.',
  );
  assert.equal(other.status, 'fulfilled');
  assert.deepEqual(log.lines, [
    {
      level: 'warn',
      fields: { path: 'a.sqlite', err: failed.status === 'rejected' && (failed.reason as unknown), count: 1 },
      message: 'Calls of the SQLite store failed',
    },
  ]);
  for (let count = 0; count < 3; count++) await assert.rejects(thread.call('fail'));
  assert.equal(log.lines.length, 1);
  await thread.close();
  assert.deepEqual(
    log.lines.slice(1).map(({ fields }) => fields['count']),
    [3],
  );
});

test('fails to open with the error of the thread', async (t) => {
  const refusing = programOf(`
    parentPort.postMessage({ state: 'refused', code: 'ROOM_STORE_IN_USE', message: 'it is in use' });
    parentPort.close();`);
  await assert.rejects(open(t, { program: refusing }), { code: 'ROOM_STORE_IN_USE', message: 'it is in use' });
  await assert.rejects(open(t, { program: programOf('throw new Error("broken");') }), {
    code: 'ROOM_UNAVAILABLE',
    message: /its thread ended with code 1/,
  });
});

test('close waits for the results of earlier calls and for a promise, and refuses later calls', async (t) => {
  const workers: Worker[] = [];
  const note = (worker: Worker): void => void workers.push(worker);
  process.on('worker', note);
  t.after(() => process.off('worker', note));
  const { thread } = await open(t, { maxAtOnce: 1 });
  const [worker] = workers;
  assert.ok(worker);
  const post = t.mock.method(worker, 'postMessage');
  const order: string[] = [];
  const before = Promise.withResolvers<void>();
  const calls = echoAll(thread, 3).then(() => order.push('results'));
  const closing = thread.close(before.promise).then(() => order.push('closed'));
  await assert.rejects(thread.call('echo', 'late'), {
    code: 'ROOM_UNAVAILABLE',
    message: 'The store a.sqlite is closed.',
  });
  await calls;
  await nextTurn();
  assert.equal(post.mock.callCount(), 3, 'three calls, and no close yet');
  order.push('before');
  before.resolve();
  await closing;
  assert.deepEqual(order, ['results', 'before', 'closed']);
});

test('rejects all calls of a thread that ends, and restarts it', async (t) => {
  const { thread, log, restarts } = await open(t, { maxAtOnce: 2 });
  const calls = [thread.call('exit'), thread.call('echo', '1'), thread.call('echo', '2')];
  for (const result of await within(Promise.allSettled(calls), () => 'the results of the calls')) {
    assert.match(String(result.status === 'rejected' && result.reason.message), /its thread ended with code 7/);
  }
  await assert.rejects(thread.call('echo', 'meanwhile'), /its thread ended and is restarting/);
  await eventually(() => restarts.count === 1);
  const texts: string[] = [];
  void echoAll(thread, 3).then((seen) => texts.push(...seen.map(({ text }) => text)));
  await eventually(() => texts.length > 0);
  assert.deepEqual(texts, ['0', '1', '2']);
  assert.deepEqual(log.messages, [
    'A thread of the SQLite store ended; restarting it',
    'Restarted a thread of the SQLite store',
  ]);
});

test('logs each failed restart of a thread with its reason, and tries again until it succeeds', async (t) => {
  // The thread refuses to open a file that exists.
  const folder = await mkdtemp(join(tmpdir(), 'gale-thread-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'a.sqlite');
  const refusing = programOf(`
    import { existsSync } from 'node:fs';
    import { workerData } from 'node:worker_threads';
    if (existsSync(workerData.path)) {
      parentPort.postMessage({ state: 'refused', code: 'ROOM_STORE_IN_USE', message: 'it is in use' });
      parentPort.close();
    } else parentPort.postMessage({ state: 'open' });
    parentPort.on('message', ({ close, calls }) => {
      if (close) return parentPort.close();
      if (calls[0][0] === 'exit') process.exit(7);
      parentPort.postMessage({ state: 'done', results: calls.map(([, text]) => ({ text })), faults: [] });
    });`);
  const { thread, log, restarts } = await open(t, { path, program: refusing });
  await writeFile(path, '');
  await assert.rejects(thread.call('exit'), /its thread ended with code 7/);
  const failed = (): RecordedLine[] =>
    log.lines.filter(({ message }) => message === 'Could not restart a thread of the SQLite store; retrying');
  await eventually(() => failed().length >= 2);
  await rm(path);
  await eventually(() => restarts.count === 1);
  for (const [attempt, { level, fields }] of failed().entries()) {
    const { err, ...others } = fields;
    assert.deepEqual([level, others], ['error', { path, attempt }]);
    assert.equal((err as GaleError).code, 'ROOM_STORE_IN_USE');
  }
  assert.equal((await thread.call('echo', 'again')).text, 'again');
});

test('close resolves if the thread ends before it has sent all results', async (t) => {
  const { thread } = await open(t);
  const failed = assert.rejects(thread.call('exit'), /its thread ended with code 7/);
  let isClosed = false;
  void thread.close().then(() => (isClosed = true));
  await eventually(() => isClosed);
  await failed;
});

test('close during a restart ends it', async (t) => {
  const { thread, restarts } = await open(t);
  await assert.rejects(thread.call('exit'));
  await within(thread.close(), () => 'the close of the thread');
  await assert.rejects(thread.call('echo', 'late'), /is closed/);
  assert.equal(restarts.count, 0);
});
