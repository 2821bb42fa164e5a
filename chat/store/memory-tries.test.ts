import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryTries } from './memory-tries.ts';

test('a count never goes below zero', async () => {
  const tries = new MemoryTries(() => 0);
  await tries.count('key', 1000);
  await tries.giveBack('key');
  await tries.giveBack('key');
  assert.deepEqual(await tries.count('key', 1000), { count: 1, resetMs: 1000 });
});

test('removes expired counts from 10,000 keys on, and from then at twice the number that remains', async () => {
  let now = 0;
  const tries = new MemoryTries(() => now);
  for (let key = 0; key < 10_000; key++) await tries.count(`old ${key}`, 1000);
  assert.equal(tries.size, 10_000);
  now = 1000;
  await tries.count('new', 1000);
  assert.equal(tries.size, 1);
  for (let key = 0; key < 9_999; key++) await tries.count(`young ${key}`, 1000);
  // Nothing has expired, so the next removal is at 20,000 keys.
  await tries.count('one more', 1000);
  assert.equal(tries.size, 10_001);
  now = 2000;
  for (let key = 0; key < 9_999; key++) await tries.count(`younger ${key}`, 1000);
  assert.equal(tries.size, 20_000);
  await tries.count('the last', 1000);
  assert.equal(tries.size, 10_000);
});

test('a count expires exactly at the end of its window', async () => {
  let now = 0;
  const tries = new MemoryTries(() => now);
  await tries.count('key', 1000);
  now = 999;
  assert.deepEqual(await tries.count('key', 1000), { count: 2, resetMs: 1 });
  now = 1000;
  assert.deepEqual(await tries.count('key', 1000), { count: 1, resetMs: 1000 });
});
