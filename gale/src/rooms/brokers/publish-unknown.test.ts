import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayBeDropped } from './publish-unknown.ts';

const options = { historyCount: 1, dedupeMs: 100, dedupeCount: 1 };
const stream = { epoch: 'e1', top: 9, lives: [{ name: 'a', first: 1 }] };
const dropped = { offset: 7, time: 1000 };

test('counts a dropped id until its time is over', () => {
  assert.equal(mayBeDropped(dropped, stream, 1099, options), true);
  assert.equal(mayBeDropped(dropped, stream, 1100, options), false);
});

test('counts a dropped id only after the position before the first attempt', () => {
  const results = [
    { epoch: 'e1', offset: 6 },
    { epoch: 'e1', offset: 7 },
    { epoch: 'e2', offset: 7 },
    { epoch: 'e1', offset: 7, life: 'a' },
    { epoch: 'e1', offset: 7, life: 'lost' },
  ].map((after) => mayBeDropped(dropped, stream, 1000, { ...options, after }));
  assert.deepEqual(results, [true, false, true, false, true]);
});
