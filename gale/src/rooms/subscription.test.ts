import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { eventually } from '../../test/support/eventually.ts';
import { RecordedLog } from '../../test/support/recorded-log.ts';
import { offsetsFrom, RecordingSubscriber } from '../../test/support/rooms/recording-subscriber.ts';
import { ada, follow, openTwoServers, publishMany, publishText } from '../../test/support/rooms/two-servers.ts';
import type { Person } from './stream.ts';

test('delivers the kept messages, then messages published on any server', async (t) => {
  const { rooms, others } = openTwoServers(t);
  await publishMany(rooms, 'lobby', 3);
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  assert.deepEqual(
    [subscription.top, subscription.first, subscription.recovered, subscription.reset, subscription.dropped],
    [3, 1, true, false, 0],
  );
  await eventually(() => subscriber.last === 3);
  await publishText(others, 'lobby');
  await publishText(rooms, 'lobby');
  await eventually(() => subscriber.last === 5);
  subscriber.assertWhole();
  assert.equal(subscriber.events.length, 5, 'messages only');
});

test('delivers nothing before the start, and everything after it', async (t) => {
  const { rooms } = openTwoServers(t);
  await publishMany(rooms, 'lobby', 2);
  const subscriber = new RecordingSubscriber();
  const subscription = await rooms.subscribe('lobby', undefined, subscriber);
  await publishMany(rooms, 'lobby', 2);
  assert.equal(subscriber.events.length, 0);
  subscription.start();
  await eventually(() => subscriber.last === 4);
  subscriber.assertWhole();
});

test('delivers nothing to a closed subscription', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  await publishText(rooms, 'lobby');
  await eventually(() => subscriber.last === 1);
  subscription.close();
  await publishText(rooms, 'lobby');
  const again = await follow(rooms, 'lobby', { epoch: subscription.epoch, offset: 1 });
  await eventually(() => again.subscriber.last === 2);
  assert.deepEqual(subscriber.offsets, [1]);
  assert.ok(broker.reads > 0);
});

test('delivers the newest 100 of 250 missed messages and reports 150 as dropped', async (t) => {
  const { rooms } = openTwoServers(t);
  const first = await rooms.position('lobby');
  await rooms.advanceCursor('lobby', 'ben', first);
  const newest = await publishMany(rooms, 'lobby', 250);

  const { subscription, subscriber } = await follow(rooms, 'lobby', first);
  assert.deepEqual([subscription.recovered, subscription.dropped, subscription.reset], [false, 150, false]);
  await eventually(() => subscriber.last === 250);
  assert.deepEqual(subscriber.offsets, offsetsFrom(151, 250));

  const missed = await rooms.missed('lobby', 'ben');
  assert.deepEqual(
    missed.messages.map(({ offset }) => offset),
    offsetsFrom(151, 250),
  );
  assert.deepEqual([missed.dropped, missed.recovered, missed.reset], [150, false, false]);
  assert.deepEqual(missed.position, { epoch: newest.epoch, offset: 250, life: newest.life });
});

test('delivers 3 missed messages, through the inbox and through a subscription', async (t) => {
  const { rooms } = openTwoServers(t);
  const before = await publishMany(rooms, 'lobby', 120);
  await rooms.advanceCursor('lobby', 'ben', before);
  await publishMany(rooms, 'lobby', 3);
  const missed = await rooms.missed('lobby', 'ben');
  assert.deepEqual(
    missed.messages.map(({ offset }) => offset),
    [121, 122, 123],
  );
  assert.deepEqual([missed.dropped, missed.recovered], [0, true]);
  const { subscription, subscriber } = await follow(rooms, 'lobby', before);
  assert.equal(subscription.recovered, true);
  await eventually(() => subscriber.last === 123);
  assert.deepEqual(subscriber.offsets, [121, 122, 123]);
});

test('delivers nothing to a subscriber that missed nothing', async (t) => {
  const { rooms } = openTwoServers(t);
  const at = await publishMany(rooms, 'lobby', 5);
  for (let round = 0; round < 5; round++) {
    const { subscription, subscriber } = await follow(rooms, 'lobby', at);
    assert.deepEqual([subscription.recovered, subscription.dropped], [true, 0]);
    await eventually(() => subscription.position.offset === 5);
    subscription.close();
    assert.deepEqual(subscriber.events, []);
  }
  assert.deepEqual((await rooms.missed('lobby', 'nobody')).messages.length, 5);
});

test('delivers every message once if it begins during publishes', async (t) => {
  const { rooms, others } = openTwoServers(t, { historyCount: 10_000 });
  const publishers = { areDone: false };
  const publishing = (async () => {
    for (let round = 0; !publishers.areDone || round < 50; round++)
      await publishMany(round % 2 ? rooms : others, 'lobby', 5);
  })();
  const all: Awaited<ReturnType<typeof follow>>[] = [];
  for (let turn = 0; turn < 100; turn++) {
    const before = await rooms.position('lobby');
    all.push(await follow(turn % 2 ? rooms : others, 'lobby', turn % 3 ? before : undefined));
  }
  publishers.areDone = true;
  await publishing;
  const { top } = await rooms.history('lobby');
  for (const { subscriber, subscription } of all) {
    await eventually(() => subscription.position.offset === top);
    subscriber.assertWhole((subscriber.offsets[0] ?? top + 1) - 1);
    assert.equal(subscription.recovered, true);
  }
});

