import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../test/support/eventually.ts';
import { retryUntilDone } from './retry.ts';

test('runs an operation again until it succeeds, and reports each failure with its number', async (t) => {
  // `eventually` waits by a timer of its own.
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const failures: string[] = [];
  let runs = 0;
  const done = retryUntilDone(
    async () => {
      if (++runs < 4) throw new Error(`run ${runs}`);
      return 'result';
    },
    {
      isOver: () => false,
      onFailure: (error, attempt) => failures.push(`${(error as Error).message} attempt ${attempt}`),
    },
  );
  for (const count of [1, 2, 3]) {
    await eventually(() => failures.length === count);
    t.mock.timers.tick(49);
    assert.equal(runs, count, 'waits at least 50 ms');
    t.mock.timers.tick(5001);
  }
  assert.equal(await done, 'result');
  assert.deepEqual(failures, ['run 1 attempt 0', 'run 2 attempt 1', 'run 3 attempt 2']);
});

test('returns undefined once it is over, without another run', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let runs = 0;
  const isOver = { value: true };
  const run = async (): Promise<string> => {
    runs++;
    throw new Error('as the test wants it');
  };
  const options = { isOver: () => isOver.value, onFailure: () => void (isOver.value = true) };
  assert.equal(await retryUntilDone(run, options), undefined);
  assert.equal(runs, 0);
  isOver.value = false;
  const done = retryUntilDone(run, options);
  await eventually(() => isOver.value);
  t.mock.timers.tick(10_000);
  assert.equal(await done, undefined);
  assert.equal(runs, 1);
});
