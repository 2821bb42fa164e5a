/** Amendments in rooms: delivery to live subscribers and to those who were away, over lost and repeated live delivery. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { z } from 'zod';
import { eventually } from '../../test/support/eventually.ts';
import { FaultyBroker } from '../../test/support/rooms/faulty-broker.ts';
import type { Faults } from '../../test/support/rooms/faulty-broker.ts';
import { ObservedBroker } from '../../test/support/rooms/observed-broker.ts';
import { offsetsFrom, RecordingSubscriber } from '../../test/support/rooms/recording-subscriber.ts';
import { seededRandom } from '../../test/support/seeded-random.ts';
import { createLogger } from '../run/log.ts';
import type { Broker } from './broker.ts';
import { MemoryBroker } from './brokers/memory/memory-broker.ts';
import { Rooms } from './rooms.ts';
import type { TypedRoomsOptions } from './rooms-options.ts';
import type { Amended, Position, RoomMessage } from './stream.ts';
import type { Subscription } from './subscription.ts';

const author = { id: 'ada', name: 'Ada' };

function openRooms(t: TestContext, broker: Broker, options: TypedRoomsOptions = {}): Rooms {
  const rooms = new Rooms(broker, { log: createLogger({ level: 'silent' }), ...options });
  t.after(async () => {
    await rooms.close();
    await broker.close();
  });
  return rooms;
}

async function fill(rooms: Rooms, from: number, to: number): Promise<void> {
  for (let id = from; id <= to; id++) await rooms.publish('lobby', { id: `m${id}`, author, data: `text ${id}` });
}

const amend = (rooms: Rooms, offset: number, data: unknown): Promise<Amended> =>
  rooms.amend('lobby', { id: `m${offset}`, author: 'ada', data });

async function follow(rooms: Rooms, after?: Position): Promise<RecordingSubscriber & { subscription: Subscription }> {
  const subscriber = new RecordingSubscriber();
  const subscription = await rooms.subscribe('lobby', after, subscriber);
  subscription.start();
  return Object.assign(subscriber, { subscription });
}

const inShort = (messages: readonly RoomMessage[]): unknown[] =>
  messages.map(({ offset, version, data }) => `${offset} v${version} ${String(data)}`);

/** What the room keeps: data by offset. */
async function kept(rooms: Rooms): Promise<Map<number, unknown>> {
  return new Map((await rooms.history('lobby')).messages.map(({ offset, data }) => [offset, data]));
}

test('live subscribers get an amendment once, with its version, and messages keep their order', async (t) => {
  const rooms = openRooms(t, new MemoryBroker());
  await fill(rooms, 1, 3);
  const live = await follow(rooms);
  await eventually(() => live.last === 3);
  await amend(rooms, 2, 'edited');
  await fill(rooms, 4, 4);
  await amend(rooms, 4, 'edited too');
  await eventually(() => live.amended.length === 2);
  assert.deepEqual(inShort(live.amended), ['2 v1 edited', '4 v2 edited too']);
  assert.ok((live.amended[0]?.amended ?? 0) >= (live.amended[0]?.time ?? Infinity));
  live.assertWhole();
  assert.deepEqual(live.subscription.position.version, 2);
});

test('a subscriber that was away gets messages in their state and the amendments of those it had, in order', async (t) => {
  const rooms = openRooms(t, new MemoryBroker());
  await fill(rooms, 1, 10);
  await amend(rooms, 1, 'before');
  const before = await follow(rooms);
  await eventually(() => before.last === 10);
  const { position } = before.subscription;
  assert.equal(position.version, 1);
  before.subscription.close();
  await amend(rooms, 7, 'seven');
  await amend(rooms, 3, 'three');
  await fill(rooms, 11, 12);
  await amend(rooms, 11, 'eleven');
  await amend(rooms, 7, 'seven again');
  const later = await follow(rooms, position);
  assert.deepEqual([later.subscription.recovered, later.subscription.version], [true, 1]);
  await eventually(() => later.subscription.position.version === 5);
  assert.deepEqual(inShort(later.amended), ['3 v3 three', '11 v4 eleven', '7 v5 seven again']);
  assert.deepEqual(later.offsets, [11, 12]);
  assert.deepEqual(later.shown.get(11), 'eleven');
  assert.equal(later.events.length, 2);
  // It is live now.
  await amend(rooms, 12, 'twelve');
  await eventually(() => later.amended.length === 4);
});

test('a new subscriber gets every message in its state, and no amendments', async (t) => {
  const rooms = openRooms(t, new MemoryBroker());
  await fill(rooms, 1, 5);
  for (const offset of [5, 1, 3, 1]) await amend(rooms, offset, `new ${offset} ${Math.random()}`);
  const subscriber = await follow(rooms);
  await eventually(() => subscriber.last === 5);
  assert.deepEqual(subscriber.amended, []);
  assert.deepEqual(subscriber.shown, await kept(rooms));
  assert.equal(subscriber.subscription.version, 4);
});

