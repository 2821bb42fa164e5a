import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { eventually } from '../../../test/support/eventually.ts';
import { memoryInUse } from '../../../test/support/processes/memory-in-use.ts';
import { ObservedBroker } from '../../../test/support/rooms/observed-broker.ts';
import { offsetsFrom, RecordingSubscriber } from '../../../test/support/rooms/recording-subscriber.ts';
import { createLogger } from '../../run/log.ts';
import { MemoryBroker } from '../brokers/memory/memory-broker.ts';
import { CatchUpTurns } from '../catch-up-turns.ts';
import { Rooms } from '../rooms.ts';
import type { RoomsOptions } from '../rooms-options.ts';
import type { Position, StreamPage } from '../stream.ts';
import { HistoryReader } from './history-reader.ts';

const log = createLogger({ level: 'silent' });
const options = { historyPageBytes: 1024 * 1024, maxHistoryReads: 3 };
const text = 'x'.repeat(40_000);
const ignore = (): void => {};

interface World {
  readonly broker: ObservedBroker;
  readonly rooms: Rooms;
}

function world(t: TestContext, roomsOptions: RoomsOptions = {}): World {
  const broker = new ObservedBroker(new MemoryBroker());
  const rooms = new Rooms(broker, { log, limits: 'off', ...roomsOptions });
  t.after(async () => {
    await rooms.close();
    await broker.close();
  });
  return { broker, rooms };
}

let lastId = 0;
async function fill(rooms: Rooms, room: string, count: number, data = text): Promise<Position> {
  let position: Position = { epoch: '', offset: 0 };
  for (let index = 0; index < count; index++) {
    position = await rooms.publish(room, { id: `m${++lastId}`, author: { id: 'ada', name: 'Ada' }, data });
  }
  return position;
}

async function start(rooms: Rooms, room: string, subscriber: RecordingSubscriber, after?: Position): Promise<void> {
  (await rooms.subscribe(room, after, subscriber)).start();
}

test('shares one read and one page among subscribers at the same position', async (t) => {
  const { broker, rooms } = world(t);
  await fill(rooms, 'lobby', 6);
  const subscribers = Array.from({ length: 400 }, () => new RecordingSubscriber());
  await Promise.all(subscribers.map((subscriber) => start(rooms, 'lobby', subscriber)));
  await eventually(() => subscribers.every(({ last }) => last === 6));
  assert.deepEqual(
    broker.reads.map(({ room, after }) => [room, after]),
    [['lobby', 0]],
  );
  const [first, ...others] = subscribers.map(({ events }) => events[0]);
  assert.ok(first && 'message' in first);
  for (const other of others) assert.ok(other && 'message' in other && other.message === first.message);
});

test('reads no page for a subscriber that missed nothing, and the bounds at most twice for 400 of them', async (t) => {
  const { broker, rooms } = world(t);
  const newest = await fill(rooms, 'lobby', 5, 'short');
  const subscribers = Array.from({ length: 400 }, () => new RecordingSubscriber());
  await Promise.all(subscribers.map((subscriber) => start(rooms, 'lobby', subscriber, newest)));
  await fill(rooms, 'lobby', 1, 'short');
  await eventually(() => subscribers.every(({ last }) => last === 6));
  assert.deepEqual(broker.reads, []);
  assert.ok(broker.headReads.length <= 2, `${broker.headReads.length} reads of bounds`);
});

test('reads the bounds of other rooms in the batch of a room that fails', async (t) => {
  const { broker, rooms } = world(t);
  await fill(rooms, 'good', 2, 'short');
  const { heads } = broker;
  broker.heads = (asked) =>
    asked.includes('bad') ? Promise.reject(new Error('as the test wants it')) : heads.call(broker, asked);
  const history = new HistoryReader(broker, options);
  const [good, bad] = await Promise.allSettled([history.head('good'), history.head('bad')]);
  assert.equal(good.status === 'fulfilled' && good.value.top, 2);
  assert.equal(bad.status, 'rejected');
});

