import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayBeDropped } from './publish-unknown.ts';

const options = { historyCount: 1, dedupeMs: 100, dedupeCount: 1 };
const dropped = { offset: 7, time: 1000 };

test('a dropped id counts until its time is over', () => {
  assert.equal(mayBeDropped(dropped, 'e1', 1099, options), true);
  assert.equal(mayBeDropped(dropped, 'e1', 1100, options), false);
});

test('a dropped id counts only if it is after the position before the first attempt', () => {
  const after = (offset: number, epoch: string): boolean =>
    mayBeDropped(dropped, 'e1', 1000, { ...options, after: { epoch, offset } });
  assert.deepEqual([after(6, 'e1'), after(7, 'e1'), after(7, 'e2')], [true, false, true]);
});
