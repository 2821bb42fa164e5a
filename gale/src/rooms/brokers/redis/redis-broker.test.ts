import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { redisCommand as command } from '../../../testing/redis-command.ts';
import { redisMissing, startRedis } from '../../../testing/redis-server.ts';
import type { RedisServer } from '../../../testing/redis-server.ts';
import { Rooms } from '../../rooms.ts';
import { RedisBroker } from './redis-broker.ts';
import { testBroker } from '../../../../test/support/rooms/broker-suite.ts';
import {
  atMost,
  eventually,
  keptIn,
  lease,
  peopleIn,
  person,
  Recorder,
  someEntry,
  someRoom,
  upTo,
  usual,
} from '../../../../test/support/rooms/broker-suite/suite-broker.ts';
import {
  clockOf,
  log,
  openBroker,
  publishUntilStored,
  startRedisFor,
  unavailable,
} from '../../../../test/support/rooms/redis-brokers.ts';

const skip = redisMissing();

let shared: RedisServer | undefined;
after(() => shared?.stop());

testBroker(
  'the broker in Redis',
  { skip },
  {
    open: async () => {
      shared ??= await startRedis();
      return RedisBroker.open({ url: shared.url, log });
    },
    passTime: async (ms) => {
      assert.ok(shared);
      const end = (await clockOf(shared)) + ms;
      while ((await clockOf(shared)) <= end);
    },
  },
);

