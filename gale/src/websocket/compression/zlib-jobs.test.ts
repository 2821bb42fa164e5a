import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { runZlibJob } from './zlib-jobs.ts';

test('runs three jobs at a time and the others in order, even if some fail', async () => {
  const started: number[] = [];
  const gates = Array.from({ length: 8 }, () => Promise.withResolvers<number>());
  const results = gates.map(({ promise }, index) =>
    runZlibJob(() => {
      started.push(index);
      return promise;
    }),
  );
  await turn();
  assert.deepEqual(started, [0, 1, 2]);
  const failed = assert.rejects(results[1]!, /second/);
  gates[1]!.reject(new Error('the second'));
  await failed;
  await turn();
  assert.deepEqual(started, [0, 1, 2, 3]);
  gates.forEach(({ resolve }, index) => resolve(index));
  assert.deepEqual(await Promise.all(results.filter((_, index) => index !== 1)), [0, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(started, [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.equal(await runZlibJob(() => Promise.resolve('free again')), 'free again');
});
