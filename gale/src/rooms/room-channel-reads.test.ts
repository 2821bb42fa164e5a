/** The reads of a channel: one if nothing is missing, no endless loop, and reads after gaps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { eventually } from '../../test/support/eventually.ts';
import { RecordedLog } from '../../test/support/recorded-log.ts';
import type { FaultyBroker } from '../../test/support/rooms/faulty-broker.ts';
import { ObservedBroker } from '../../test/support/rooms/observed-broker.ts';
import { RecordingSubscriber } from '../../test/support/rooms/recording-subscriber.ts';
import { follow, log, openTwoServers, publishMany, publishText } from '../../test/support/rooms/two-servers.ts';
import { GaleError } from '../errors.ts';
import { MemoryBroker } from './brokers/memory/memory-broker.ts';
import { Rooms } from './rooms.ts';

/** Holds each read after the first 20, so that a channel that reads in an endless loop fails a test and does not block it. */
function endReads(broker: FaultyBroker): void {
  let reads = 0;
  broker.afterRead = () => (++reads > 20 ? new Promise<void>(() => {}) : Promise.resolve());
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await nextTurn();
}

test('reads once in a check that finds nothing missing', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const newest = await publishMany(rooms, 'lobby', 3);
  await rooms.subscribe('lobby', newest, new RecordingSubscriber());
  endReads(broker);
  void rooms.checkPositions();
  await settle();
  assert.equal(broker.reads, 1);
});

test('joins a subscriber that missed nothing without a read', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const newest = await publishMany(rooms, 'lobby', 3);
  endReads(broker);
  const { subscriber } = await follow(rooms, 'lobby', newest);
  await settle();
  assert.equal(broker.reads, 0);
  await publishText(rooms, 'lobby');
  await settle();
  assert.deepEqual(subscriber.offsets, [4]);
});

test('resets live subscribers once after the stream went backwards, although live delivery brings nothing', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  const { epoch } = await publishMany(rooms, 'lobby', 3);
  await eventually(() => subscriber.last === 3);
  broker.isDeaf = true;
  broker.setBack('lobby', 2);
  endReads(broker);
  void rooms.checkPositions();
  await settle();
  assert.notEqual(subscription.position.epoch, epoch);
  assert.equal(subscriber.events.filter((event) => 'reset' in event).length, 1);
  assert.ok(broker.reads < 10, `${broker.reads} reads`);
});

test('renews the epoch again if that failed, and logs it', async (t) => {
  const recorded = new RecordedLog();
  const { rooms, broker } = openTwoServers(t, { log: recorded });
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  const { epoch } = await publishMany(rooms, 'lobby', 3);
  await eventually(() => subscriber.last === 3);
  const renew = broker.renewEpoch.bind(broker);
  broker.renewEpoch = (...values) => {
    broker.renewEpoch = renew;
    assert.deepEqual(values, ['lobby', epoch]);
    return Promise.reject(new GaleError('ROOM_UNAVAILABLE', 'as the test wants it'));
  };
  broker.setBack('lobby', 2);
  broker.doubt('lobby');
  await eventually(() => subscription.position.epoch !== epoch);
  const backwards = 'The stream of a room lost messages; renewing its epoch';
  assert.deepEqual(recorded.messages.slice(0, 3), [
    backwards,
    'Could not read the stream of a room; retrying',
    backwards,
  ]);
});

test('renews the epoch of a stream as long as before that has another newest message', async (t) => {
  const broker = new ObservedBroker(new MemoryBroker());
  const rooms = new Rooms(broker, { log });
  t.after(() => Promise.all([rooms.close(), broker.close()]));
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  const { epoch } = await publishMany(rooms, 'lobby', 2);
  await eventually(() => subscriber.last === 2);
  broker.onPage = (page) => ({
    ...page,
    messages: page.messages.map((message) => (message.offset === 2 ? { ...message, id: 'other' } : message)),
  });
  await rooms.checkPositions();
  assert.notEqual(subscription.position.epoch, epoch);
});

test('reads on to the newest message if each page holds one message only', async (t) => {
  const { rooms, others, broker } = openTwoServers(t, { historyPageBytes: 1 });
  const { subscriber } = await follow(rooms, 'lobby');
  broker.isDeaf = true;
  for (const offset of [2, 5]) {
    await publishMany(others, 'lobby', offset - subscriber.last);
    await rooms.checkPositions();
    assert.equal(subscriber.last, offset);
  }
  subscriber.assertWhole();
});

test('reports one message that was trimmed before live delivery brought the next, and logs it', async (t) => {
  const recorded = new RecordedLog();
  const { rooms, others, broker } = openTwoServers(t, { historyCount: 1, log: recorded });
  const { subscriber } = await follow(rooms, 'lobby');
  await settle();
  endReads(broker);
  broker.lost.add(1);
  await publishMany(others, 'lobby', 2);
  await settle();
  assert.deepEqual(
    subscriber.events.map((event) => ('dropped' in event ? `${event.dropped} dropped` : subscriber.last)),
    ['1 dropped', 2],
  );
  assert.deepEqual(recorded.lines, [
    {
      level: 'warn',
      fields: { room: 'lobby', after: 0, first: 2 },
      message: 'Messages were trimmed before delivery',
    },
  ]);
});

test('reports a gap to a subscriber that was reading when live delivery skipped it', async (t) => {
  const { rooms, others, broker } = openTwoServers(t, { historyCount: 1 });
  await publishText(others, 'lobby');
  const subscriber = new RecordingSubscriber();
  const subscription = await rooms.subscribe('lobby', undefined, subscriber);
  const page = Promise.withResolvers<void>();
  broker.afterRead = () => {
    broker.afterRead = undefined;
    return page.promise;
  };
  subscription.start();
  await settle();
  broker.lost.add(3);
  for (const _ of [2, 3, 4]) await publishText(others, 'lobby');
  await settle();
  page.resolve();
  await eventually(() => subscriber.last === 4);
  subscriber.assertWhole();
  assert.deepEqual(subscriber.offsets, [1, 4]);
});

test('delivers nothing of a new epoch before the reset, if the stream is lost between two reads', async (t) => {
  const { rooms, others, broker } = openTwoServers(t, { historyPageBytes: 1 });
  const { subscriber } = await follow(rooms, 'lobby');
  const { epoch } = await publishMany(rooms, 'lobby', 2);
  await eventually(() => subscriber.last === 2);
  broker.isDeaf = true;
  await publishText(others, 'lobby');
  broker.afterRead = async () => {
    broker.afterRead = undefined;
    await broker.renewEpoch('lobby', epoch);
    await publishMany(others, 'lobby', 4);
  };
  await rooms.checkPositions();
  assert.deepEqual(subscriber.offsets, [1, 2, 1, 2, 3, 4, 5, 6, 7]);
  subscriber.assertWhole();
});