test('amendments of messages that are no longer kept are left out', async (t) => {
  const rooms = openRooms(t, new MemoryBroker(), { historyCount: 3 });
  await fill(rooms, 1, 3);
  const before = await follow(rooms);
  await eventually(() => before.last === 3);
  const { position } = before.subscription;
  before.subscription.close();
  await amend(rooms, 1, 'trimmed soon');
  await amend(rooms, 3, 'three');
  await fill(rooms, 4, 5);
  await assert.rejects(amend(rooms, 1, 'too late'), { code: 'ROOM_MESSAGE_GONE' });
  const later = await follow(rooms, position);
  await eventually(() => later.last === 5 && later.subscription.position.version === 2);
  assert.deepEqual(inShort(later.amended), ['3 v2 three']);
});

test('a message that is amended and then trimmed while a subscriber catches up is reported as stale', async (t) => {
  const rooms = openRooms(t, new MemoryBroker(), { historyCount: 5 });
  await fill(rooms, 1, 5);
  const position = await rooms.position('lobby');
  await amend(rooms, 2, 'nobody can read it later');
  await amend(rooms, 4, 'four');
  const slow = new RecordingSubscriber();
  const gate = Promise.withResolvers<void>();
  slow.wait = () => gate.promise;
  const subscription = await rooms.subscribe('lobby', position, slow);
  assert.deepEqual([subscription.first, subscription.recovered], [1, true]);
  subscription.start();
  await fill(rooms, 6, 7);
  slow.wait = undefined;
  gate.resolve();
  await eventually(() => slow.last === 7 && slow.amended.length === 1);
  assert.deepEqual(inShort(slow.amended), ['4 v2 four']);
  assert.deepEqual([...slow.outdated], [1, 2]);
  slow.assertWhole(5);
  // It is live, and nothing else is stale.
  await amend(rooms, 3, 'three');
  await amend(rooms, 3, 'three again');
  await fill(rooms, 8, 10);
  await eventually(() => slow.last === 10 && slow.amended.length === 3);
  assert.deepEqual([...slow.outdated], [1, 2]);
});

test('a message that is amended and then trimmed while live delivery fails is reported as stale', async (t) => {
  const broker = new FaultyBroker(new MemoryBroker(), () => 0);
  const rooms = openRooms(t, broker, { historyCount: 5 });
  await fill(rooms, 1, 4);
  const live = await follow(rooms);
  await eventually(() => live.last === 4);
  await fill(rooms, 5, 6);
  await eventually(() => live.last === 6);
  await rooms.checkPositions();
  broker.isDeaf = true;
  await broker.amend('lobby', { id: 'm3', author: 'ada', data: 'lost' });
  await broker.amend('lobby', { id: 'm6', author: 'ada', data: 'six' });
  await fill(rooms, 7, 8);
  broker.isDeaf = false;
  await rooms.checkPositions();
  await eventually(() => live.last === 8 && live.amended.length === 1);
  assert.deepEqual(inShort(live.amended), ['6 v2 six']);
  // 1 was trimmed before.
  assert.deepEqual([...live.outdated], [2, 3]);
});

test('the schema of the rooms checks an amendment', async (t) => {
  const rooms = openRooms(t, new MemoryBroker(), { schema: z.string().trim() as TypedRoomsOptions['schema'] });
  await fill(rooms, 1, 1);
  await assert.rejects(amend(rooms, 1, 5), { code: 'ROOM_BAD_DATA' });
  await amend(rooms, 1, ' new ');
  assert.deepEqual(await kept(rooms), new Map([[1, 'new']]));
});

test('a lost amendment is found by the check of live delivery, and after an own amendment within seconds', async (t) => {
  const broker = new FaultyBroker(new MemoryBroker(), () => 0);
  const rooms = openRooms(t, broker);
  await fill(rooms, 1, 3);
  const live = await follow(rooms);
  await eventually(() => live.last === 3);
  broker.isDeaf = true;
  await broker.amend('lobby', { id: 'm2', author: 'ada', data: 'lost' });
  broker.isDeaf = false;
  await rooms.checkPositions();
  assert.deepEqual(inShort(live.amended), ['2 v1 lost']);
  broker.isDeaf = true;
  await amend(rooms, 1, 'lost too');
  await eventually(() => live.amended.length === 2);
  assert.deepEqual(inShort(live.amended), ['2 v1 lost', '1 v2 lost too']);
});

