import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastRoom } from './last-room.ts';
import { MemoryStorage } from './memory-storage.ts';

test('each page writes the open room into the cookie once, also if it was the last room already', () => {
  const storage = new MemoryStorage();
  const first = { cookie: '' };
  new LastRoom(storage, 'ada', first).set('tea');
  assert.match(first.cookie, /=tea; /);
  // A browser that forgot the cookie, or never had it.
  const next = { cookie: '' };
  const room = new LastRoom(storage, 'ada', next);
  assert.equal(room.get(), 'tea');
  room.set('tea');
  assert.match(next.cookie, /=tea; /);
  next.cookie = '';
  room.set('tea');
  assert.equal(next.cookie, '');
  room.forget();
  room.set('tea');
  assert.match(next.cookie, /=tea; /);
});
