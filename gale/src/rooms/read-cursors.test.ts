import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../test/support/eventually.ts';
import { ada, ben, openTwoServers, publishMany, publishText } from '../../test/support/rooms/two-servers.ts';
import type { Position } from './stream.ts';

test('moves the cursor to an own message if everything before it was read', async (t) => {
  const { rooms, others } = openTwoServers(t);
  const first = await publishText(rooms, 'lobby', ada);
  await eventually(async () => (await rooms.cursor('lobby', 'ada'))?.offset === 1);
  await publishText(rooms, 'lobby', ben);
  await publishText(rooms, 'lobby', ada);
  assert.equal((await rooms.cursor('lobby', 'ada'))?.offset, 1, 'the message of Ben is unread');
  await rooms.advanceCursor('lobby', 'ada', { epoch: first.epoch, offset: 3 });
  await publishText(others, 'lobby', ada);
  await eventually(async () => (await rooms.cursor('lobby', 'ada'))?.offset === 4);
  await publishText(rooms, 'lobby', ada);
  await eventually(async () => (await rooms.cursor('lobby', 'ada'))?.offset === 5);
  assert.equal(await rooms.cursor('lobby', 'ben'), undefined);
});

test('moves a cursor forwards only, at most to the newest message, and notifies the person', async (t) => {
  const { rooms, others } = openTwoServers(t);
  const { epoch } = await publishMany(rooms, 'lobby', 5);
  const heard: unknown[] = [];
  await others.hear('ben', (event) => heard.push(event));
  const at = (offset: number): Position => ({ epoch, offset });
  assert.deepEqual(await rooms.advanceCursor('lobby', 'ben', at(3)), at(3));
  assert.deepEqual(await rooms.advanceCursor('lobby', 'ben', at(2)), at(3));
  assert.deepEqual(await rooms.advanceCursor('lobby', 'ben', at(99)), at(5));
  assert.deepEqual(await rooms.advanceCursor('lobby', 'ben', { epoch: 'lost', offset: 9 }), at(5));
  await eventually(() => heard.length === 2);
  assert.deepEqual(heard, [
    { type: 'read', room: 'lobby', epoch, offset: 3 },
    { type: 'read', room: 'lobby', epoch, offset: 5 },
  ]);
  await rooms.forgetCursor('lobby', 'ben');
  assert.equal(await rooms.cursor('lobby', 'ben'), undefined);
  assert.deepEqual(await rooms.cursors('ben', ['lobby', 'attic']), new Map());
});
