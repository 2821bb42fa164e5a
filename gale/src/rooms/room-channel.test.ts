import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../test/support/eventually.ts';
import { RecordedLog } from '../../test/support/recorded-log.ts';
import { RecordingSubscriber } from '../../test/support/rooms/recording-subscriber.ts';
import { ben, follow, openTwoServers, publishMany, publishText } from '../../test/support/rooms/two-servers.ts';
import { GaleError } from '../errors.ts';

test('delivers every offset once and in order when live delivery drops, repeats and reorders messages', async (t) => {
  const { rooms, others, broker, random } = openTwoServers(t, {
    historyCount: 1000,
    faults: { drop: 0.2, repeat: 0.2, delay: 0.2, failRead: 0.1 },
  });
  const followers: Awaited<ReturnType<typeof follow>>[] = [];
  for (let round = 0; round < 60; round++) {
    if (round % 10 === 0) {
      const server = random() < 0.5 ? rooms : others;
      // A failed read rejects the subscribe; a client retries it.
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
    await eventually(() => subscriber.offsets.length === 17);
    subscriber.assertWhole();
    assert.equal(subscriber.events.filter((event) => 'reset' in event).length, 1);
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
  await eventually(() => subscriber.last === 5);
  subscriber.assertWhole();
  assert.deepEqual(
    subscriber.events.flatMap((event) => ('reset' in event ? [event.reset.top] : [])),
    [4],
  );
  const ids = subscriber.events.flatMap((event) => ('message' in event ? [event.message.id] : []));
  assert.deepEqual(ids.slice(9, 13), ids.slice(0, 4));
});

test('detects that a stream lost only its newest message, which live delivery had brought', async (t) => {
  const { rooms, others, broker } = openTwoServers(t);
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  const { epoch } = await publishMany(others, 'lobby', 3);
  await eventually(() => subscriber.last === 3);
  broker.setBack('lobby', 2);
  await rooms.checkPositions();
  assert.notEqual(subscription.position.epoch, epoch);
});

test('detects an offset that was assigned twice by the id of its message', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  const { epoch } = await publishMany(rooms, 'lobby', 2);
  await eventually(() => subscriber.last === 2);
  const twice = { offset: 2, id: 'other', author: ben, time: 0, data: 'set back and overtaken', life: 'b' };
  broker.setBack('lobby', 1);
  broker.bring('lobby', epoch, twice);
  await eventually(() => subscription.position.epoch !== epoch);
});

test('reads the stream once before it delivers a message of another life, and resets nobody if nothing was lost', async (t) => {
  const { rooms, others, broker } = openTwoServers(t);
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  const { epoch, life } = await publishMany(rooms, 'lobby', 3);
  await eventually(() => subscriber.last === 3);
  // Begins another life.
  broker.setBack('attic', 0);
  const { reads } = broker;
  await publishMany(others, 'lobby', 2);
  await eventually(() => subscriber.last === 5);
  await publishText(others, 'lobby');
  await eventually(() => subscriber.last === 6);
  assert.ok(broker.reads - reads <= 2, `${broker.reads - reads} reads`);
  subscriber.assertWhole();
  assert.equal(subscription.position.epoch, epoch);
  assert.notEqual(subscription.position.life, life);
  assert.ok(subscriber.events.every((event) => 'message' in event));
});

test('delivers no message of another life after one that was lost, before the reset', async (t) => {
  for (const written of [1, 2, 3, 6]) {
    const { rooms, others, broker } = openTwoServers(t);
    const { subscriber, subscription } = await follow(rooms, 'lobby');
    const { epoch } = await publishMany(rooms, 'lobby', 4);
    await eventually(() => subscriber.last === 4);
    broker.setBack('lobby', 2);
    const ids = Array.from({ length: written }, (_, index) => `other ${written} ${index}`);
    for (const id of ids) await publishText(others, 'lobby', ben, id);
    await eventually(() => subscriber.events.filter((event) => 'message' in event).length === 4 + 2 + written);
    const seen = subscriber.events.map((event) => ('message' in event ? event.message.id : 'reset'));
    assert.deepEqual(seen.slice(4), ['reset', ...seen.slice(0, 2), ...ids]);
    assert.notEqual(subscription.position.epoch, epoch);
    subscriber.assertWhole();
  }
});

test('resets one subscriber, and renews no epoch, because of a position that no server has seen', async (t) => {
  const { rooms, others, broker } = openTwoServers(t);
  const lost = await publishMany(rooms, 'lobby', 4);
  broker.setBack('lobby', 2);
  await publishMany(others, 'lobby', 3);
  const valid = await follow(others, 'lobby');
  const { subscriber, subscription } = await follow(others, 'lobby', lost);
  assert.deepEqual([subscription.reset, subscription.recovered, subscription.epoch], [true, false, lost.epoch]);
  await eventually(() => subscriber.last === 5 && valid.subscriber.last === 5);
  subscriber.assertWhole();
  assert.equal(valid.subscription.position.epoch, lost.epoch);
  assert.ok(valid.subscriber.events.every((event) => 'message' in event));
});

test('finds a message that live delivery brings before the response of the first read', async (t) => {
  const { rooms, others, broker } = openTwoServers(t);
  const first = await publishText(others, 'lobby');
  broker.afterRead = async () => {
    broker.afterRead = undefined;
    await publishText(others, 'lobby');
  };
  const { subscriber } = await follow(rooms, 'lobby', first);
  await eventually(() => subscriber.last === 2);
  subscriber.assertWhole(1);
});

test('reads the stream when live delivery brings a message of another epoch, whatever its offset', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const { subscriber } = await follow(rooms, 'lobby');
  await publishMany(rooms, 'lobby', 3);
  await eventually(() => subscriber.last === 3);
  const { reads } = broker;
  broker.bring('lobby', 'another', { offset: 1, id: 'other', author: ben, time: 0, data: null, life: 'b' });
  await eventually(() => broker.reads > reads);
});

