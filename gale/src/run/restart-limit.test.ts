import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RestartLimit } from './restart-limit.ts';

test('allows max restarts in any minute, and another when the oldest is a minute old', () => {
  let now = 5;
  const limit = new RestartLimit(3, () => now);
  assert.deepEqual([limit.take(), limit.take()], [true, true]);
  now += 59_999;
  assert.deepEqual([limit.take(), limit.take()], [true, false]);
  now += 1;
  assert.deepEqual([limit.take(), limit.take(), limit.take()], [true, true, false]);
  now += 59_999;
  assert.deepEqual([limit.take(), limit.take()], [true, false]);
});

test('a limit of 0 allows none', () => {
  assert.equal(new RestartLimit(0).take(), false);
});
