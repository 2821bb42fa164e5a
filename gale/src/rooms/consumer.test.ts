import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { eventually } from '../../test/support/eventually.ts';
import { RecordedLog } from '../../test/support/recorded-log.ts';
import { openRooms } from '../../test/support/rooms/room-server.ts';
import { FaultyBroker } from '../../test/support/rooms/faulty-broker.ts';
import { ada, log, publishText } from '../../test/support/rooms/two-servers.ts';
import { GaleError } from '../errors.ts';
import { MemoryBroker } from './brokers/memory/memory-broker.ts';
import { consumerPrefix } from './brokers/holds.ts';
import type { Broker } from './broker.ts';
import type { ConsumerBatch } from './consumer.ts';
import type { RoomsOptions } from './rooms-options.ts';
import { Rooms } from './rooms.ts';

const archive: RoomsOptions = { log, consumers: ['archive'], historyCount: 5, consumerLeaseMs: 60_000 };

function open(t: TestContext, options: RoomsOptions = {}, broker: Broker = new MemoryBroker()): Rooms {
  const rooms = new Rooms(broker, { ...archive, ...options });
  t.after(() => rooms.close());
  return rooms;
}

/** Reads in the background until the rooms close, and saves as long as `mayRead` says so. */
function follow(rooms: Rooms, onBatch: (batch: ConsumerBatch) => void | Promise<void> = () => {}) {
  const followed = { batches: [] as ConsumerBatch[], error: undefined as unknown, isOver: false };
  void (async () => {
    try {
      for await (const batch of rooms.consumer('archive')) {
        followed.batches.push(batch);
        await onBatch(batch);
        await batch.save();
      }
    } catch (error) {
      followed.error = error;
    }
    followed.isOver = true;
  })();
  return followed;
}

const offsetsIn = (batches: readonly ConsumerBatch[], room: string): number[] =>
  batches.filter((batch) => batch.room === room).flatMap(({ messages }) => messages.map(({ offset }) => offset));
const upTo = (count: number, from = 1): number[] => Array.from({ length: count }, (_, index) => index + from);

test('a consumer gets all messages of all rooms in order, and nothing is trimmed before', async (t) => {
  const rooms = open(t);
  for (const _ of upTo(20)) for (const room of ['a', 'b']) await publishText(rooms, room);
  assert.equal((await rooms.history('a')).messages.length, 20);
  const { batches } = follow(rooms);
  await eventually(() => batches.flatMap(({ messages }) => messages).length === 40);
  for (const _ of upTo(20)) for (const room of ['a', 'b', 'c']) await publishText(rooms, room);
  await eventually(() => batches.flatMap(({ messages }) => messages).length === 100);
  assert.deepEqual(offsetsIn(batches, 'a'), upTo(40));
  assert.deepEqual(offsetsIn(batches, 'b'), upTo(40));
  assert.deepEqual(offsetsIn(batches, 'c'), upTo(20));
  await eventually(async () => {
    await publishText(rooms, 'a');
    return (await rooms.history('a')).messages.length === 5;
  });
});

test('a batch that was not saved comes again to the next consumer, and a saved one does not', async (t) => {
  const broker = new MemoryBroker();
  const rooms = open(t, {}, broker);
  for (const _ of upTo(3)) await publishText(rooms, 'a');
  for await (const batch of rooms.consumer('archive')) {
    await batch.save();
    break;
  }
  for (const _ of upTo(3)) await publishText(rooms, 'a');
  for await (const batch of rooms.consumer('archive')) {
    assert.deepEqual(offsetsIn([batch], 'a'), [4, 5, 6]);
    break;
  }
  for await (const batch of open(t, {}, broker).consumer('archive')) {
    assert.deepEqual(offsetsIn([batch], 'a'), [4, 5, 6]);
    break;
  }
});

test('a consumer that does not save each batch gets the next ones all the same', async (t) => {
  const rooms = open(t);
  await publishText(rooms, 'a');
  const seen: ConsumerBatch[] = [];
  for await (const batch of rooms.consumer('archive')) {
    seen.push(batch);
    if (seen.length === 3) break;
    await publishText(rooms, 'a');
  }
  assert.deepEqual(offsetsIn(seen, 'a'), [1, 2, 3]);
  await seen[1]?.save();
  for await (const batch of rooms.consumer('archive')) {
    assert.deepEqual(offsetsIn([batch], 'a'), [3]);
    break;
  }
});