test('resets subscribers when an own publish is stored in another epoch', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const { subscriber } = await follow(rooms, 'lobby');
  const { epoch } = await publishMany(rooms, 'lobby', 2);
  await eventually(() => subscriber.last === 2);
  broker.isDeaf = true;
  await broker.renewEpoch('lobby', epoch);
  await publishText(rooms, 'lobby');
  await eventually(() => subscriber.last === 3);
  subscriber.assertWhole();
});

test('finds each own message that live delivery does not bring within a second', async (t) => {
  // `eventually` waits by a timer of its own.
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { rooms, broker } = openTwoServers(t);
  const { subscriber } = await follow(rooms, 'lobby');
  broker.isDeaf = true;
  for (const offset of [1, 2, 3]) {
    await publishText(rooms, 'lobby');
    const { reads } = broker;
    t.mock.timers.tick(999);
    assert.equal(broker.reads, reads);
    t.mock.timers.tick(1);
    await eventually(() => subscriber.last === offset);
  }
  const { reads } = broker;
  t.mock.timers.tick(10_000);
  assert.equal(broker.reads, reads, 'no read without a publish');
});

test('finds a message of another server within a second after a new subscription read the bounds', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { rooms, others, broker } = openTwoServers(t);
  const { subscriber } = await follow(rooms, 'lobby');
  broker.isDeaf = true;
  await publishText(others, 'lobby');
  await rooms.subscribe('lobby', undefined, new RecordingSubscriber());
  assert.equal(subscriber.last, 0);
  t.mock.timers.tick(1000);
  await eventually(() => subscriber.last === 1);
});

test('resets subscribers when a new subscription finds another epoch', async (t) => {
  const { rooms, others, broker } = openTwoServers(t);
  const { subscriber } = await follow(rooms, 'lobby');
  const { epoch } = await publishMany(rooms, 'lobby', 2);
  await eventually(() => subscriber.last === 2);
  broker.isDeaf = true;
  await broker.renewEpoch('lobby', epoch);
  await publishText(others, 'lobby');
  await rooms.subscribe('lobby', undefined, new RecordingSubscriber());
  await eventually(() => subscriber.last === 3);
  subscriber.assertWhole();
});