test('reads no page larger than historyPageBytes', async (t) => {
  const { broker, rooms } = world(t, { historyPageBytes: 100_000 });
  await fill(rooms, 'lobby', 20);
  const subscriber = new RecordingSubscriber();
  await start(rooms, 'lobby', subscriber);
  await eventually(() => subscriber.last === 20);
  assert.equal((await rooms.history('lobby')).messages.length, 20);
  assert.equal((await rooms.missed('lobby', 'ben')).messages.length, 20);
  await rooms.checkPositions();
  assert.ok(broker.largestPage <= 100_000, `${broker.largestPage} bytes`);
  assert.equal(subscriber.offsets.length, 20);
});

test('reads at most maxHistoryReads pages at once, each page once', async (t) => {
  const { broker, rooms } = world(t, { maxHistoryReads: 3 });
  const names = Array.from({ length: 20 }, (_, index) => `room ${index}`);
  for (const name of names) await fill(rooms, name, 2);
  const release = broker.hold();
  const subscribers = names.flatMap((name) => [0, 1, 2].map(() => ({ name, subscriber: new RecordingSubscriber() })));
  const starting = Promise.all(subscribers.map(({ name, subscriber }) => start(rooms, name, subscriber)));
  release();
  await starting;
  await eventually(() => subscribers.every(({ subscriber }) => subscriber.last === 2));
  assert.equal(broker.reads.length, 20);
  assert.equal(broker.maxRunning, 3);
});

test('reads for a check of live delivery before pages for subscribers', async (t) => {
  const { broker, rooms } = world(t);
  const history = new HistoryReader(broker, options);
  const release = broker.hold();
  const order: string[] = [];
  const read = (name: string, page: Promise<StreamPage>): Promise<unknown> => page.then(() => order.push(name));
  await fill(rooms, 'lobby', 1);
  const reads = [1, 2, 3, 4, 5].map((offset) =>
    read('page', history.sharedPage('lobby', { epoch: '', offset }, ignore)),
  );
  await eventually(() => broker.running === 3);
  reads.push(read('check', history.freshPage('lobby', 0)));
  release();
  await Promise.all(reads);
  assert.equal(order.indexOf('check'), 3, order.join());
});

test('serves later positions inside a page from the cache, in its epoch only', async (t) => {
  const { broker, rooms } = world(t);
  const { epoch } = await fill(rooms, 'lobby', 12);
  const history = new HistoryReader(broker, options);
  const offsetsAfter = async (offset: number, its = epoch): Promise<number[]> => {
    const { messages } = await history.sharedPage('lobby', { epoch: its, offset }, ignore);
    return messages.map((message) => message.offset);
  };
  assert.deepEqual(await offsetsAfter(0), offsetsFrom(1, 6));
  assert.deepEqual(await offsetsAfter(3), offsetsFrom(1, 6));
  assert.deepEqual(await offsetsAfter(5), offsetsFrom(1, 6));
  assert.equal(broker.reads.length, 1);
  assert.deepEqual(await offsetsAfter(6), offsetsFrom(7, 12));
  assert.deepEqual(await offsetsAfter(3, 'another'), offsetsFrom(4, 9));
  assert.deepEqual(await offsetsAfter(12), []);
  assert.deepEqual(await offsetsAfter(12), []);
  assert.equal(broker.reads.length, 5);
  history.forget('lobby');
  assert.deepEqual(await offsetsAfter(3), offsetsFrom(4, 9));
  assert.equal(broker.reads.length, 6);
});

test('limits the cached pages of all rooms together in bytes', async (t) => {
  const { broker, rooms } = world(t);
  const history = new HistoryReader(broker, { historyPageBytes: 100_000, maxHistoryReads: 3 });
  const names = Array.from({ length: 10 }, (_, index) => `room ${index}`);
  const epochs: string[] = [];
  for (const name of names) epochs.push((await fill(rooms, name, 2)).epoch);
  const readAll = async (): Promise<void> => {
    for (const [index, name] of names.entries()) {
      await history.sharedPage(name, { epoch: epochs[index] ?? '', offset: 0 }, ignore);
    }
  };
  await readAll();
  assert.equal(broker.reads.length, 10);
  // A page has 80,000 bytes and the cache 4 × 100,000 bytes, so it holds the newest four.
  for (const index of [9, 8, 7, 6]) {
    await history.sharedPage(names[index] ?? '', { epoch: epochs[index] ?? '', offset: 1 }, ignore);
  }
  assert.equal(broker.reads.length, 10);
  await history.sharedPage('room 5', { epoch: epochs[5] ?? '', offset: 0 }, ignore);
  assert.equal(broker.reads.length, 11);
  history.close();
});

