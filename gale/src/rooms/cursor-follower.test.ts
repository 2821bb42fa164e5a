import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CursorFollower } from './cursor-follower.ts';
import type { Position } from './stream.ts';

interface Scripted {
  readonly follower: CursorFollower;
  /** Calls: `read`, `move 3`. */
  readonly calls: string[];
  /** Lets the first read go on. */
  readonly release: () => void;
}

const at = (offset: number, epoch = 'e1'): Position => ({ epoch, offset });

/** One cursor of one person, which is read only when the test releases it. */
function script(cursor: Position | undefined): Scripted {
  const calls: string[] = [];
  const held = Promise.withResolvers<void>();
  let last: { cursor: Position | undefined } | undefined;
  const cursors = {
    last: () => last,
    read: async () => {
      calls.push('read');
      await held.promise;
      last = { cursor };
      return cursor;
    },
    move: async (_room: string, _person: string, to: Position) => {
      calls.push(`move ${to.offset}`);
      cursor = to;
      last = { cursor };
    },
  };
  return { follower: new CursorFollower(cursors, (error) => calls.push(String(error))), calls, release: held.resolve };
}

test('many own messages in a row cost one read and one more move', async () => {
  const { follower, calls, release } = script(undefined);
  for (let offset = 1; offset <= 500; offset++) follower.follow('a', 'ada', at(offset));
  release();
  await follower.settled();
  assert.deepEqual(calls, ['read', 'move 1', 'move 500']);
});

test('a cursor stops before the message of another person, and does not follow later own messages', async () => {
  const { follower, calls, release } = script(at(9));
  for (const offset of [10, 11, 12, 14, 15]) follower.follow('a', 'ada', at(offset));
  release();
  await follower.settled();
  assert.deepEqual(calls, ['read', 'move 10', 'move 12']);
});

test('a cursor inside a run moves to its end', async () => {
  const { follower, calls, release } = script(at(12));
  for (const offset of [1, 11, 12, 13]) follower.follow('a', 'ada', at(offset));
  release();
  await follower.settled();
  assert.deepEqual(calls, ['read', 'move 13']);
});

test('followed() waits for the messages so far, and there is nothing to wait for afterwards', async () => {
  const { follower, calls, release } = script(undefined);
  assert.equal(follower.followed('a', 'ada'), undefined);
  follower.follow('a', 'ada', at(1));
  follower.follow('a', 'ada', at(2));
  assert.equal(follower.followed('b', 'ada'), undefined);
  release();
  await follower.followed('a', 'ada');
  assert.deepEqual(calls, ['read', 'move 1', 'move 2']);
  assert.equal(follower.followed('a', 'ada'), undefined);
});

test('a cursor of another epoch does not follow', async () => {
  const { follower, calls, release } = script(at(4, 'e0'));
  follower.follow('a', 'ada', at(5));
  follower.follow('a', 'ada', at(6));
  release();
  await follower.settled();
  assert.deepEqual(calls, ['read', 'read']);
});