test('renews the epoch when a new subscription finds the stream one message shorter', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  const { epoch } = await publishMany(rooms, 'lobby', 5);
  await eventually(() => subscriber.last === 5);
  broker.setBack('lobby', 4);
  await rooms.subscribe('lobby', undefined, new RecordingSubscriber());
  await eventually(() => subscription.position.epoch !== epoch);
});

test('detects an offset that was assigned twice after the first message was only read', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const { epoch } = await publishMany(rooms, 'lobby', 2);
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.last === 2);
  broker.setBack('lobby', 1);
  broker.bring('lobby', epoch, { offset: 2, id: 'other', author: ben, time: 0, data: null, life: 'b' });
  await eventually(() => subscription.position.epoch !== epoch);
});

test('reads nothing for a live message that it has delivered', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const { subscriber } = await follow(rooms, 'lobby');
  await publishMany(rooms, 'lobby', 2);
  await eventually(() => subscriber.last === 2);
  const { reads } = broker;
  for (const event of subscriber.events) if ('message' in event) broker.bring('lobby', event.epoch, event.message);
  await rooms.position('lobby');
  assert.equal(broker.reads, reads);
  assert.deepEqual(subscriber.offsets, [1, 2]);
});

test('resets a subscription that starts after the stream was lost', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const { epoch } = await publishMany(rooms, 'lobby', 2);
  const { subscription: live } = await follow(rooms, 'lobby');
  const subscriber = new RecordingSubscriber();
  const late = await rooms.subscribe('lobby', { epoch, offset: 2 }, subscriber);
  await broker.renewEpoch('lobby', epoch);
  await eventually(() => live.position.epoch !== epoch);
  late.start();
  await publishText(rooms, 'lobby');
  await eventually(() => subscriber.last === 3);
  subscriber.assertWhole(2);
  assert.equal(subscriber.events.filter((event) => 'reset' in event).length, 1);
});

test('delivers nothing after a subscriber closed its subscription during a live message it joined with', async (t) => {
  const { rooms, others, broker } = openTwoServers(t);
  const newest = await publishText(others, 'lobby');
  const subscriber = new RecordingSubscriber();
  const subscription = await rooms.subscribe('lobby', undefined, subscriber);
  const { subscriber: other } = await follow(rooms, 'lobby', newest);
  const deliver = subscriber.deliver.bind(subscriber);
  subscriber.deliver = (message, epoch) => {
    deliver(message, epoch);
    if (message.offset === 2) subscription.close();
  };
  // The page ends before the second message, which live delivery brings meanwhile.
  broker.afterRead = async () => {
    broker.afterRead = undefined;
    await publishText(others, 'lobby');
    await eventually(() => other.last === 2);
  };
  subscription.start();
  await eventually(() => subscriber.last === 2);
  await publishText(others, 'lobby');
  await eventually(() => other.last === 3);
  assert.deepEqual(subscriber.offsets, [1, 2]);
});

test('reads the people of a room only for subscribers that want them', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  let lists = 0;
  const { presence } = broker;
  const list = presence.list.bind(presence);
  presence.list = (room) => (lists++, list(room));
  const subscription = await rooms.subscribe('lobby', undefined, { deliver() {}, dropped() {}, reset() {} });
  subscription.start();
  await rooms.checkPositions();
  assert.equal(lists, 0);
});

test('logs people that could not be read by a check, and reads them at the next', async (t) => {
  const log = new RecordedLog();
  const { rooms, broker } = openTwoServers(t, { log });
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  const { presence } = broker;
  const list = presence.list.bind(presence);
  presence.list = () => Promise.reject(new GaleError('ROOM_UNAVAILABLE', 'as the test wants it'));
  await rooms.checkPositions();
  assert.deepEqual(log.messages, ['Could not read the people of a room']);
  presence.list = list;
  await presence.enter({ room: 'lobby', person: ben, connection: 'tab 1' }, 60_000);
  await rooms.checkPositions();
  await eventually(() => subscriber.changes.at(-1) === '+ben 1');
});

test('closes its subscriptions when the rooms close', async (t) => {
  const { rooms } = openTwoServers(t);
  const [one, other] = [await follow(rooms, 'lobby'), await follow(rooms, 'lobby')];
  await rooms.close();
  assert.deepEqual([one.subscription.isClosed, other.subscription.isClosed], [true, true]);
});
