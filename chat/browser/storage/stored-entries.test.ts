import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStorage } from './memory-storage.ts';
import { StoredEntries } from './stored-entries.ts';

const entry = (id: string, time = 1): { room: string; id: string; data: unknown; time: number } => ({
  room: 'lobby',
  id,
  data: { text: id },
  time,
});
const ids = (entries: readonly { id: string }[]): string[] => entries.map(({ id }) => id);

test('loads saved entries in order after a reload, also those of one millisecond', () => {
  const storage = new MemoryStorage();
  new StoredEntries(storage, 'outbox ada').save([entry('z', 5), entry('y', 5), entry('a', 6)]);
  assert.deepEqual(new StoredEntries(storage, 'outbox ada').load(), [entry('z', 5), entry('y', 5), entry('a', 6)]);
});

test('two tabs add and remove only their own entries', () => {
  const storage = new MemoryStorage();
  const first = new StoredEntries(storage, 'outbox ada');
  first.load();
  first.save([entry('1')]);
  const second = new StoredEntries(storage, 'outbox ada');
  assert.deepEqual(ids(second.load()), ['1']);
  first.save([entry('1'), entry('2', 2)]);
  second.save([]);
  assert.deepEqual(ids(new StoredEntries(storage, 'outbox ada').load()), ['2']);
  first.save([]);
  assert.equal(storage.length, 0);
});

test('stores that a message was sent, and keeps its order', () => {
  const storage = new MemoryStorage();
  const entries = new StoredEntries(storage, 'outbox ada');
  const [a, b, c] = [entry('c', 5), entry('b', 5), entry('a', 5)];
  entries.save([a, b, c].map((one) => ({ ...one, sent: false })));
  entries.save([b, c].map((one) => ({ ...one, sent: false })));
  entries.save([b, { ...c, sent: true }].map((one) => ({ sent: false, ...one })));
  assert.deepEqual(new StoredEntries(storage, 'outbox ada').load(), [
    { ...b, sent: false },
    { ...c, sent: true },
  ]);
});

test('does not load entries of another account, also when one id is a prefix of the other', () => {
  const storage = new MemoryStorage();
  new StoredEntries(storage, 'outbox ada').save([entry('1')]);
  assert.deepEqual(new StoredEntries(storage, 'outbox ad').load(), []);
  assert.deepEqual(new StoredEntries(storage, 'failed ada').load(), []);
});

test('skips invalid entries, and ignores a full storage', () => {
  const storage = new MemoryStorage();
  storage.setItem('gale-chat outbox ada lobby broken', '{');
  storage.setItem('gale-chat outbox ada lobby empty', '{"entry":{}}');
  assert.deepEqual(new StoredEntries(storage, 'outbox ada').load(), []);
  storage.setItem = () => {
    throw new Error('full');
  };
  new StoredEntries(storage, 'outbox ada').save([entry('1')]);
});
