import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HashQueue, QueueFullError } from './hash-queue.ts';

test('tasks begin in order, at most so many at a time', async () => {
  const queue = new HashQueue({ atOnce: 2 });
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const results = Array.from({ length: 5 }, (_, index) =>
    queue.run(async () => {
      begun.push(index);
      await new Promise<void>((resolve) => ends.push(resolve));
      return index;
    }),
  );
  for (let ended = 0; ended < 5; ended++) {
    assert.deepEqual(begun, [0, 1, 2, 3, 4].slice(0, Math.min(5, ended + 2)));
    ends[ended]?.();
    await results[ended];
    await new Promise(setImmediate);
  }
  assert.deepEqual(await Promise.all(results), [0, 1, 2, 3, 4]);
});

test('one too many is refused at once, and the queue goes on', async () => {
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

test('a task that fails gives its place back', async () => {
  const queue = new HashQueue({ atOnce: 1 });
  await assert.rejects(
    queue.run(() => Promise.reject(new Error('broken'))),
    /broken/,
  );
  assert.equal(await queue.run(() => Promise.resolve('next')), 'next');
});
