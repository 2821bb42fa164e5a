import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { eventually } from '../../test/support/eventually.ts';
import { FaultyBroker } from '../../test/support/rooms/faulty-broker.ts';
import type { Faults } from '../../test/support/rooms/faulty-broker.ts';
import { offsetsFrom, RecordingSubscriber } from '../../test/support/rooms/recording-subscriber.ts';
import { seededRandom, seedOfRun } from '../../test/support/seeded-random.ts';
import { GaleError } from '../errors.ts';
import { createLogger } from '../run/log.ts';
import { MemoryBroker } from './brokers/memory/memory-broker.ts';
import { Rooms } from './rooms.ts';
import type { RoomsOptions } from './rooms-options.ts';
import type { Entry, Person, Position, Published } from './stream.ts';
import type { Subscription } from './subscription.ts';

const ada: Person = { id: 'ada', name: 'Ada' };
const ben: Person = { id: 'ben', name: 'Ben' };
const log = createLogger({ level: 'silent' });

interface World {
  readonly broker: FaultyBroker;
  readonly rooms: Rooms;
  /** Another server on the same broker. */
  readonly others: Rooms;
  readonly random: () => number;
}

function world(t: TestContext, options: RoomsOptions & { faults?: Faults } = {}): World {
  const { faults, ...rest } = options;
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const broker = new FaultyBroker(new MemoryBroker(), random, faults);
  const rooms = new Rooms(broker, { log, presenceGraceMs: 0, presenceBatchMs: 1, ...rest });
  const others = new Rooms(broker, { log, presenceGraceMs: 0, presenceBatchMs: 1, ...rest });
  t.after(async () => {
    await Promise.all([rooms.close(), others.close()]);
    await broker.close();
  });
  return { broker, rooms, others, random };
}

let lastId = 0;
function say(rooms: Rooms, room: string, author: Person = ada, id = `m${++lastId}`): Promise<Published> {
  return rooms.publish(room, { id, author, data: { text: id } });
}

async function sayMany(rooms: Rooms, room: string, count: number): Promise<Published> {
  const all = await Promise.all(Array.from({ length: count }, () => say(rooms, room)));
  return all.reduce((newest, published) => (published.offset > newest.offset ? published : newest));
}

async function follow(
  rooms: Rooms,
  room: string,
  after?: Position,
): Promise<{ subscriber: RecordingSubscriber; subscription: Subscription }> {
  const subscriber = new RecordingSubscriber();
  const subscription = await rooms.subscribe(room, after, subscriber);
  subscription.start();
  return { subscriber, subscription };
}

test('a subscriber gets what is kept, then what is published on any server', async (t) => {
  const { rooms, others } = world(t);
  await sayMany(rooms, 'lobby', 3);
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  assert.deepEqual(
    [subscription.top, subscription.first, subscription.recovered, subscription.reset, subscription.dropped],
    [3, 1, true, false, 0],
  );
  await eventually(() => subscriber.last === 3);
  await say(others, 'lobby');
  await say(rooms, 'lobby');
  await eventually(() => subscriber.last === 5);
  subscriber.assertWhole();
});

test('nothing is delivered before the start, and all of it after', async (t) => {
  const { rooms } = world(t);
  await sayMany(rooms, 'lobby', 2);
  const subscriber = new RecordingSubscriber();
  const subscription = await rooms.subscribe('lobby', undefined, subscriber);
  await sayMany(rooms, 'lobby', 2);
  assert.equal(subscriber.told.length, 0);
  subscription.start();
  await eventually(() => subscriber.last === 4);
  subscriber.assertWhole();
});

test('a closed subscription gets nothing more, and a room without subscribers is not listened to', async (t) => {
  const { rooms, broker } = world(t);
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  await say(rooms, 'lobby');
  await eventually(() => subscriber.last === 1);
  subscription.close();
  await say(rooms, 'lobby');
  const again = await follow(rooms, 'lobby', { epoch: subscription.epoch, offset: 1 });
  await eventually(() => again.subscriber.last === 2);
  assert.deepEqual(subscriber.offsets, [1]);
  assert.ok(broker.reads > 0);
});