test('holds no page for a subscriber that waits for its reader', async (t) => {
  // So small that the cache holds no page either.
  const { broker, rooms } = world(t, { historyPageBytes: 1 });
  const pages: WeakRef<StreamPage>[] = [];
  broker.onPage = (page) => {
    pages.push(new WeakRef(page));
    return page;
  };
  await fill(rooms, 'lobby', 10);
  const goOn = Promise.withResolvers<void>();
  const slow = new RecordingSubscriber();
  const isOpen = { value: false };
  slow.wait = () => (isOpen.value || pages.length === 0 ? undefined : goOn.promise);
  const subscription = await rooms.subscribe('lobby', undefined, slow);
  assert.equal(pages.length, 0, 'nothing is read before the start');
  subscription.start();
  await eventually(() => pages.length === 1);
  await eventually(() => {
    memoryInUse();
    return pages[0]?.deref() === undefined;
  });
  assert.equal(slow.last, 0);
  isOpen.value = true;
  goOn.resolve();
  await eventually(() => slow.last === 10);
  slow.assertWhole();
});

test('reads pages for the subscriptions of one connection one after the other', async (t) => {
  const { broker, rooms } = world(t);
  const names = Array.from({ length: 20 }, (_, index) => `room ${index}`);
  for (const name of names) await fill(rooms, name, 3);
  broker.isSlow = true;
  const turns = new CatchUpTurns();
  // A connection that takes one message, and is ready for the next one after a subscriber waits for it.
  let isFull = false;
  const subscribers = names.map(() => {
    const subscriber = Object.assign(new RecordingSubscriber(), { turns });
    const deliver = subscriber.deliver.bind(subscriber);
    subscriber.deliver = (message, epoch) => {
      isFull = true;
      deliver(message, epoch);
    };
    subscriber.wait = () =>
      isFull ? new Promise<void>((resolve) => setImmediate(resolve)).then(() => void (isFull = false)) : undefined;
    return subscriber;
  });
  for (const [index, name] of names.entries()) await start(rooms, name, subscribers[index] as RecordingSubscriber);
  await eventually(() => subscribers.every(({ last }) => last === 3));
  assert.equal(broker.maxRunning, 1);
  // At most one read for each message, although all 20 wait for the same connection.
  assert.ok(broker.reads.length <= 80, `${broker.reads.length} reads`);
  for (const subscriber of subscribers) subscriber.assertWhole();
});

test('does not reset a subscriber because of a page older than its position', async (t) => {
  const { broker, rooms } = world(t);
  const newest = await fill(rooms, 'lobby', 5, 'short');
  const old: StreamPage[] = [
    { epoch: newest.epoch, top: 1, first: 1, lives: [], messages: [], bytes: 0 },
    { epoch: 'of an old server', top: 9, first: 1, lives: [], messages: [], bytes: 0 },
  ];
  broker.onPage = (page) => old.shift() ?? page;
  const subscriber = new RecordingSubscriber();
  await start(rooms, 'lobby', subscriber, { ...newest, offset: 3 });
  await eventually(() => subscriber.last === 5);
  assert.deepEqual(old, []);
  assert.equal(
    subscriber.events.some((event) => 'reset' in event),
    false,
  );
  subscriber.assertWhole(3);
});

test('resets a slow subscriber once when the stream is lost', async (t) => {
  const { broker, rooms } = world(t);
  const { epoch } = await fill(rooms, 'lobby', 12);
  const slow = new RecordingSubscriber();
  const goOn = Promise.withResolvers<void>();
  const isOpen = { value: false };
  slow.wait = () => (isOpen.value || slow.last < 2 ? undefined : goOn.promise);
  await start(rooms, 'lobby', slow);
  await eventually(() => slow.last === 2);
  await broker.renewEpoch('lobby', epoch);
  await fill(rooms, 'lobby', 3);
  isOpen.value = true;
  goOn.resolve();
  await eventually(() => slow.last === 15 && slow.events.some((event) => 'reset' in event));
  slow.assertWhole();
  assert.equal(slow.events.filter((event) => 'reset' in event).length, 1);
});

