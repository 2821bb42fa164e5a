import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../test/support/eventually.ts';
import { ben, follow, openTwoServers, publishMany, publishText } from '../../test/support/rooms/two-servers.ts';
import type { GaleError } from '../errors.ts';

test('delivers every offset once and in order when live delivery drops, repeats and reorders messages', async (t) => {
  const { rooms, others, broker, random } = openTwoServers(t, {
    historyCount: 1000,
    faults: { drop: 0.2, repeat: 0.2, delay: 0.2, failRead: 0.1 },
  });
  const followers: Awaited<ReturnType<typeof follow>>[] = [];
  for (let round = 0; round < 60; round++) {
    if (round % 10 === 0) {
      const server = random() < 0.5 ? rooms : others;
      // A fault of the broker is told to who subscribes; a client tries again.
      await follow(server, 'lobby').then(
        (follower) => followers.push(follower),
        (error: unknown) => assert.equal((error as GaleError).code, 'ROOM_UNAVAILABLE'),
      );
    }
    await publishMany(random() < 0.5 ? rooms : others, 'lobby', 1 + Math.floor(random() * 8));
  }
  broker.faults = {};
  const { top } = await rooms.history('lobby');
  await Promise.all([rooms.checkPositions(), others.checkPositions()]);
  await eventually(() => followers.every(({ subscriber }) => subscriber.last === top));
  assert.ok(followers.length > 0);
  for (const { subscriber } of followers) {
    subscriber.assertWhole();
    assert.equal(subscriber.offsets.length, top);
  }
});

test('finds a message lost by live delivery by the next one, by a doubt, by the check and by its own publish', async (t) => {
  const { rooms, others, broker } = openTwoServers(t);
  const { subscriber } = await follow(rooms, 'lobby');
  for (const offset of [1, 3, 4, 5]) broker.lost.add(offset);
  await publishMany(others, 'lobby', 2);
  await eventually(() => subscriber.last === 2);
  await publishText(others, 'lobby');
  broker.doubt('lobby');
  await eventually(() => subscriber.last === 3);
  await publishText(others, 'lobby');
  await rooms.checkPositions();
  await eventually(() => subscriber.last === 4);
  await publishText(rooms, 'lobby');
  await eventually(() => subscriber.last === 5);
  subscriber.assertWhole();
});

test('continues after a lost message when each page holds one message only', async (t) => {
  const { broker, rooms } = openTwoServers(t, { historyPageBytes: 1 });
  const { subscriber } = await follow(rooms, 'lobby');
  await publishMany(rooms, 'lobby', 3);
  await eventually(() => subscriber.last === 3);
  for (const offset of [4, 5, 7]) broker.lost.add(offset);
  await publishMany(rooms, 'lobby', 5);
  await eventually(() => subscriber.last === 8);
  const { reads } = broker;
  await rooms.checkPositions();
  assert.ok(broker.reads - reads <= 2, 'a check with nothing to do ends');
  subscriber.assertWhole();
});

test('runs the position check by a timer', async (t) => {
  const { rooms, others, broker } = openTwoServers(t, { positionCheckMs: 20 });
  const { subscriber } = await follow(rooms, 'lobby');
  broker.lost.add(1);
  await publishText(others, 'lobby');
  await eventually(() => subscriber.last === 1);
});

test('resets subscribers when the stream is lost, and continues in the new epoch', async (t) => {
  const { rooms, others, broker } = openTwoServers(t);
  const followers = [await follow(rooms, 'lobby'), await follow(others, 'lobby')];
  const { epoch } = await publishMany(rooms, 'lobby', 7);
  await eventually(() => followers.every(({ subscriber }) => subscriber.last === 7));
  await broker.renewEpoch('lobby', epoch);
  await publishMany(rooms, 'lobby', 3);
  for (const { subscriber, subscription } of followers) {
    await eventually(() => subscriber.offsets.length === 10);
    subscriber.assertWhole();
    assert.equal(subscriber.told.filter((line) => 'reset' in line).length, 1);
    assert.notEqual(subscription.position.epoch, epoch);
  }
});

test('gives a stream that went backwards a new epoch', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  const { epoch } = await publishMany(rooms, 'lobby', 9);
  await eventually(() => subscriber.last === 9);
  broker.setBack('lobby', 4);
  broker.doubt('lobby');
  await eventually(() => subscription.position.epoch !== epoch);
  await publishText(rooms, 'lobby');
  await eventually(() => subscriber.last === 1);
  subscriber.assertWhole();
  assert.deepEqual(
    subscriber.told.flatMap((line) => ('reset' in line ? [line.reset.top] : [])),
    [0],
  );
});

test('detects an offset that was assigned twice by the id of its message', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  const { epoch } = await publishMany(rooms, 'lobby', 2);
  await eventually(() => subscriber.last === 2);
  const twice = { offset: 2, id: 'other', author: ben, time: 0, data: 'set back and overtaken' };
  broker.setBack('lobby', 1);
  broker.bring('lobby', epoch, twice);
  await eventually(() => subscription.position.epoch !== epoch);
});
