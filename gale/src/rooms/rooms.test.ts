import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../test/support/eventually.ts';
import { offsetsFrom } from '../../test/support/rooms/recording-subscriber.ts';
import {
  ada,
  ben,
  follow,
  log,
  openTwoServers,
  publishMany,
  publishText,
} from '../../test/support/rooms/two-servers.ts';
import type { GaleError } from '../errors.ts';
import { MemoryBroker } from './brokers/memory/memory-broker.ts';
import { Rooms } from './rooms.ts';
import type { Entry } from './stream.ts';

test('stores concurrent publishes of one id once, with one response', async (t) => {
  const { rooms, others } = openTwoServers(t);
  const { subscriber } = await follow(rooms, 'lobby');
  const responses = await Promise.all(
    Array.from({ length: 20 }, (_, turn) => publishText(turn % 2 ? rooms : others, 'lobby', ada, 'same')),
  );
  assert.deepEqual(new Set(responses.map(({ offset }) => offset)), new Set([1]));
  assert.equal(responses.filter(({ repeated }) => !repeated).length, 1);
  await publishText(rooms, 'lobby', ben, 'same');
  await eventually(() => subscriber.last === 2);
  subscriber.assertWhole();
});

test('refuses a retry only if its id was dropped, by default after 256 ids', async (t) => {
  for (const [options, known] of [
    [{ historyCount: 1 }, 256] as const,
    [{ historyCount: 1, dedupeCount: 5 }, 5] as const,
  ]) {
    const { rooms } = openTwoServers(t, options);
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

test('rejects a publish if the broker does not respond', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  broker.failPublishes = 1;
  await assert.rejects(publishText(rooms, 'lobby'), (error: GaleError) => error.code === 'ROOM_UNAVAILABLE');
  assert.equal((await publishText(rooms, 'lobby')).offset, 1);
});

test('returns everything a room keeps as its history', async (t) => {
  const { rooms } = openTwoServers(t, { historyCount: 30 });
  assert.deepEqual((await rooms.history('lobby')).messages, []);
  await publishMany(rooms, 'lobby', 45);
  const { messages, first, top } = await rooms.history('lobby');
  assert.deepEqual(
    messages.map(({ offset }) => offset),
    offsetsFrom(16, 45),
  );
  assert.deepEqual([first, top], [16, 45]);
});

test('names a wrong option with its value and range', () => {
  const broker = new MemoryBroker();
  const make = (options: object): Rooms => new Rooms(broker, options);
  assert.throws(() => make({ historyCount: 0 }), /historyCount must be an integer from 1 to 100000; got 0/);
  assert.throws(
    () => make({ presenceRenewMs: 50_000 }),
    /presenceRenewMs must be an integer from 5 to 30000; got 50000/,
  );
  assert.throws(
    () => make({ historySize: 5 }),
    (error: GaleError) => error.code === 'OPTION_UNKNOWN' && /historySize/.test(error.message),
  );
  assert.throws(() => make({ commandBurst: 0.5 }), /commandBurst must be an integer from 1 to 1000000; got 0\.5/);
  assert.throws(() => make({ commandsPerSecond: 0 }), /commandsPerSecond must be a number from 0\.001 to/);
  assert.throws(() => make({ limits: 'no' }), /limits must be "on" or "off"; got "no"/);
});

test('logs one warning if limits are off', async () => {
  const broker = new MemoryBroker();
  const warnings: string[] = [];
  const noting = { debug() {}, info() {}, warn: (_: object, text: string) => warnings.push(text), error() {} };
  const rooms = [new Rooms(broker, { log: noting }), new Rooms(broker, { log: noting, limits: 'off' })];
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /no rate limits/);
  await Promise.all(rooms.map((each) => each.close()));
  await broker.close();
});

test('refuses subscribers after close', async () => {
  const broker = new MemoryBroker();
  const rooms = new Rooms(broker, { log });
  const { subscription } = await follow(rooms, 'lobby');
  await rooms.close();
  assert.equal(subscription.isClosed, true);
  await assert.rejects(follow(rooms, 'lobby'), (error: GaleError) => error.code === 'ROOM_UNAVAILABLE');
  await broker.close();
});

test('knows the position of a room with subscribers without a read', async (t) => {
  const { rooms, broker } = openTwoServers(t);
  const { subscriber } = await follow(rooms, 'lobby');
  const newest = await publishMany(rooms, 'lobby', 2);
  await eventually(() => subscriber.last === 2);
  const { headReads } = broker;
  assert.deepEqual(await rooms.position('lobby'), { epoch: newest.epoch, offset: 2, life: newest.life });
  assert.equal(broker.headReads, headReads);
  assert.equal((await rooms.position('attic')).offset, 0);
});
