import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryAttempts } from './memory-attempts.ts';

test('a count never goes below zero', async () => {
  const attempts = new MemoryAttempts(() => 0);
  await attempts.count('key', 1000);
  await attempts.giveBack('key');
  await attempts.giveBack('key');
  assert.deepEqual(await attempts.count('key', 1000), { count: 1, resetMs: 1000 });
});

test('removes expired counts from 10,000 keys on, and from then at twice the number that remains', async () => {
  let now = 0;
  const attempts = new MemoryAttempts(() => now);
  for (let key = 0; key < 10_000; key++) await attempts.count(`old ${key}`, 1000);
  assert.equal(attempts.size, 10_000);
  now = 1000;
  await attempts.count('new', 1000);
  assert.equal(attempts.size, 1);
  for (let key = 0; key < 9_999; key++) await attempts.count(`young ${key}`, 1000);
  // Nothing has expired, so the next removal is at 20,000 keys.
  await attempts.count('one more', 1000);
  assert.equal(attempts.size, 10_001);
  now = 2000;
  for (let key = 0; key < 9_999; key++) await attempts.count(`younger ${key}`, 1000);
  assert.equal(attempts.size, 20_000);
  await attempts.count('the last', 1000);
  assert.equal(attempts.size, 10_000);
});

test('a count expires exactly at the end of its window', async () => {
  let now = 0;
  const attempts = new MemoryAttempts(() => now);
  await attempts.count('key', 1000);
  now = 999;
  assert.deepEqual(await attempts.count('key', 1000), { count: 2, resetMs: 1 });
  now = 1000;
  assert.deepEqual(await attempts.count('key', 1000), { count: 1, resetMs: 1000 });
});