describe('several servers on one Redis', { skip }, () => {
  test('deliver one order of messages, and signals, to all servers', async (t) => {
    const redis = await startRedisFor(t);
    const [one, other] = [await openBroker(t, redis.url), await openBroker(t, redis.url)];
    const recorders = [new Recorder(), new Recorder()];
    await one.listen('lobby', recorders[0] as Recorder);
    await other.listen('lobby', recorders[1] as Recorder);
    const published = await Promise.all(
      upTo(90).map((number) => (number % 2 ? one : other).publish('lobby', someEntry(`p${number}`), usual)),
    );
    assert.deepEqual(
      published.map(({ offset }) => offset).toSorted((a, b) => a - b),
      upTo(90),
    );
    await eventually(() => recorders.every(({ messages }) => messages.length === 90));
    const page = await one.read('lobby', 0, atMost(100));
    for (const { messages } of recorders) {
      assert.deepEqual(
        messages.map(({ message }) => message),
        page.messages,
      );
    }
    await one.signal('lobby', 'from one');
    await other.signal('lobby', 'from the other');
    await eventually(() => recorders.every(({ signals }) => signals.length === 2));
  });

  test('store concurrent duplicates of one entry once', async (t) => {
    const redis = await startRedisFor(t);
    const brokers = [await openBroker(t, redis.url), await openBroker(t, redis.url)];
    const entries = upTo(30).map(() => someEntry());
    const published = await Promise.all(
      entries.flatMap((entry) => brokers.map((broker) => broker.publish('lobby', entry, usual))),
    );
    assert.equal(published.filter(({ repeated }) => repeated).length, 30);
    assert.deepEqual(await keptIn(brokers[0] as RedisBroker, 'lobby'), upTo(30));
  });

  test('count a person once, and report each change to one server', async (t) => {
    const redis = await startRedisFor(t);
    const [one, other] = [await openBroker(t, redis.url), await openBroker(t, redis.url)];
    const entered = await Promise.all(
      [one, other].map(({ presence }, index) => presence.enter(lease('lobby', 'ann', `c${index}`), 60_000)),
    );
    assert.deepEqual(entered.toSorted(), [false, true]);
    assert.deepEqual([await peopleIn(one, 'lobby'), await peopleIn(other, 'lobby')], [['ann'], ['ann']]);
    const left = await Promise.all(
      [one, other].map(({ presence }, index) => presence.leave(lease('lobby', 'ann', `c${index}`))),
    );
    assert.deepEqual(left.toSorted(), [false, true]);
    for (const number of upTo(20)) await one.presence.enter(lease('lobby', `p${number}`, 'c'), 1);
    await eventually(async () => (await peopleIn(one, 'lobby')).length === 0);
    const swept = await Promise.all([one, other, one, other].map(({ presence }) => presence.sweep('lobby')));
    assert.deepEqual(swept.flat().length, 20);
  });

  test('with another prefix or database share nothing', async (t) => {
    const redis = await startRedisFor(t);
    const brokers = [
      await openBroker(t, redis.url),
      await openBroker(t, redis.url, { prefix: 'other' }),
      await openBroker(t, `${redis.url}/1`),
    ];
    const recorders = brokers.map(() => new Recorder());
    for (const [index, broker] of brokers.entries()) await broker.listen('lobby', recorders[index] as Recorder);
    for (const broker of brokers) {
      assert.equal((await broker.publish('lobby', someEntry(), usual)).offset, 1);
      await broker.signal('lobby', broker.name);
    }
    await eventually(() => recorders.every(({ messages, signals }) => messages.length > 0 && signals.length > 0));
    assert.deepEqual(
      recorders.map(({ messages, signals }) => messages.length + signals.length),
      [2, 2, 2],
    );
  });

  test('keep all keys of a room on one node of a Redis Cluster', async (t) => {
    const redis = await startRedisFor(t, { args: ['--cluster-enabled', 'yes'] });
    await command(redis, 'CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await eventually(async () => /cluster_state:ok/.test(String(await command(redis, 'CLUSTER', 'INFO'))));
    const broker = await openBroker(t, redis.url);
    for (const room of ['lobby', '}', '{}', '房间']) {
      const recorder = new Recorder();
      const stop = await broker.listen(room, recorder);
      const { epoch } = await broker.publish(room, someEntry(), usual);
      await broker.signal(room, 1);
      await broker.cursors.advance(room, 'ann', { epoch, offset: 1 });
      await broker.presence.enter(lease(room, 'ann', 'a1'), 60_000);
      assert.deepEqual(await peopleIn(broker, room), ['ann']);
      assert.deepEqual(await broker.presence.sweep(room), []);
      await broker.presence.leave(lease(room, 'ann', 'a1'));
      await eventually(() => recorder.messages.length === 1 && recorder.signals.length === 1);
      await broker.renewEpoch(room, epoch);
      assert.deepEqual(await keptIn(broker, room), [1]);
      await stop();
    }
  });
});

describe('a Redis that refuses writes', { skip }, () => {
  const ways: [name: string, refuse: string[], allow: string[]][] = [
    ['without memory', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    [
      'without replicas',
      ['CONFIG', 'SET', 'min-replicas-to-write', '1'],
      ['CONFIG', 'SET', 'min-replicas-to-write', '0'],
    ],
    ['as a replica', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
  ];
  for (const [name, refuse, allow] of ways) {
    test(`${name} still serves reads, and its rooms can be used`, async (t) => {
      const redis = await startRedisFor(t);
      const broker = await openBroker(t, redis.url);
      const rooms = new Rooms(broker, { log, presenceLeaseMs: 1000, presenceRenewMs: 20 });
      t.after(() => rooms.close());
      const stored = someEntry();
      const amendment = { author: stored.author.id, id: stored.id, data: 'amended' };
      await broker.publish('lobby', stored, usual);
      await command(redis, ...refuse);
      const entry = someEntry();
      // Several, since a broker that closes its connection after the first error would fail the next read.
      for (const _ of upTo(5)) {
        await assert.rejects(broker.publish('lobby', entry, usual), unavailable);
        await assert.rejects(broker.amend('lobby', amendment), unavailable);
        await assert.rejects(broker.check(), unavailable);
        assert.deepEqual(await keptIn(broker, 'lobby'), [1]);
      }
      const empty = await broker.read('new', 0, { count: 1, bytes: 1 });
      assert.deepEqual([empty.top, empty.first, empty.messages], [0, 1, []]);
      assert.deepEqual((await broker.heads(['new'])).get('new'), { epoch: empty.epoch, top: 0, first: 1, lives: [] });

      const delivered: number[] = [];
      const subscription = await rooms.subscribe('lobby', undefined, {
        deliver: ({ offset }) => void delivered.push(offset),
        dropped: () => {},
        reset: () => {},
      });
      subscription.start();
      await eventually(() => delivered.length === 1);
      await rooms.enter('lobby', person('ann'), 'a1');
      assert.deepEqual(await peopleIn(broker, 'lobby'), []);

      await command(redis, ...allow);
      await publishUntilStored(broker, 'lobby', entry);
      assert.deepEqual(await keptIn(broker, 'lobby'), [1, 2]);
      assert.equal((await broker.amend('lobby', amendment)).version, 1);
      await eventually(async () => assert.deepEqual(await peopleIn(broker, 'lobby'), ['ann']));
      const { epoch } = await publishUntilStored(broker, 'new', someEntry());
      assert.notEqual(epoch, empty.epoch);
    });
  }
});

test('leaves no key in Redis after people left', { skip }, async (t) => {
  const redis = await startRedisFor(t);
  const broker = await openBroker(t, redis.url);
  await broker.presence.enter(lease('lobby', 'ann', 'a1'), 60_000);
  for (const key of ['gale:{lobby}:people', 'gale:{lobby}:ends']) {
    assert.ok(Number(await command(redis, 'TTL', key)) > 0, key);
  }
  await broker.presence.leave(lease('lobby', 'ann', 'a1'));
  assert.deepEqual(await command(redis, 'KEYS', '*'), []);
  const room = someRoom();
  await broker.publish(room, { id: '1', author: person('ann'), data: 1 }, usual);
  assert.ok(Number(await command(redis, 'PTTL', `gale:{${room}}:sent:ann`)) > 0);
  const keys = ['head', 'kept', 'sent:ann', 'stream'].map((name) => `gale:{${room}}:${name}`);
  assert.deepEqual(((await command(redis, 'KEYS', '*')) as string[]).toSorted(), keys);
});
