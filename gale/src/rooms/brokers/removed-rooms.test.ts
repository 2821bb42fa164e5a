import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RemovedRooms } from './removed-rooms.ts';

const minutes = 60_000;

test('remembers a removed room for ten minutes', () => {
  const rooms = new RemovedRooms();
  assert.equal(rooms.has('a', 0), false);
  rooms.add('a', 0);
  assert.equal(rooms.has('a', 10 * minutes - 1), true);
  assert.equal(rooms.has('a', 10 * minutes), false);
  assert.equal(rooms.has('b', 0), false);
});

test('remembers a room that was removed again from then on, and forgets older ones at the next removal', () => {
  const rooms = new RemovedRooms();
  rooms.add('a', 0);
  rooms.add('b', minutes);
  rooms.add('a', 2 * minutes);
  rooms.add('c', 11 * minutes);
  assert.deepEqual(
    ['a', 'b', 'c'].map((room) => rooms.has(room, 10.5 * minutes)),
    [true, false, true],
    'b is forgotten, a is not',
  );
});