test('delivers a live message that arrives before the response of the first read', async (t) => {
  const { rooms, others, broker } = openTwoServers(t);
  await publishText(others, 'lobby');
  broker.afterRead = async () => {
    broker.afterRead = undefined;
    await publishText(others, 'lobby');
  };
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  assert.equal(subscription.top, 1);
  await eventually(() => subscriber.last === 2);
  subscriber.assertWhole();
});

test('waits for a slow reader, reports what was trimmed meanwhile, and delays nobody else', async (t) => {
  const { rooms } = openTwoServers(t);
  await publishMany(rooms, 'lobby', 50);
  const slow = new RecordingSubscriber();
  let allowed = 10;
  let goOn: (() => void) | undefined;
  slow.wait = () =>
    slow.offsets.length < allowed
      ? undefined
      : new Promise<void>((resolve) => {
          goOn = resolve;
        });
  (await rooms.subscribe('lobby', undefined, slow)).start();
  const { subscriber: quick } = await follow(rooms, 'lobby');
  await eventually(() => slow.last === 10);
  await publishMany(rooms, 'lobby', 250);
  await eventually(() => quick.last === 300);
  quick.assertWhole();
  assert.equal(slow.last, 10, 'a slow reader gets no live messages');
  allowed = Infinity;
  goOn?.();
  await eventually(() => slow.last === 300);
  slow.assertWhole();
  const holes = slow.events.flatMap((event) => ('dropped' in event ? [event] : []));
  // The page that it was reading may still be in the cache.
  assert.deepEqual(
    holes.map(({ dropped, after }) => after.offset + dropped),
    [200],
    'reports the gap once',
  );
});

test('starts from the oldest kept message for a position of a lost stream or ahead of the stream', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const { epoch } = await publishMany(rooms, 'lobby', 4);
  for (const after of [
    { epoch: 'another', offset: 2 },
    { epoch, offset: 5 },
  ]) {
    const { subscription, subscriber } = await follow(rooms, 'lobby', after);
    assert.deepEqual([subscription.reset, subscription.recovered, subscription.dropped], [true, false, 0]);
    assert.equal(subscription.epoch, epoch);
    await eventually(() => subscriber.last === 4);
    subscriber.assertWhole();
  }
  await rooms.advanceCursor('lobby', 'ben', { epoch, offset: 4 });
  await broker.renewEpoch('lobby', epoch);
  await publishMany(rooms, 'lobby', 2);
  const missed = await rooms.missed('lobby', 'ben');
  assert.deepEqual([missed.reset, missed.recovered, missed.messages.length], [false, true, 2], 'the cursor has moved');
  await rooms.broker.cursors.advance('attic', 'ben', { epoch, offset: 1 });
  assert.equal((await rooms.missed('attic', 'ben')).reset, true);
});

test('closes the subscription of a subscriber that throws, logs the error, and serves the others', async (t) => {
  const recorded = new RecordedLog();
  const { rooms } = openTwoServers(t, { log: recorded });
  const bad = await rooms.subscribe('lobby', undefined, {
    deliver() {
      throw new Error('as the test wants it');
    },
    dropped() {},
    reset() {},
  });
  bad.start();
  const { subscriber } = await follow(rooms, 'lobby');
  await publishMany(rooms, 'lobby', 2);
  await eventually(() => subscriber.last === 2);
  assert.equal(bad.isClosed, true);
  assert.deepEqual(recorded.messages, ['A subscriber failed; closing its subscription']);
  assert.match(String(recorded.lines[0]?.fields['err']), /as the test wants it/);
});

test('starts once, and not after it was closed', async (t) => {
  const { rooms } = openTwoServers(t);
  const { subscriber: other } = await follow(rooms, 'lobby');
  const [twice, closed] = [new RecordingSubscriber(), new RecordingSubscriber()];
  const subscription = await rooms.subscribe('lobby', undefined, twice);
  subscription.start();
  subscription.start();
  const ended = await rooms.subscribe('lobby', undefined, closed);
  ended.close();
  ended.start();
  await rooms.signal('lobby', 'typing');
  await publishText(rooms, 'lobby');
  await eventually(() => twice.last === 1 && other.last === 1 && twice.lists.length > 0);
  assert.deepEqual([twice.lists, twice.signals, twice.offsets], [['0'], ['typing'], [1]]);
  assert.deepEqual([closed.lists, closed.signals, closed.events], [[], [], []]);
});