test('a consumer gets the amendments of messages that it has had', async (t) => {
  const rooms = open(t);
  for (const _ of upTo(3)) await publishText(rooms, 'a');
  const { batches } = follow(rooms);
  await eventually(() => batches.length === 1);
  const id = batches[0]?.messages[1]?.id ?? assert.fail();
  await rooms.amend('a', { id, author: ada.id, data: 'changed' });
  await eventually(() => batches.length === 2);
  const [batch = assert.fail()] = batches.slice(1);
  assert.equal(batch.kind, 'amendments');
  assert.deepEqual(
    batch.messages.map(({ offset, data, version }) => [offset, data, version]),
    [[2, 'changed', 1]],
  );
  await publishText(rooms, 'a');
  await eventually(() => batches.length === 3);
  assert.deepEqual([batches[2]?.kind, offsetsIn(batches.slice(2), 'a')], ['messages', [4]]);
});

test('messages that survive a loss come again only if they were not saved', async (t) => {
  const broker = new MemoryBroker();
  const rooms = open(t, {}, broker);
  for (const _ of upTo(4)) await publishText(rooms, 'a');
  const { batches } = follow(rooms);
  await eventually(() => batches.length === 1);
  const { epoch } = await rooms.position('a');
  await eventually(async () => (await broker.holds.rooms('archive')).rooms.length === 0);
  await broker.renewEpoch('a', epoch);
  await publishText(rooms, 'a');
  await eventually(() => batches.length === 2);
  assert.notEqual(batches[1]?.epoch, epoch);
  assert.deepEqual(offsetsIn(batches.slice(1), 'a'), [5]);
});

test('one server reads a consumer, and the next one continues when it closes', async (t) => {
  const broker = new MemoryBroker();
  const [one, other] = [open(t, {}, broker), open(t, {}, broker)];
  const first = follow(one);
  await publishText(one, 'a');
  await eventually(() => first.batches.length === 1);
  const second = follow(other);
  await publishText(other, 'a');
  await eventually(() => first.batches.length === 2);
  assert.deepEqual(second.batches, []);
  const owned = (): boolean[] => [one, other].map((rooms) => rooms.consumer('archive').isOwned);
  assert.deepEqual(owned(), [true, false]);
  await one.close();
  assert.equal(first.isOver, true);
  await eventually(() => owned()[1] === true);
  assert.deepEqual(owned(), [false, true]);
  assert.equal(first.error, undefined);
  await publishText(other, 'a');
  await eventually(() => second.batches.length === 1);
  assert.deepEqual(offsetsIn(second.batches, 'a'), [3]);
});

test('a server whose claim was taken saves nothing more, and its iteration ends with an error', async (t) => {
  let time = 1000;
  const broker = new MemoryBroker({ now: () => time });
  const rooms = open(t, {}, broker);
  await publishText(rooms, 'a');
  const held = Promise.withResolvers<void>();
  const followed = follow(rooms, () => held.promise);
  await eventually(() => followed.batches.length === 1);
  time += 60_001;
  const claim = (await broker.holds.claim('archive', 60_000)) ?? assert.fail();
  held.resolve();
  await eventually(() => followed.isOver);
  assert.equal((followed.error as GaleError).code, 'ROOM_CONSUMER_LOST');
  assert.equal((await broker.holds.saved('archive', claim, 'a'))?.offset, 0);
  assert.equal(await broker.holds.renew('archive', claim, 60_000), true);
});

test('a store that does not respond for a moment delays a consumer', async (t) => {
  const broker = new FaultyBroker(new MemoryBroker(), () => 0.5);
  const rooms = open(t, {}, broker);
  broker.faults.failRead = 1;
  const { batches } = follow(rooms);
  for (const _ of upTo(3)) await publishText(rooms, 'a');
  await eventually(() => broker.headReads > 2);
  broker.faults.failRead = 0;
  await eventually(() => batches.length === 1);
  assert.deepEqual(offsetsIn(batches, 'a'), [1, 2, 3]);
});