test('an amendment after a lost one is delivered after it', async (t) => {
  const broker = new FaultyBroker(new MemoryBroker(), () => 0);
  const rooms = openRooms(t, broker);
  await fill(rooms, 1, 3);
  const live = await follow(rooms);
  await eventually(() => live.last === 3);
  broker.isDeaf = true;
  await amend(rooms, 3, 'lost');
  broker.isDeaf = false;
  await amend(rooms, 1, 'brought');
  await eventually(() => live.amended.length === 2);
  assert.deepEqual(inShort(live.amended), ['3 v1 lost', '1 v2 brought']);
});

test('a message that live delivery brings in its old state gets its amendment afterwards', async (t) => {
  const broker = new FaultyBroker(new MemoryBroker(), () => 0);
  const rooms = openRooms(t, broker);
  await fill(rooms, 1, 3);
  const live = await follow(rooms);
  await eventually(() => live.last === 3);
  broker.isDeaf = true;
  await broker.amend('lobby', { id: 'm1', author: 'ada', data: 'one' });
  const { epoch } = await rooms.position('lobby');
  let old: RoomMessage | undefined;
  let reads = 0;
  broker.afterRead = async () => {
    reads++;
    if (reads === 1) {
      // After the page and before the amendments are read.
      await fill(rooms, 4, 4);
      old = (await rooms.history('lobby')).messages.at(-1);
      await broker.amend('lobby', { id: 'm4', author: 'ada', data: 'four' });
    }
    // `reads` counts the read of the history too. The third is that of the amendments.
    if (reads === 3) setImmediate(() => old && broker.bring('lobby', epoch, old));
    if (reads > 3) await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  };
  await rooms.checkPositions();
  broker.afterRead = undefined;
  await eventually(() => live.last === 4);
  await rooms.checkPositions();
  assert.equal(live.shown.get(4), 'four');
  assert.deepEqual(live.offsets, [1, 2, 3, 4]);
  assert.deepEqual(inShort(live.amended).slice(0, 1), ['1 v1 one']);
});

test('a store that lost amendments gets a new epoch, and subscribers its state', async (t) => {
  const memory = new MemoryBroker();
  const broker = new ObservedBroker(memory);
  const rooms = openRooms(t, broker);
  await fill(rooms, 1, 3);
  const live = await follow(rooms);
  await eventually(() => live.last === 3);
  await amend(rooms, 2, 'will be lost');
  await eventually(() => live.amended.length === 1);
  const { position } = live.subscription;
  // As after a restore: the message is as before, and so is the version.
  broker.onPage = ({ epoch, top, first, lives, bytes, messages }) => ({
    epoch,
    top,
    first,
    lives,
    bytes,
    messages: messages.map(({ offset, id, time, life }) => ({ offset, id, author, time, life, data: 'as before' })),
  });
  await rooms.checkPositions();
  broker.onPage = undefined;
  await eventually(() => live.events.some((event) => 'reset' in event) && live.last === 3);
  live.amended.length = 0;
  await amend(rooms, 3, 'after the loss');
  await eventually(() => live.amended.at(-1)?.data === 'after the loss');
  const { reset, version } = (await follow(rooms, position)).subscription;
  assert.deepEqual([reset, version], [true, 2]);
});

test('a position with a version ahead of the store is reset', async (t) => {
  const rooms = openRooms(t, new MemoryBroker());
  await fill(rooms, 1, 2);
  const position = await rooms.position('lobby');
  const subscriber = await follow(rooms, { ...position, version: 1 });
  assert.equal(subscriber.subscription.reset, true);
  await eventually(() => subscriber.last === 2);
});

test('reads an amended room once for many subscribers that come back', async (t) => {
  const broker = new ObservedBroker(new MemoryBroker());
  const rooms = openRooms(t, broker);
  await fill(rooms, 1, 50);
  const position = await rooms.position('lobby');
  await amend(rooms, 7, 'new');
  broker.reads.length = 0;
  const subscribers = await Promise.all(Array.from({ length: 200 }, () => follow(rooms, position)));
  await eventually(() => subscribers.every(({ amended }) => amended.length === 1));
  assert.ok(broker.reads.length <= 10, `${broker.reads.length} reads`);
});

test('many large amendments are delivered in steps, ascending, and none is missing', async (t) => {
  const rooms = openRooms(t, new MemoryBroker());
  await fill(rooms, 1, 40);
  const position = await rooms.position('lobby');
  for (let offset = 40; offset >= 1; offset--) await amend(rooms, offset, `${offset} ${'x'.repeat(30_000)}`);
  const subscriber = await follow(rooms, position);
  await eventually(() => subscriber.amended.length === 40);
  assert.deepEqual(
    subscriber.amended.map(({ offset, version }) => [offset, version]),
    Array.from({ length: 40 }, (_, index) => [40 - index, index + 1]),
  );
});

