import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStorage } from './memory-storage.ts';
import { Places } from './places.ts';

test('read positions are kept for the same person, for some seconds', () => {
  const storage = new MemoryStorage();
  new Places(storage).keepReads('ada', new Map([['lobby', 7]]), 1_000_000);
  assert.deepEqual(new Places(storage).reads('ada', 1_009_999), [['lobby', 7]]);
  assert.deepEqual(new Places(storage).reads('bob', 1_000_000), []);
  for (const now of [1_010_000, 990_000]) assert.deepEqual(new Places(storage).reads('ada', now), [], `${now}`);
  for (const stored of ['', 'null', '[', '[]']) {
    storage.setItem('reads', stored);
    assert.deepEqual(new Places(storage).reads('ada', 1), [], stored);
  }
});