test('reads the bounds of several rooms in one read', async (t) => {
  const { broker, rooms } = world(t);
  const { epoch, life } = await fill(rooms, 'a', 2, 'x');
  const before = broker.headReads.length;
  const [one, other] = await Promise.all([rooms.heads(['a', 'b']), rooms.heads(['b', 'a'])]);
  assert.deepEqual(one.get('a'), { epoch, top: 2, first: 1, lives: [{ name: life, first: 1 }] });
  assert.equal(one.get('b')?.top, 0);
  assert.deepEqual(other.get('a'), one.get('a'));
  assert.equal(broker.headReads.length - before, 1);
  assert.deepEqual(await rooms.heads([]), new Map());
});

test('limits pages for subscribers to 100 messages and 256 KiB, and other pages to 1000 messages', async (t) => {
  const { broker } = world(t);
  for (const [historyPageBytes, sharedBytes] of [
    [1024 * 1024, 256 * 1024],
    [1000, 1000],
  ] as const) {
    const history = new HistoryReader(broker, { historyPageBytes, maxHistoryReads: 3 });
    await history.sharedPage('lobby', { epoch: '', offset: 7 }, ignore);
    await history.freshPage('lobby', 8);
    assert.deepEqual(broker.reads.splice(0), [
      { room: 'lobby', after: 7, limit: { count: 100, bytes: sharedBytes } },
      { room: 'lobby', after: 8, limit: { count: 1000, bytes: historyPageBytes } },
    ]);
  }
});

test('reads again after a shared read that failed for all its subscribers', async (t) => {
  const { broker, rooms } = world(t);
  const { epoch } = await fill(rooms, 'lobby', 1, 'short');
  const history = new HistoryReader(broker, options);
  const { read } = broker;
  broker.read = () => Promise.reject(new Error('as the test wants it'));
  const page = (): Promise<StreamPage> => history.sharedPage('lobby', { epoch, offset: 0 }, ignore);
  const failed = await Promise.allSettled([page(), page()]);
  assert.deepEqual(
    failed.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  broker.read = read;
  assert.equal((await page()).messages.length, 1);
});

test('calls each subscriber when the read of its page begins, and nobody for a cached page', async (t) => {
  const { broker, rooms } = world(t);
  const { epoch } = await fill(rooms, 'lobby', 2, 'short');
  const history = new HistoryReader(broker, { ...options, maxHistoryReads: 1 });
  const begun: string[] = [];
  const page = (name: string, room = 'lobby', offset = 0): Promise<StreamPage> =>
    history.sharedPage(room, { epoch, offset }, () => begun.push(name));
  const release = broker.hold();
  const pages = [page('first', 'attic'), page('second'), page('third')];
  await eventually(() => broker.running === 1);
  assert.deepEqual(begun, ['first'], 'the other read waits for a place');
  pages.push(page('late', 'attic'));
  assert.deepEqual(begun, ['first', 'late'], 'its read is under way');
  release();
  await Promise.all(pages);
  assert.deepEqual(begun, ['first', 'late', 'second', 'third']);
  await page('cached', 'lobby', 1);
  assert.equal(begun.length, 4);
});

test('does not reset a subscriber at the newest message because of an older page', async (t) => {
  const { broker, rooms } = world(t);
  await fill(rooms, 'lobby', 3, 'short');
  const subscriber = new RecordingSubscriber();
  const free = Promise.withResolvers<void>();
  const isFree = { value: false };
  subscriber.wait = () => (isFree.value || subscriber.last < 3 ? undefined : free.promise);
  await start(rooms, 'lobby', subscriber);
  await eventually(() => subscriber.last === 3);
  let isOld = true;
  broker.onPage = (page) => {
    if (!isOld) return page;
    isOld = false;
    return { ...page, top: 2, messages: [] };
  };
  isFree.value = true;
  free.resolve();
  await eventually(() => !isOld);
  await fill(rooms, 'lobby', 1, 'short');
  await eventually(() => subscriber.last === 4);
  assert.deepEqual(
    subscriber.events.filter((event) => 'reset' in event),
    [],
  );
});