test('a client waits while a consumer has too many unsaved messages, and its refused publishes use no rate', async (t) => {
  const server = await openRooms(t, {
    rooms: {
      ...archive,
      maxUnsavedMessages: 3,
      personPublishBurst: 4,
      personPublishesPerSecond: 0.001,
      roomPublishBurst: 4,
      roomPublishesPerSecond: 0.001,
    },
  });
  const raw = await server.connect('ada');
  const publish = async (id: string): Promise<Record<string, unknown>> =>
    raw.ask('publish', { room: 'lobby', id, data: id });
  for (const id of ['1', '2', '3']) assert.equal((await publish(id))['type'], 'reply');
  for (const _ of upTo(6)) {
    const { type, code, retry, retryAfterMs } = await publish('4');
    assert.deepEqual([type, code, retry, retryAfterMs], ['error', 'ROOM_TOO_FAST', true, 1000]);
  }
  const client = server.client('ada');
  client.connect();
  const { published } = client.publish('lobby', 'from the client');
  const { batches } = follow(server.rooms);
  assert.equal((await published).offset, 4);
  await eventually(() => batches.flatMap(({ messages }) => messages).length === 4);
});

test('without consumers, publishes and amendments are given to the broker as before', async (t) => {
  const broker = new MemoryBroker();
  const given: unknown[] = [];
  const { publish, amend } = broker;
  broker.publish = (room, entry, options) => {
    given.push(Object.keys(options));
    return publish.call(broker, room, entry, options);
  };
  broker.amend = (...args) => {
    given.push(args.length);
    return amend.apply(broker, args);
  };
  const rooms = open(t, { consumers: [] }, broker);
  await publishText(rooms, 'a', ada, 'm');
  await rooms.amend('a', { id: 'm', author: ada.id, data: 1 });
  assert.deepEqual(given, [['historyCount', 'dedupeMs', 'dedupeCount', 'retry', 'after'], 2]);
});

test('amendments of messages that are gone do not hold a full room after a new epoch', async (t) => {
  const broker = new MemoryBroker();
  const before = open(t, { historyCount: 20 }, broker);
  const { batches } = follow(before);
  await publishText(before, 'a', ada, 'm');
  await before.amend('a', { author: ada.id, id: 'm', data: 'amended' });
  await eventually(async () => {
    await publishText(before, 'a');
    return (await before.history('a')).first > 1;
  });
  const { epoch, top } = await before.history('a');
  await eventually(() => offsetsIn(batches, 'a').length === top);
  await before.close();
  await broker.renewEpoch('a', epoch);
  const rooms = open(t, { historyCount: 2, maxUnsavedMessages: 3 }, broker);
  await assert.rejects(publishText(rooms, 'a'), { code: 'ROOM_TOO_FAST' });
  follow(rooms);
  await eventually(async () => publishText(rooms, 'a').then(Boolean, () => false));
  assert.equal((await rooms.history('a')).messages.length, 2);
});

test('rooms that close do not wait long for a loop that hangs, say so, and another server gets the consumer', async (t) => {
  const broker = new MemoryBroker();
  const recorded = new RecordedLog();
  const first = open(t, { consumerLeaseMs: 30, log: recorded }, broker);
  const { promise, resolve } = Promise.withResolvers<void>();
  t.after(() => resolve());
  const hanging = follow(first, () => promise);
  await publishText(first, 'a');
  await eventually(() => hanging.batches.length === 1);
  await first.close();
  assert.deepEqual(
    recorded.lines.map(({ fields, message }) => [fields, message]),
    [[{ waitedMs: 2000, consumers: ['archive'] }, 'Loops over consumers did not end while the rooms closed']],
  );
  const second = follow(open(t, {}, broker));
  await eventually(() => second.batches.length === 1);
  resolve();
  await eventually(() => hanging.isOver);
  assert.equal((hanging.error as GaleError).code, 'ROOM_CONSUMER_LOST');
});

test('names of consumers are checked, and people cannot have the cursor of one', async (t) => {
  for (const consumers of [['a b'], [''], ['a', 'a'], 'archive', [1], upTo(9).map((n) => `c${n}`)]) {
    assert.throws(() => new Rooms(new MemoryBroker(), { log, consumers: consumers as string[] }), {
      code: 'OPTION_VALUE',
    });
  }
  const rooms = open(t);
  assert.throws(() => rooms.consumer('other'), { code: 'OPTION_VALUE', message: /consumers/ });
  const { holds: _, ...broker } = {
    ...new MemoryBroker(),
    publish() {},
    read() {},
    heads() {},
    signal() {},
    listen() {},
  };
  assert.throws(() => new Rooms(broker as unknown as Broker, archive), { code: 'OPTION_VALUE' });
  const published = await publishText(rooms, 'a');
  await assert.rejects(rooms.advanceCursor('a', `${consumerPrefix}archive`, published), { code: 'OPTION_VALUE' });
  await assert.rejects(rooms.forgetCursor('a', `${consumerPrefix}archive`), { code: 'OPTION_VALUE' });
});