test('delivers nothing after a subscriber closed it inside a page', async (t) => {
  const { rooms } = openTwoServers(t);
  await publishMany(rooms, 'lobby', 3);
  const subscriber = new RecordingSubscriber();
  const subscription = await rooms.subscribe('lobby', undefined, subscriber);
  const deliver = subscriber.deliver.bind(subscriber);
  subscriber.deliver = (message, epoch) => {
    deliver(message, epoch);
    subscription.close();
  };
  subscription.start();
  const { subscriber: other } = await follow(rooms, 'lobby');
  await eventually(() => other.last === 3);
  assert.deepEqual(subscriber.offsets, [1]);
});

test('a subscription that closes while its subscriber is busy reads no more pages', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const newest = await publishMany(rooms, 'lobby', 3);
  // Keeps the room open, and reads nothing itself.
  await follow(rooms, 'lobby', newest);
  const subscriber = new RecordingSubscriber();
  const free = Promise.withResolvers<void>();
  subscriber.wait = () => free.promise;
  const subscription = await rooms.subscribe('lobby', undefined, subscriber);
  subscription.start();
  await nextTurn();
  subscription.close();
  free.resolve();
  await nextTurn();
  assert.equal(broker.reads, 0);
});

test('a subscription that closes while a page is read gets no report', async (t) => {
  const { rooms, broker } = openTwoServers(t, { historyCount: 3 });
  const { epoch } = await publishMany(rooms, 'lobby', 3);
  const subscriber = new RecordingSubscriber();
  const subscription = await rooms.subscribe('lobby', { epoch, offset: 1 }, subscriber);
  // The page that is read begins after a gap.
  await publishMany(rooms, 'lobby', 3);
  broker.afterRead = async () => subscription.close();
  subscription.start();
  await eventually(() => subscription.isClosed);
  await nextTurn();
  assert.deepEqual(subscriber.events, []);
});

test('a subscription that closes while the bounds of a lost stream are read gets no reset', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const { epoch } = await publishMany(rooms, 'lobby', 3);
  const subscriber = new RecordingSubscriber();
  const subscription = await rooms.subscribe('lobby', { epoch, offset: 1 }, subscriber);
  broker.isDeaf = true;
  await broker.renewEpoch('lobby', epoch);
  const { headReads } = broker;
  broker.afterRead = async () => {
    if (broker.headReads > headReads) subscription.close();
  };
  subscription.start();
  await eventually(() => subscription.isClosed);
  await nextTurn();
  assert.deepEqual(subscriber.events, []);
});

test('a subscription that closes while the people are read gets no list of them', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const listed = Promise.withResolvers<Person[]>();
  broker.presence.list = () => listed.promise;
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  await nextTurn();
  subscription.close();
  listed.resolve([]);
  await nextTurn();
  assert.deepEqual(subscriber.lists, []);
});

test('sends batches of presence only to subscribers that take the list of people', async (t) => {
  const { rooms } = openTwoServers(t);
  const batches: unknown[] = [];
  const subscription = await rooms.subscribe('lobby', undefined, {
    deliver() {},
    dropped() {},
    reset() {},
    presence: (batch) => batches.push(batch),
  });
  subscription.start();
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  await rooms.enter('lobby', ada, 'tab 1');
  await eventually(() => subscriber.changes.at(-1) === '+ada 1');
  assert.deepEqual(batches, []);
});

test('closes the subscription of a subscriber that throws at a signal, and serves the others', async (t) => {
  const { rooms } = openTwoServers(t);
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  subscriber.signal = () => assert.fail('as the test wants it');
  const { subscriber: other } = await follow(rooms, 'lobby');
  await rooms.signal('lobby', 'typing');
  await eventually(() => other.signals.length === 1);
  assert.equal(subscription.isClosed, true);
});

test('delivers no live message to a subscriber that is busy with the newest message', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const newest = await publishMany(rooms, 'lobby', 3);
  const { subscriber: other } = await follow(rooms, 'lobby', newest);
  const subscriber = new RecordingSubscriber();
  let free = Promise.withResolvers<void>();
  let isBusy = false;
  subscriber.wait = () => (isBusy ? free.promise : undefined);
  const deliver = subscriber.deliver.bind(subscriber);
  subscriber.deliver = (message, epoch) => {
    deliver(message, epoch);
    isBusy = message.offset >= 3;
  };
  (await rooms.subscribe('lobby', undefined, subscriber)).start();
  await eventually(() => subscriber.last === 3);
  await publishText(rooms, 'lobby');
  await eventually(() => other.last === 4);
  assert.equal(subscriber.last, 3);
  const release = (): void => {
    isBusy = false;
    free.resolve();
    free = Promise.withResolvers<void>();
  };
  release();
  await eventually(() => subscriber.last === 4);
  // Nothing is missing now: one more read shows that, and the subscriber is live.
  let reads = 0;
  broker.afterRead = () => (++reads > 20 ? new Promise<void>(() => {}) : Promise.resolve());
  release();
  for (let turn = 0; turn < 10; turn++) await nextTurn();
  assert.ok(reads <= 2, `${reads} reads`);
  await publishText(rooms, 'lobby');
  await eventually(() => subscriber.last === 5);
  subscriber.assertWhole();
});