for (const seed of [1, 2, 3, 4, 5, 6, 7, 8, 301, 335]) {
  test(`random publishes and amendments over faulty live delivery: everyone has the state of the store, or knows what is stale (seed ${seed})`, async (t) => {
    const random = seededRandom(seed);
    const faults: Faults = { drop: 0.2, repeat: 0.2, delay: 0.2, failRead: 0.1 };
    const broker = new FaultyBroker(new MemoryBroker(), random, faults);
    const rooms = openRooms(t, broker, { historyCount: 30 });
    broker.afterRead = () => new Promise((resolve) => setImmediate(resolve));
    const all: RecordingSubscriber[] = [];
    /** The newest data of amended messages, also of those that are trimmed. */
    const states = new Map<number, unknown>();
    /** Positions of readers that are away, with what they show. */
    const away: { position: Position; before: RecordingSubscriber }[] = [];
    const live: (RecordingSubscriber & { subscription: Subscription })[] = [];
    const join = async (after?: Position, before?: RecordingSubscriber): Promise<void> => {
      const subscriber = new RecordingSubscriber();
      if (before) {
        subscriber.events.push(...before.events);
        subscriber.amended.push(...before.amended);
        for (const stale of before.outdated) subscriber.outdated.add(stale);
      }
      let subscription: Subscription | undefined;
      while (!subscription) subscription = await rooms.subscribe('lobby', after, subscriber).catch(() => undefined);
      for (const trimmed of offsetsFrom(1, subscription.first - 1)) subscriber.outdated.add(trimmed);
      if (after && subscription.dropped > 0) subscriber.events.push({ dropped: subscription.dropped, after });
      subscription.start();
      all.push(subscriber);
      live.push(Object.assign(subscriber, { subscription }));
    };
    let top = 0;
    for (let step = 0; step < 300; step++) {
      const what = random();
      if (what < 0.35) await fill(rooms, top + 1, ++top);
      else if (what < 0.75 && top > 0) {
        const offset = Math.max(1, top - Math.floor(random() * 29));
        await amend(rooms, offset, `step ${step}`).then(
          () => states.set(offset, `step ${step}`),
          (error: { code?: string }) => assert.equal(error.code, 'ROOM_MESSAGE_GONE'),
        );
      } else if (what < 0.82) await join();
      else if (what < 0.91 && live.length > 0) {
        const left = live.splice(Math.floor(random() * live.length), 1)[0] ?? assert.fail();
        left.subscription.close();
        all.splice(all.indexOf(left), 1);
        away.push({ position: left.subscription.position, before: left });
      } else if (away.length > 0) {
        const { position, before } = away.pop() ?? assert.fail();
        await join(position, before);
      } else await new Promise((resolve) => setImmediate(resolve));
    }
    broker.faults = {};
    for (const { position, before } of away) await join(position, before);
    await rooms.checkPositions();
    const wanted = await kept(rooms);
    for (const [index, subscriber] of all.entries()) {
      await eventually(
        () => {
          const { shown } = subscriber;
          return [...wanted].every(([offset, data]) => (!shown.has(offset) ? false : shown.get(offset) === data));
        },
        () => `subscriber ${index}: ${JSON.stringify([...subscriber.shown])} must be ${JSON.stringify([...wanted])}`,
      );
      subscriber.assertWhole(firstOf(subscriber));
      const wrong = (): unknown[] =>
        [...subscriber.shown].filter(
          ([offset, data]) => !subscriber.outdated.has(offset) && data !== (states.get(offset) ?? data),
        );
      await eventually(
        () => wrong().length === 0,
        () => `subscriber ${index} shows ${JSON.stringify(wrong())}`,
      );
      const versions = subscriber.amended.map(({ version }) => version ?? 0);
      assert.deepEqual(
        versions,
        versions.toSorted((a, b) => a - b),
      );
    }
  });
}

/** The offset before the first recorded event. */
function firstOf(subscriber: RecordingSubscriber): number {
  const [first] = subscriber.events;
  if (!first || 'reset' in first) return 0;
  return 'message' in first ? first.message.offset - 1 : first.after.offset;
}

test('an amendment with a wrong type is refused, the same with every broker', async (t) => {
  const rooms = openRooms(t, new MemoryBroker());
  await fill(rooms, 1, 1);
  const right = { id: 'm1', author: 'ada', data: 'edited', version: 0 };
  for (const wrong of [{ version: '0' }, { version: -1 }, { version: NaN }, { id: undefined }, { author }]) {
    const name = Object.keys(wrong)[0] ?? '';
    const amendment = { ...right, ...wrong } as unknown as typeof right;
    await assert.rejects(rooms.amend('lobby', amendment), {
      code: 'OPTION_VALUE',
      message: new RegExp(`^${name} must`),
    });
  }
  assert.equal((await rooms.amend('lobby', right)).version, 1);
});
