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

test('a count expires exactly at the end of its window', async () => {
  let now = 0;
  const tries = new MemoryTries(() => now);
  await tries.count('key', 1000);
  now = 999;
  assert.deepEqual(await tries.count('key', 1000), { count: 2, resetMs: 1 });
  now = 1000;
  assert.deepEqual(await tries.count('key', 1000), { count: 1, resetMs: 1000 });
});