test('who missed 250 messages gets the newest 100, and is told that 150 are gone', async (t) => {
  const { rooms } = world(t);
  const first = await rooms.position('lobby');
  await rooms.advanceCursor('lobby', 'ben', first);
  const newest = await sayMany(rooms, 'lobby', 250);

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
  assert.deepEqual(missed.position, { epoch: newest.epoch, offset: 250 });
});

test('who missed 3 gets 3, in the inbox and by a subscription', async (t) => {
  const { rooms } = world(t);
  const before = await sayMany(rooms, 'lobby', 120);
  await rooms.advanceCursor('lobby', 'ben', before);
  await sayMany(rooms, 'lobby', 3);
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

test('who missed nothing recovers with nothing, however often', async (t) => {
  const { rooms } = world(t);
  const at = await sayMany(rooms, 'lobby', 5);
  for (let round = 0; round < 5; round++) {
    const { subscription, subscriber } = await follow(rooms, 'lobby', at);
    assert.deepEqual([subscription.recovered, subscription.dropped], [true, 0]);
    await eventually(() => subscription.position.offset === 5);
    subscription.close();
    assert.deepEqual(subscriber.told, []);
  }
  assert.deepEqual((await rooms.missed('lobby', 'nobody')).messages.length, 5);
});

test('whatever live delivery drops, repeats and turns round, every offset comes once and in order', async (t) => {
  const { rooms, others, broker, random } = world(t, {
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
    await sayMany(random() < 0.5 ? rooms : others, 'lobby', 1 + Math.floor(random() * 8));
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

test('a message lost by live delivery is found by the next, by doubt, by the check, and by its own publisher', async (t) => {
  const { rooms, others, broker } = world(t);
  const { subscriber } = await follow(rooms, 'lobby');
  for (const offset of [1, 3, 4, 5]) broker.lost.add(offset);
  await sayMany(others, 'lobby', 2);
  await eventually(() => subscriber.last === 2);
  await say(others, 'lobby');
  broker.doubt('lobby');
  await eventually(() => subscriber.last === 3);
  await say(others, 'lobby');
  await rooms.checkPositions();
  await eventually(() => subscriber.last === 4);
  await say(rooms, 'lobby');
  await eventually(() => subscriber.last === 5);
  subscriber.assertWhole();
});

test('a room goes on after a lost message if each page holds one message only', async (t) => {
  const { broker, rooms } = world(t, { historyPageBytes: 1 });
  const { subscriber } = await follow(rooms, 'lobby');
  await sayMany(rooms, 'lobby', 3);
  await eventually(() => subscriber.last === 3);
  for (const offset of [4, 5, 7]) broker.lost.add(offset);
  await sayMany(rooms, 'lobby', 5);
  await eventually(() => subscriber.last === 8);
  const { reads } = broker;
  await rooms.checkPositions();
  assert.ok(broker.reads - reads <= 2, 'a check with nothing to do ends');
  subscriber.assertWhole();
});

test('the position check runs by itself', async (t) => {
  const { rooms, others, broker } = world(t, { positionCheckMs: 20 });
  const { subscriber } = await follow(rooms, 'lobby');
  broker.lost.add(1);
  await say(others, 'lobby');
  await eventually(() => subscriber.last === 1);
});

test('subscribing in the middle of a stream of publishes misses and repeats nothing', async (t) => {
  const { rooms, others } = world(t, { historyCount: 10_000 });
  const publishers = { areDone: false };
  const publishing = (async () => {
    for (let round = 0; !publishers.areDone || round < 50; round++)
      await sayMany(round % 2 ? rooms : others, 'lobby', 5);
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

test('a live message that overtakes the answer of the first read is not lost', async (t) => {
  const { rooms, others, broker } = world(t);
  await say(others, 'lobby');
  broker.afterRead = async () => {
    broker.afterRead = undefined;
    await say(others, 'lobby');
  };
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  assert.equal(subscription.top, 1);
  await eventually(() => subscriber.last === 2);
  subscriber.assertWhole();
});

test('a slow reader is waited for, is told what was trimmed meanwhile, and disturbs nobody', async (t) => {
  const { rooms } = world(t);
  await sayMany(rooms, 'lobby', 50);
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
  await sayMany(rooms, 'lobby', 250);
  await eventually(() => quick.last === 300);
  quick.assertWhole();
  assert.equal(slow.last, 10, 'live messages are not pushed on a slow reader');
  allowed = Infinity;
  goOn?.();
  await eventually(() => slow.last === 300);
  slow.assertWhole();
  const holes = slow.told.flatMap((line) => ('dropped' in line ? [line] : []));
  // The page it was reading may still be at hand, for other readers.
  assert.deepEqual(
    holes.map(({ dropped, after }) => after.offset + dropped),
    [200],
    'it is told once what is gone',
  );
});

test('a position of a lost stream, and one ahead of the stream, begin again from what is kept', async (t) => {
  const { rooms, broker } = world(t);
  const { epoch } = await sayMany(rooms, 'lobby', 4);
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
  await sayMany(rooms, 'lobby', 2);
  const missed = await rooms.missed('lobby', 'ben');
  assert.deepEqual([missed.reset, missed.recovered, missed.messages.length], [true, false, 2]);
});

test('a stream that is lost while subscribed is told, and goes on in its new epoch', async (t) => {
  const { rooms, others, broker } = world(t);
  const followers = [await follow(rooms, 'lobby'), await follow(others, 'lobby')];
  const { epoch } = await sayMany(rooms, 'lobby', 7);
  await eventually(() => followers.every(({ subscriber }) => subscriber.last === 7));
  await broker.renewEpoch('lobby', epoch);
  await sayMany(rooms, 'lobby', 3);
  for (const { subscriber, subscription } of followers) {
    await eventually(() => subscriber.offsets.length === 10);
    subscriber.assertWhole();
    assert.equal(subscriber.told.filter((line) => 'reset' in line).length, 1);
    assert.notEqual(subscription.position.epoch, epoch);
  }
});

test('a stream that went backwards gets a new epoch, since its offsets would be given out twice', async (t) => {
  const { rooms, broker } = world(t);
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  const { epoch } = await sayMany(rooms, 'lobby', 9);
  await eventually(() => subscriber.last === 9);
  broker.setBack('lobby', 4);
  broker.doubt('lobby');
  await eventually(() => subscription.position.epoch !== epoch);
  await say(rooms, 'lobby');
  await eventually(() => subscriber.last === 1);
  subscriber.assertWhole();
  assert.deepEqual(
    subscriber.told.flatMap((line) => ('reset' in line ? [line.reset.top] : [])),
    [0],
  );
});

test('an offset that is given out twice is noticed by the id', async (t) => {
  const { rooms, broker } = world(t);
  const { subscriber, subscription } = await follow(rooms, 'lobby');
  const { epoch } = await sayMany(rooms, 'lobby', 2);
  await eventually(() => subscriber.last === 2);
  const twice = { offset: 2, id: 'other', author: ben, time: 0, data: 'set back and overtaken' };
  broker.setBack('lobby', 1);
  broker.bring('lobby', epoch, twice);
  await eventually(() => subscription.position.epoch !== epoch);
});

test('racing publishes of one id are one message with one answer', async (t) => {
  const { rooms, others } = world(t);
  const { subscriber } = await follow(rooms, 'lobby');
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, turn) => say(turn % 2 ? rooms : others, 'lobby', ada, 'same')),
  );
  assert.deepEqual(new Set(answers.map(({ offset }) => offset)), new Set([1]));
  assert.equal(answers.filter(({ repeated }) => !repeated).length, 1);
  await say(rooms, 'lobby', ben, 'same');
  await eventually(() => subscriber.last === 2);
  subscriber.assertWhole();
});

test('a retry whose id was dropped is refused, and with the default of 256 ids it was not', async (t) => {
  for (const [options, known] of [
    [{ historyCount: 1 }, 256] as const,
    [{ historyCount: 1, dedupeCount: 5 }, 5] as const,
  ]) {
    const { rooms } = world(t, options);
    const entries = Array.from({ length: known + 1 }, (_, index) => ({ id: `m${index}`, author: ada, data: index }));
    for (const entry of entries) await rooms.publish('lobby', entry);
    const [oldest, next] = entries as [Entry, Entry];
    assert.equal((await rooms.publish('lobby', next, { retry: true })).offset, 2);
    await assert.rejects(rooms.publish('lobby', oldest, { retry: true }), {
      code: 'ROOM_PUBLISH_UNKNOWN',
      status: 409,
    });
  }
});

test('a broker that does not answer is told to publishers', async (t) => {
  const { rooms, broker } = world(t);
  broker.failPublishes = 1;
  await assert.rejects(say(rooms, 'lobby'), (error: GaleError) => error.code === 'ROOM_UNAVAILABLE');
  assert.equal((await say(rooms, 'lobby')).offset, 1);
});

test('a subscriber that throws is let go, and the others go on', async (t) => {
  const { rooms } = world(t);
  const bad = await rooms.subscribe('lobby', undefined, {
    deliver() {
      throw new Error('as the test wants it');
    },
    dropped() {},
    reset() {},
  });
  bad.start();
  const { subscriber } = await follow(rooms, 'lobby');
  await sayMany(rooms, 'lobby', 2);
  await eventually(() => subscriber.last === 2);
  assert.equal(bad.isClosed, true);
});

/** Waits until the newest batch of presence is this one. */
async function changed(subscriber: RecordingSubscriber, line: string): Promise<void> {
  await eventually(
    () => subscriber.changes.at(-1) === line,
    () => `${line} at the end of ${subscriber.changes.join(', ')}`,
  );
}

test('presence counts people, not connections, on all servers', async (t) => {
  const { rooms, others } = world(t);
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  assert.deepEqual(subscriber.here, []);
  await rooms.enter('lobby', ada, 'tab 1');
  await changed(subscriber, '+ada 1');
  await others.enter('lobby', ada, 'tab 2');
  await others.enter('lobby', ben, 'tab 3');
  await changed(subscriber, '+ben 2');
  assert.deepEqual(
    (await rooms.people('lobby')).map(({ id }) => id),
    ['ada', 'ben'],
  );
  await rooms.leave('lobby', 'tab 1', { now: true });
  await others.leave('lobby', 'tab 2', { now: true });
  await changed(subscriber, '-ada 1');
  assert.equal(subscriber.changes.length, 3);
  const { subscriber: late } = await follow(others, 'lobby');
  await eventually(() => late.here !== undefined);
  assert.deepEqual(late.here, ['ben']);
});

test('the grace hides a reconnect, to another server too', async (t) => {
  const { rooms, others } = world(t, { presenceGraceMs: 40 });
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  await rooms.enter('lobby', ada, 'tab 1');
  await changed(subscriber, '+ada 1');
  await rooms.leave('lobby', 'tab 1');
  await others.enter('lobby', ada, 'tab 2');
  await rooms.enter('lobby', ben, 'tab 3');
  await changed(subscriber, '+ben 2');
  await rooms.leave('lobby', 'tab 3');
  await changed(subscriber, '-ben 1');
  await others.leave('lobby', 'tab 2');
  await changed(subscriber, '-ada 0');
  assert.deepEqual(subscriber.changes, ['+ada 1', '+ben 2', '-ben 1', '-ada 0']);
});

test('a person who leaves for good leaves with their closed connections', async (t) => {
  const { rooms } = world(t, { presenceGraceMs: 60_000 });
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  await rooms.enter('lobby', ada, 'tab 1');
  await rooms.leave('lobby', 'tab 1');
  await rooms.enter('lobby', ada, 'tab 2');
  await changed(subscriber, '+ada 1');
  await rooms.leave('lobby', 'tab 2', { now: true });
  assert.deepEqual(await rooms.people('lobby'), []);
  await changed(subscriber, '-ada 0');
  assert.equal(subscriber.changes.length, 2);
});

test('a person who comes and goes by a hundred connections holds one lease, and leaves once after the grace', async (t) => {
  const { rooms, broker } = world(t, { presenceGraceMs: 60 });
  let leases = 0;
  const { presence } = broker;
  const { enter, leave } = presence;
  presence.enter = (...values) => (leases++, enter.apply(presence, values));
  presence.leave = (...values) => (leases--, leave.apply(presence, values));
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  let most = 0;
  for (let round = 0; round < 100; round++) {
    await rooms.enter('lobby', ada, `tab ${round}`);
    await rooms.leave('lobby', `tab ${round}`);
    most = Math.max(most, leases);
  }
  assert.ok(most <= 2, `${most} leases at once`);
  await changed(subscriber, '-ada 0');
  assert.deepEqual(subscriber.changes, ['+ada 1', '-ada 0']);
  assert.equal(leases, 0);
});

test('a connection that closed before its lease was given keeps its grace', async (t) => {
  const { rooms } = world(t, { presenceGraceMs: 60_000 });
  const entering = rooms.enter('lobby', ada, 'tab 1');
  await rooms.leave('lobby', 'tab 1');
  await entering;
  await rooms.enter('lobby', ben, 'tab 2');
  assert.deepEqual(
    (await rooms.people('lobby')).map(({ id }) => id),
    ['ada', 'ben'],
  );
});

test('the people of a killed server leave when their leases have run out', async (t) => {
  const { rooms, broker } = world(t, { presenceLeaseMs: 60, presenceRenewMs: 10 });
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  await rooms.enter('lobby', ben, 'tab of this server');
  await changed(subscriber, '+ben 1');
  await broker.presence.enter({ room: 'lobby', person: ada, connection: 'tab of a killed server' }, 1000);
  await rooms.checkPositions();
  await changed(subscriber, '+ada 2');
  await changed(subscriber, '-ada 1');
  assert.deepEqual(subscriber.changes, ['+ben 1', '+ada 2', '-ada 1']);
});

test('a leave that is signalled of somebody who is here is corrected', async (t) => {
  const { rooms, others, broker } = world(t);
  const { subscriber } = await follow(others, 'lobby');
  const here = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined && here.subscriber.here !== undefined);
  await rooms.enter('lobby', ada, 'tab 1');
  await changed(subscriber, '+ada 1');
  await broker.signal('lobby', { presence: 'leave', person: ada });
  await broker.signal('lobby', { presence: 'enter', person: ben });
  // Two only with Ada, who is in the room.
  await eventually(
    () => subscriber.changes.at(-1)?.endsWith(' 2') === true,
    () => subscriber.changes.join(),
  );
});

test('people of a room are paged in order of their ids, by any server', async (t) => {
  const { rooms, others } = world(t);
  const ids = Array.from({ length: 25 }, (_, index) => `p${index + 10}`);
  for (const id of ids.toReversed()) await rooms.enter('lobby', { id, name: id }, `tab of ${id}`);
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  for (const server of [rooms, others]) {
    const listed: string[] = [];
    let after: string | undefined;
    do {
      const page = await server.peoplePage('lobby', after, 10);
      assert.equal(page.count, 25);
      listed.push(...page.people.map(({ id }) => id));
      after = page.next ?? undefined;
    } while (after !== undefined);
    assert.deepEqual(listed, ids);
  }
  assert.deepEqual(await rooms.peoplePage('nobody was here', undefined, 10), { count: 0, people: [], next: null });
});

test('a signal reaches subscribers on all servers and cannot pass for presence', async (t) => {
  const { rooms, others } = world(t);
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  await others.signal('lobby', { presence: 'enter', person: ada });
  await others.signal('lobby', 'typing');
  await eventually(() => subscriber.signals.length === 2);
  assert.deepEqual(subscriber.signals, [{ presence: 'enter', person: ada }, 'typing']);
  assert.deepEqual(await rooms.people('lobby'), []);
  assert.deepEqual(subscriber.changes, []);
  assert.deepEqual(subscriber.told, []);
});

test('what is told a person is heard in their windows only, what is told everyone by all', async (t) => {
  const { rooms, others } = world(t);
  const heard: unknown[] = [];
  const heardByBen: unknown[] = [];
  const stop = await rooms.hear('ada', (event) => heard.push(event));
  await rooms.hear('ben', (event) => heardByBen.push(event));
  await others.tell('ada', { type: 'joined' });
  await others.tellEveryone({ type: 'room-made' });
  await eventually(() => heard.length === 2 && heardByBen.length === 1);
  assert.deepEqual(heard, [{ type: 'joined' }, { type: 'room-made' }]);
  stop();
  await others.tellEveryone({ type: 'again' });
  await eventually(() => heardByBen.length === 2);
  assert.equal(heard.length, 2);
});

test('own messages are read if everything before them was', async (t) => {
  const { rooms, others } = world(t);
  const first = await say(rooms, 'lobby', ada);
  await eventually(async () => (await rooms.cursor('lobby', 'ada'))?.offset === 1);
  await say(rooms, 'lobby', ben);
  await say(rooms, 'lobby', ada);
  assert.equal((await rooms.cursor('lobby', 'ada'))?.offset, 1, 'the message of Ben is unread');
  await rooms.advanceCursor('lobby', 'ada', { epoch: first.epoch, offset: 3 });
  await say(others, 'lobby', ada);
  await eventually(async () => (await rooms.cursor('lobby', 'ada'))?.offset === 4);
  await say(rooms, 'lobby', ada);
  await eventually(async () => (await rooms.cursor('lobby', 'ada'))?.offset === 5);
  assert.equal(await rooms.cursor('lobby', 'ben'), undefined);
});

test('a cursor moves forward only, to the newest message at most, and its windows are told', async (t) => {
  const { rooms, others } = world(t);
  const { epoch } = await sayMany(rooms, 'lobby', 5);
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

test('the history of a room is all it keeps', async (t) => {
  const { rooms } = world(t, { historyCount: 30 });
  assert.deepEqual((await rooms.history('lobby')).messages, []);
  await sayMany(rooms, 'lobby', 45);
  const { messages, first, top } = await rooms.history('lobby');
  assert.deepEqual(
    messages.map(({ offset }) => offset),
    offsetsFrom(16, 45),
  );
  assert.deepEqual([first, top], [16, 45]);
});

test('wrong options are named with their value and range', () => {
  const broker = new MemoryBroker();
  const make = (options: object): Rooms => new Rooms(broker, options);
  assert.throws(() => make({ historyCount: 0 }), /historyCount is 0; give an integer from 1 to/);
  assert.throws(() => make({ presenceRenewMs: 50_000 }), /presenceRenewMs is 50000; give an integer from 5 to 30000/);
  assert.throws(
    () => make({ historySize: 5 }),
    (error: GaleError) => error.code === 'OPTION_UNKNOWN' && /historySize/.test(error.message),
  );
  assert.throws(() => make({ commandBurst: 0.5 }), /commandBurst is 0\.5; give an integer from 1 to/);
  assert.throws(() => make({ commandsPerSecond: 0 }), /commandsPerSecond must be a number from 0\.001 to/);
  assert.throws(() => make({ limits: 'no' }), /limits must be on or off; got no/);
});

test('limits that are off are one warning in the log', async () => {
  const broker = new MemoryBroker();
  const warnings: string[] = [];
  const noting = { debug() {}, info() {}, warn: (_: object, text: string) => warnings.push(text), error() {} };
  const rooms = [new Rooms(broker, { log: noting }), new Rooms(broker, { log: noting, limits: 'off' })];
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /no rate limits/);
  await Promise.all(rooms.map((each) => each.close()));
  await broker.close();
});

test('closed rooms take no subscribers', async () => {
  const broker = new MemoryBroker();
  const rooms = new Rooms(broker, { log });
  const { subscription } = await follow(rooms, 'lobby');
  await rooms.close();
  assert.equal(subscription.isClosed, true);
  await assert.rejects(follow(rooms, 'lobby'), (error: GaleError) => error.code === 'ROOM_UNAVAILABLE');
  await broker.close();
});
