import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HashQueue, QueueFullError, type HashQueueOptions } from './hash-queue.ts';

test('starts tasks in order, and at most atOnce at the same time', async () => {
  const queue = new HashQueue({ atOnce: 2 });
  const started: number[] = [];
  const ends: (() => void)[] = [];
  const results = Array.from({ length: 5 }, (_, index) =>
    queue.run(async () => {
      started.push(index);
      await new Promise<void>((resolve) => ends.push(resolve));
      return index;
    }),
  );
  for (let ended = 0; ended < 5; ended++) {
    assert.deepEqual(started, [0, 1, 2, 3, 4].slice(0, Math.min(5, ended + 2)));
    ends[ended]?.();
    await results[ended];
    await new Promise(setImmediate);
  }
  assert.deepEqual(await Promise.all(results), [0, 1, 2, 3, 4]);
});

test('refuses one task too many at once, and continues to run the others', async () => {
  const queue = new HashQueue({ atOnce: 1, maxWaiting: 1 });
  const { promise, resolve: end } = Promise.withResolvers<void>();
  const first = queue.run(() => promise);
  const second = queue.run(() => Promise.resolve('second'));
  await assert.rejects(
    queue.run(() => Promise.resolve('third')),
    QueueFullError,
  );
  end();
  await first;
  assert.equal(await second, 'second');
  assert.equal(await queue.run(() => Promise.resolve('fourth')), 'fourth');
});

test('a task that fails frees its place', async () => {
  const queue = new HashQueue({ atOnce: 1 });
  await assert.rejects(
    queue.run(() => Promise.reject(new Error('broken'))),
    /broken/,
  );
  assert.equal(await queue.run(() => Promise.resolve('next')), 'next');
});

/** A queue whose tasks end one after the other, and the addresses in the order in which their tasks started. */
function createWatchedQueue(options: HashQueueOptions): {
  readonly served: string[];
  readonly ask: (address: string) => Promise<string>;
  readonly endAll: () => Promise<void>;
} {
  const queue = new HashQueue(options);
  const served: string[] = [];
  const ends: (() => void)[] = [];
  const tasks: Promise<string>[] = [];
  return {
    served,
    ask: (address) => {
      const done = queue.run(async () => {
        served.push(address);
        await new Promise<void>((resolve) => ends.push(resolve));
        return address;
      }, address);
      // The test may await this promise later.
      done.catch(() => {});
      tasks.push(done);
      return done;
    },
    endAll: async () => {
      for (;;) {
        // The next task starts before the next setImmediate callback.
        await new Promise(setImmediate);
        const end = ends.shift();
        if (end === undefined) break;
        end();
      }
      await Promise.allSettled(tasks);
    },
  };
}

test('addresses take turns, however many tasks one of them has', async () => {
  const { served, ask, endAll } = createWatchedQueue({ atOnce: 1 });
  void ask('flood');
  for (let count = 0; count < 10; count++) void ask('flood');
  void ask('ann');
  void ask('bob');
  void ask('ann');
  await endAll();
  assert.deepEqual(served.slice(0, 6), ['flood', 'flood', 'ann', 'bob', 'flood', 'ann']);
  assert.equal(served.length, 14);
});

test('limits the waiting tasks of one address, and still accepts those of others', async () => {
  const { ask, endAll, served } = createWatchedQueue({ atOnce: 1, maxWaitingPerAddress: 3 });
  for (let count = 0; count < 4; count++) void ask('flood');
  await assert.rejects(ask('flood'), QueueFullError);
  void ask('ann');
  await endAll();
  assert.equal(served.filter((address) => address === 'flood').length, 4);
  assert.ok(served.includes('ann'));
});

test('a full queue accepts a task of a new address, and refuses the newest task of the address with the most', async () => {
  const { served, ask, endAll } = createWatchedQueue({ atOnce: 1, maxWaiting: 6 });
  void ask('running');
  const flood = Array.from({ length: 5 }, () => ask('flood'));
  void ask('bob');
  const ann = ask('ann');
  await assert.rejects(flood[4] as Promise<string>, QueueFullError);
  // No address has two more than another, so the new task is refused.
  const eve = ask('flood');
  await assert.rejects(eve, QueueFullError);
  await endAll();
  assert.equal(await ann, 'ann');
  assert.deepEqual(served, ['running', 'flood', 'bob', 'ann', 'flood', 'flood', 'flood']);
});

test('limits the waiting tasks in total when every address has few', async () => {
  const { ask, endAll, served } = createWatchedQueue({ atOnce: 1, maxWaiting: 5 });
  for (let address = 0; address < 6; address++) void ask(`${address}`);
  await assert.rejects(ask('one more'), QueueFullError);
  await endAll();
  assert.equal(served.length, 6);
});
