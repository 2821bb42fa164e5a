import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Logger } from '../../../run/log.ts';
import { redisCommand as command } from '../../../testing/redis-command.ts';
import { redisMissing, startRedis } from '../../../testing/redis-server.ts';
import type { RedisServer, RedisServerOptions } from '../../../testing/redis-server.ts';
import { Rooms } from '../../rooms.ts';
import type { Entry, Published } from '../../stream.ts';
import { RedisBroker } from './redis-broker.ts';
import type { RedisBrokerOptions } from './redis-broker.ts';
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

const skip = redisMissing();
const refused = (words: RegExp): object => ({ name: 'GaleError', code: 'ROOM_STORE_REFUSED', message: words });
const unavailable = { name: 'GaleError', code: 'ROOM_UNAVAILABLE' };

/** Every line that was logged, as it would be written. */
const lines: string[] = [];
const noteLine = (fields: object, message: string): void => void lines.push(JSON.stringify({ ...fields, message }));
const log: Logger = { debug: noteLine, info: noteLine, warn: noteLine, error: noteLine };

async function start(t: TestContext, options?: RedisServerOptions): Promise<RedisServer> {
  const redis = await startRedis(options);
  t.after(() => redis.stop());
  return redis;
}

async function open(t: TestContext, url: string, options?: Partial<RedisBrokerOptions>): Promise<RedisBroker> {
  const broker = await RedisBroker.open({ url, log, ...options });
  t.after(() => broker.close());
  return broker;
}

/** Bytes of a key and its value. */
async function bytesOf(redis: RedisServer, key: string): Promise<number> {
  return Number(await command(redis, 'MEMORY', 'USAGE', key, 'SAMPLES', '0'));
}

/** Bytes that Redis uses for everything. */
async function usedIn(redis: RedisServer): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(String(await command(redis, 'INFO', 'memory')))?.[1]);
}

/** The clock of a Redis, in milliseconds since 1970. */
async function clockOf(redis: RedisServer): Promise<number> {
  const [seconds, micros] = (await command(redis, 'TIME')) as [string, string];
  return Number(seconds) * 1000 + Number(micros) / 1000;
}

/** Publishes until it was acknowledged, as clients do. */
async function publishUntilStored(broker: RedisBroker, room: string, entry: Entry): Promise<Published> {
  let published: Published | undefined;
  await eventually(async () => {
    published = await broker.publish(room, entry, usual);
  });
  assert.ok(published);
  return published;
}

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
  test('see one order of messages, and each other’s signals', async (t) => {
    const redis = await start(t);
    const [one, other] = [await open(t, redis.url), await open(t, redis.url)];
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

  test('store duplicates that race through both of them once', async (t) => {
    const redis = await start(t);
    const brokers = [await open(t, redis.url), await open(t, redis.url)];
    const entries = upTo(30).map(() => someEntry());
    const published = await Promise.all(
      entries.flatMap((entry) => brokers.map((broker) => broker.publish('lobby', entry, usual))),
    );
    assert.equal(published.filter(({ repeated }) => repeated).length, 30);
    assert.deepEqual(await keptIn(brokers[0] as RedisBroker, 'lobby'), upTo(30));
  });

  test('count a person once, and each change is seen by one of them', async (t) => {
    const redis = await start(t);
    const [one, other] = [await open(t, redis.url), await open(t, redis.url)];
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

  test('with another prefix or database know nothing of each other', async (t) => {
    const redis = await start(t);
    const brokers = [
      await open(t, redis.url),
      await open(t, redis.url, { prefix: 'other' }),
      await open(t, `${redis.url}/1`),
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

  test('keep all of a room on one node of a Redis Cluster', async (t) => {
    const redis = await start(t, { words: ['--cluster-enabled', 'yes'] });
    await command(redis, 'CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await eventually(async () => /cluster_state:ok/.test(String(await command(redis, 'CLUSTER', 'INFO'))));
    const broker = await open(t, redis.url);
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
      assert.deepEqual(await keptIn(broker, room), []);
      await stop();
    }
  });
});

describe('a Redis that takes no writes', { skip }, () => {
  const ways: [name: string, refuse: string[], allow: string[]][] = [
    ['for want of memory', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    [
      'for want of replicas',
      ['CONFIG', 'SET', 'min-replicas-to-write', '1'],
      ['CONFIG', 'SET', 'min-replicas-to-write', '0'],
    ],
    ['as a replica', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
  ];
  for (const [name, refuse, allow] of ways) {
    test(`${name}, is still read, and its rooms can be used`, async (t) => {
      const redis = await start(t);
      const broker = await open(t, redis.url);
      const rooms = new Rooms(broker, { log, presenceLeaseMs: 1000, presenceRenewMs: 20 });
      t.after(() => rooms.close());
      await broker.publish('lobby', someEntry(), usual);
      await command(redis, ...refuse);
      const entry = someEntry();
      // More than one, since a connection that was given up for the first would be gone for the reads after it.
      for (const _ of upTo(5)) {
        await assert.rejects(broker.publish('lobby', entry, usual), unavailable);
        await assert.rejects(broker.check(), unavailable);
        assert.deepEqual(await keptIn(broker, 'lobby'), [1]);
      }
      const empty = await broker.read('new', 0, { count: 1, bytes: 1 });
      assert.deepEqual([empty.top, empty.first, empty.messages], [0, 1, []]);
      assert.deepEqual((await broker.heads(['new'])).get('new'), { epoch: empty.epoch, top: 0, first: 1 });

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
      await eventually(async () => assert.deepEqual(await peopleIn(broker, 'lobby'), ['ann']));
      const { epoch } = await publishUntilStored(broker, 'new', someEntry());
      assert.notEqual(epoch, empty.epoch);
    });
  }
});

describe('Redis restarted with an append-only file', { skip }, () => {
  test('has kept everything, and listeners are made to look and hear again', async (t) => {
    const redis = await start(t, { appendOnly: true });
    const broker = await open(t, redis.url);
    const recorder = new Recorder();
    await broker.listen('lobby', recorder);
    const entries = upTo(130).map(() => someEntry());
    const published = await Promise.all(entries.map((entry) => broker.publish('lobby', entry, usual)));
    const epoch = published[0]?.epoch ?? '';
    await broker.cursors.advance('lobby', 'ann', { epoch, offset: 77 });
    const page = await broker.read('lobby', 0, atMost(100));

    await redis.restart();
    await eventually(() => recorder.doubts > 0);
    await eventually(async () => assert.deepEqual(await broker.read('lobby', 0, atMost(100)), page));
    assert.deepEqual((await broker.cursors.getAll('ann', ['lobby'])).get('lobby'), { epoch, offset: 77 });
    for (const [index, entry] of entries.entries()) {
      assert.deepEqual(await broker.publish('lobby', entry, usual), { ...published[index], repeated: true });
    }
    const before = recorder.messages.length;
    assert.equal((await broker.publish('lobby', someEntry(), usual)).offset, 131);
    await eventually(() => recorder.messages.length > before);
    assert.equal(recorder.offsets.at(-1), 131);
  });

  test('after kill -9 amid publishing has everything that was acknowledged, once and in order', async (t) => {
    const redis = await start(t, { appendOnly: true });
    const broker = await open(t, redis.url);
    const kept = { ...usual, historyCount: 100_000 };
    const acknowledged = new Map<string, number>();
    const failures: unknown[] = [];
    const over = new AbortController();
    const publishers = upTo(16).map(async (author) => {
      while (!over.signal.aborted) {
        const entry = someEntry(`author ${author}`);
        await eventually(async () => {
          const { offset } = await broker.publish('lobby', entry, kept).catch((error: unknown) => {
            failures.push(error);
            throw error;
          });
          acknowledged.set(entry.id, offset);
        });
      }
    });
    for (const kills of upTo(3)) {
      await eventually(() => acknowledged.size > kills * 100);
      await redis.kill();
      await redis.restart();
    }
    await eventually(() => acknowledged.size > 500);
    over.abort();
    await Promise.all(publishers);

    assert.ok(failures.length > 0);
    for (const error of failures) assert.equal((error as { code?: string }).code, 'ROOM_UNAVAILABLE');
    const { messages, top } = await broker.read('lobby', 0, atMost(100_000));
    assert.deepEqual(
      messages.map(({ offset }) => offset),
      upTo(top),
    );
    assert.equal(new Set(messages.map(({ id }) => id)).size, messages.length);
    for (const [id, offset] of acknowledged) assert.equal(messages[offset - 1]?.id, id);
  });
});

describe('Redis that lost data', { skip }, () => {
  test('is given a new epoch when it was wiped', async (t) => {
    const redis = await start(t);
    const [broker, other] = [await open(t, redis.url), await open(t, redis.url)];
    const recorder = new Recorder();
    await other.listen('lobby', recorder);
    const entry = someEntry();
    const { epoch } = await broker.publish('lobby', entry, usual);
    await redis.restart();
    const again = await publishUntilStored(broker, 'lobby', entry);
    assert.notEqual(again.epoch, epoch);
    assert.deepEqual([again.offset, again.repeated], [1, false]);
    await eventually(() => recorder.doubts > 0);
    await command(redis, 'FLUSHALL');
    const third = await broker.publish('lobby', entry, usual);
    assert.deepEqual([third.offset, new Set([epoch, again.epoch, third.epoch]).size], [1, 3]);
  });

  test('is given a new epoch when it lost one key of a room, or entries inside it', async (t) => {
    const redis = await start(t);
    const losses = [
      ['DEL', 'gale:{lobby}:stream'],
      ['DEL', 'gale:{lobby}:head'],
      ['XDEL', 'gale:{lobby}:stream', '5-0'],
      ['XDEL', 'gale:{lobby}:stream', '3-0'],
      ['XTRIM', 'gale:{lobby}:stream', 'MAXLEN', '0'],
    ];
    const writer = await open(t, redis.url);
    for (const loss of losses) {
      const entries = upTo(5).map(() => someEntry());
      const [{ epoch } = assert.fail()] = await Promise.all(
        entries.map((entry) => writer.publish('lobby', entry, usual)),
      );
      assert.notEqual(await command(redis, ...loss), 0);
      // To one that has seen nothing of the room it shows as well.
      const fresh = await open(t, redis.url);
      const page = await fresh.read('lobby', 0, atMost(10));
      assert.notEqual(page.epoch, epoch, loss.join(' '));
      assert.deepEqual([page.top, page.first, page.messages], [0, 1, []]);
      // What an answer of the lost stream says does not count.
      const again = await writer.publish('lobby', entries[4] as Entry, usual);
      assert.deepEqual([again.epoch, again.offset, again.repeated], [page.epoch, 1, false]);
      await writer.renewEpoch('lobby', page.epoch);
    }
    // A publish finds out as a read does.
    await writer.publish('lobby', someEntry(), usual);
    const { epoch } = await writer.publish('lobby', someEntry(), usual);
    await command(redis, 'DEL', 'gale:{lobby}:stream');
    const next = await writer.publish('lobby', someEntry(), usual);
    assert.notEqual(next.epoch, epoch);
    assert.equal(next.offset, 1);
  });

  test('and went back to an older state gives no offset a second time to whoever saw it', async (t) => {
    const redis = await start(t);
    const [writer, reader] = [await open(t, redis.url), await open(t, redis.url)];
    const recorder = new Recorder();
    await reader.listen('read', recorder);
    for (const room of ['written', 'read', 'unseen']) {
      await Promise.all(upTo(40).map(() => writer.publish(room, someEntry(), usual)));
    }
    await command(redis, 'SAVE');
    for (const room of ['written', 'read']) {
      await Promise.all(upTo(10).map(() => writer.publish(room, someEntry(), usual)));
    }
    await eventually(() => recorder.messages.length === 50);
    const epoch = recorder.messages[0]?.epoch;
    await redis.kill();
    await redis.restart();
    await eventually(() => recorder.doubts > 0);

    const published = await publishUntilStored(writer, 'written', someEntry());
    assert.equal(published.offset, 1);
    await eventually(async () => {
      const page = await reader.read('read', 0, atMost(100));
      assert.notEqual(page.epoch, epoch);
      assert.deepEqual([page.top, page.messages], [0, []]);
    });
    // Who saw nothing newer cannot know; the rooms compare what their subscribers saw and ask for a new epoch.
    const stranger = await open(t, redis.url);
    const page = await stranger.read('unseen', 0, atMost(100));
    assert.equal(page.top, 40);
    await stranger.renewEpoch('unseen', page.epoch);
    assert.notEqual((await stranger.read('unseen', 0, atMost(100))).epoch, page.epoch);
  });

  test('or has no memory left refuses, and changes nothing', async (t) => {
    const redis = await start(t);
    const broker = await open(t, redis.url);
    await Promise.all(upTo(3).map(() => broker.publish('lobby', someEntry(), usual)));
    const page = await broker.read('lobby', 0, atMost(10));
    await command(redis, 'CONFIG', 'SET', 'maxmemory', '1');
    await assert.rejects(broker.publish('lobby', someEntry(), usual), { ...unavailable, message: /OOM/ });
    await command(redis, 'CONFIG', 'SET', 'maxmemory', '0');
    assert.deepEqual(await broker.read('lobby', 0, atMost(10)), page);
    assert.equal((await broker.publish('lobby', someEntry(), usual)).offset, 4);
  });

  test('or its scripts works on', async (t) => {
    const redis = await start(t);
    const broker = await open(t, redis.url);
    await command(redis, 'SCRIPT', 'FLUSH');
    assert.equal((await broker.publish('lobby', someEntry(), usual)).offset, 1);
    assert.deepEqual(await keptIn(broker, 'lobby'), [1]);
  });
});

describe('message ids in Redis', { skip }, () => {
  const options = { ...usual, dedupeMs: 86_400_000 };

  test('take at most 40 bytes each, and no more however many messages are published', async (t) => {
    const redis = await start(t);
    const broker = await open(t, redis.url);
    const publish = async (room: string, count: number): Promise<void> => {
      for (let done = 0; done < count; done += 500) {
        await Promise.all(upTo(500).map(() => broker.publish(room, someEntry(), options)));
      }
    };
    await publish('lobby', 500);
    const [before, ids] = [await usedIn(redis), await bytesOf(redis, 'gale:{lobby}:sent:ann')];
    assert.ok(ids <= 256 * 40, `${ids} bytes for 256 ids`);
    const count = 6000;
    await publish('lobby', count);
    assert.equal(await bytesOf(redis, 'gale:{lobby}:sent:ann'), ids);
    const kept = await bytesOf(redis, 'gale:{lobby}:kept');
    assert.ok(kept <= 100 * 40, `${kept} bytes for the ids of 100 kept messages`);
    const perPublish = ((await usedIn(redis)) - before) / count;
    // Not 0, since texts are a little longer now, and buffers of connections come and go.
    assert.ok(perPublish <= 40, `${perPublish} bytes more for each message that was published`);

    const rooms = upTo(8).map((number) => `room ${number}`);
    for (const room of rooms) await publish(room, 500);
    for (const room of rooms) assert.equal(await bytesOf(redis, `gale:{${room}}:sent:ann`), ids);
    assert.equal(await command(redis, 'DBSIZE'), 9 * 4);
  });

  test('of few messages take little', async (t) => {
    const redis = await start(t);
    const broker = await open(t, redis.url);
    for (const count of upTo(64)) {
      await broker.publish('lobby', someEntry('author'), options);
      const bytes = Number(await command(redis, 'STRLEN', 'gale:{lobby}:sent:author'));
      assert.ok(bytes <= Math.max(6 * 24, 40 * count), `${bytes} bytes for ${count} ids`);
    }
  });

  test('of an earlier version are known until they expire', async (t) => {
    const redis = await start(t);
    const broker = await open(t, redis.url);
    const { epoch } = await broker.publish('lobby', someEntry(), options);
    const entry = { id: 'old', author: person('ann'), data: 1 };
    await command(redis, 'SET', 'gale:{lobby}:answer:3:ann:old', `1 1795417200000 ${epoch}`, 'PX', '60000');
    const expected = { epoch, offset: 1, time: 1_795_417_200_000, repeated: true };
    assert.deepEqual(await broker.publish('lobby', entry, { ...options, retry: true }), expected);
    await command(redis, 'DEL', 'gale:{lobby}:answer:3:ann:old');
    assert.equal((await broker.publish('lobby', entry, options)).offset, 2);
  });

  test('are void after the stream was lost, also if a read found out', async (t) => {
    const redis = await start(t);
    const broker = await open(t, redis.url);
    const entries = upTo(5).map(() => someEntry());
    for (const entry of entries) await broker.publish('lobby', entry, options);
    await command(redis, 'DEL', 'gale:{lobby}:stream');
    const { epoch } = await broker.read('lobby', 0, atMost(10));
    for (const [index, entry] of entries.toReversed().entries()) {
      const published = await broker.publish('lobby', entry, { ...options, retry: true });
      assert.deepEqual([published.epoch, published.offset, published.repeated], [epoch, index + 1, false]);
    }
    assert.equal(await command(redis, 'ZCARD', 'gale:{lobby}:kept'), 5);
    assert.equal((await broker.publish('lobby', entries[0] as Entry, options)).offset, 5);
  });

  test('are known to servers that are given another dedupeCount, or refused', async (t) => {
    const redis = await start(t);
    const broker = await open(t, redis.url);
    const counts = [4, 9, 3, 30, 5];
    const all: Entry[] = [];
    for (const dedupeCount of counts) {
      const sized = { ...options, historyCount: 1, dedupeCount };
      for (const _ of upTo(20)) {
        all.push(someEntry());
        await broker.publish('lobby', all.at(-1) as Entry, sized);
        for (const [index, entry] of all.entries()) {
          try {
            const { offset } = await broker.publish('lobby', entry, { ...sized, retry: true });
            assert.equal(offset, index + 1);
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'ROOM_PUBLISH_UNKNOWN');
            assert.notEqual(entry, all.at(-1));
          }
        }
      }
    }
    assert.equal((await broker.read('lobby', 0, atMost(1))).top, all.length, 'none was stored twice');
  });
});

describe('while Redis does not answer', { skip }, () => {
  test('everything is refused at once, and works again by itself', async (t) => {
    const redis = await start(t);
    const broker = await open(t, redis.url);
    const recorder = new Recorder();
    const stop = await broker.listen('lobby', recorder);
    const stopOther = await broker.listen('other', new Recorder());
    await redis.kill();
    await eventually(() => assert.rejects(broker.signal('lobby', 1), unavailable));
    const since = performance.now();
    await assert.rejects(broker.publish('lobby', someEntry(), usual), unavailable);
    await assert.rejects(broker.read('lobby', 0, atMost(10)), unavailable);
    await assert.rejects(broker.cursors.getAll('ann', ['lobby']), unavailable);
    await assert.rejects(broker.presence.list('lobby'), unavailable);
    assert.ok(performance.now() - since < 1000);
    await eventually(() => assert.rejects(broker.listen('third', new Recorder()), unavailable));
    await assert.rejects(broker.listen('lobby', new Recorder()), unavailable);
    await stopOther();
    await redis.restart();
    await publishUntilStored(broker, 'lobby', someEntry());
    await eventually(() => recorder.doubts > 0);
    await broker.publish('lobby', someEntry(), usual);
    await eventually(() => recorder.messages.length > 0);
    const late = new Recorder();
    const stopLate = await broker.listen('lobby', late);
    await broker.publish('lobby', someEntry(), usual);
    await eventually(() => late.messages.length > 0);
    await stopLate();
    assert.deepEqual(await command(redis, 'PUBSUB', 'SHARDCHANNELS', 'gale@*'), ['gale@0:{lobby}']);
    await stop();
    assert.deepEqual(await command(redis, 'PUBSUB', 'SHARDCHANNELS', 'gale@*'), []);
  });

  test('but keeps its connections, commands are refused after their time', async (t) => {
    const redis = await start(t, { appendOnly: true });
    const broker = await open(t, redis.url, { commandTimeoutMs: 100 });
    const { epoch } = await broker.publish('lobby', someEntry(), usual);
    const entry = someEntry();
    redis.freeze();
    const since = performance.now();
    await assert.rejects(broker.publish('lobby', entry, usual), unavailable);
    assert.ok(performance.now() - since < 5000);
    redis.thaw();
    const published = await publishUntilStored(broker, 'lobby', entry);
    assert.deepEqual([published.epoch, published.offset], [epoch, 2]);
    assert.deepEqual(await keptIn(broker, 'lobby'), [1, 2]);
  });

  test('because this process was busy, nothing is refused', async (t) => {
    const redis = await start(t);
    const broker = await open(t, redis.url, { commandTimeoutMs: 100, probeMs: 50 });
    const before = lines.length;
    for (const _ of upTo(3)) {
      const publishing = broker.publish('lobby', someEntry(), usual);
      // The command leaves, and then nothing is read for much longer than an answer may take.
      await new Promise(setImmediate);
      const end = performance.now() + 300;
      while (performance.now() < end);
      await publishing;
    }
    assert.deepEqual(
      lines.slice(before).filter((line) => line.includes('broke')),
      [],
    );
  });

  test('closing does not wait for it for ever', async (t) => {
    const redis = await start(t);
    const broker = await RedisBroker.open({ url: redis.url, log, commandTimeoutMs: 100 });
    redis.freeze();
    const publishing = assert.rejects(broker.publish('lobby', someEntry(), usual), unavailable);
    await broker.close();
    await publishing;
    const down = await startRedis();
    t.after(() => down.stop());
    const other = await RedisBroker.open({ url: down.url, log });
    await down.kill();
    await eventually(() => assert.rejects(other.signal('lobby', 1), unavailable));
    await other.close();
  });
});

describe('live delivery', { skip }, () => {
  test('that Redis cut off is made anew', async (t) => {
    const redis = await start(t);
    const broker = await open(t, redis.url);
    const recorder = new Recorder();
    await broker.listen('lobby', recorder);
    assert.equal(await command(redis, 'CLIENT', 'KILL', 'TYPE', 'pubsub'), 1);
    await eventually(() => recorder.doubts > 0);
    await broker.publish('lobby', someEntry(), usual);
    await eventually(() => recorder.messages.length === 1);
  });

  for (const way of ['nothing comes through', 'Redis forgot its subscriptions'] as const) {
    test(`that is deaf because ${way} is found out by a probe and made anew`, async (t) => {
      const redis = await start(t);
      const proxy = await startProxy(t, redis.port);
      const broker = await open(t, proxy.url, { commandTimeoutMs: 200, probeMs: 20 });
      const recorder = new Recorder();
      await broker.listen('lobby', recorder);
      await broker.publish('lobby', someEntry(), usual);
      await eventually(() => recorder.messages.length === 1);
      proxy.deafen(way === 'Redis forgot its subscriptions');
      await eventually(() => recorder.doubts > 0);
      await broker.publish('lobby', someEntry(), usual);
      await eventually(() => recorder.offsets.at(-1) === 2);
    });
  }
});

describe('connecting to Redis', { skip }, () => {
  test('fails with one clear error where nothing listens', async (t) => {
    const redis = await start(t);
    await redis.kill();
    await assert.rejects(RedisBroker.open({ url: redis.url, log }), {
      ...unavailable,
      message: `Redis at ${redis.url} does not answer: connect ECONNREFUSED 127.0.0.1:${redis.port}.`,
    });
  });

  test('fails within 3 seconds where somebody listens and says nothing', async (t) => {
    const { url } = await startServer(t, () => {});
    const since = performance.now();
    await assert.rejects(RedisBroker.open({ url, log }), { ...unavailable, message: /no answer in 2500 ms/ });
    assert.ok(performance.now() - since < 3500);
  });

  test('fails where a password is missing or wrong, and never says the password', async (t) => {
    const redis = await start(t, { words: ['--requirepass', 'right horse'] });
    await assert.rejects(
      RedisBroker.open({ url: redis.url, log }),
      refused(/ refuses: NOAUTH, it needs a password\. Put it in the URL: \S+\.$/),
    );
    const before = lines.length;
    const wrong = `redis://:wrong%20horse@127.0.0.1:${redis.port}`;
    await assert.rejects(RedisBroker.open({ url: wrong, log }), refused(/ refuses: WRONGPASS .*[^.]\.$/));
    const right = await open(t, `redis://:right%20horse@127.0.0.1:${redis.port}`);
    await right.publish('lobby', someEntry(), usual);
    await redis.kill();
    await eventually(async () => {
      const error = await right.publish('lobby', someEntry(), usual).catch((fault: unknown) => fault as Error);
      assert.ok(error instanceof Error);
      assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error)}`, /horse/);
    });
    assert.ok(lines.length > before);
    assert.doesNotMatch(lines.slice(before).join('\n'), /horse/);
  });

  test('fails where Redis is too old, even if its answer repeats the password', async (t) => {
    const ancient = await startServer(t, (socket) => {
      socket.on('data', () =>
        socket.write("-ERR unknown command 'HELLO', with args beginning with: 'secret word'\r\n"),
      );
    });
    const url = `redis://:secret%20word@127.0.0.1:${ancient.port}`;
    await assert.rejects(RedisBroker.open({ url, log }), (error: Error & { code: string }) => {
      assert.equal(error.code, 'ROOM_STORE_REFUSED');
      assert.match(error.message, /unknown command 'HELLO'.*'\*\*\*'/);
      assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`, /secret/);
      return true;
    });
    // Redis 6.2 speaks RESP3, but has no sharded pub/sub.
    const old = await startServer(t, (socket) => {
      socket.setEncoding('utf8').on('data', (text: string) => {
        for (const [, name] of text.matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)) {
          const info = '# Server\r\nredis_version:6.2.14\r\n';
          socket.write(name?.toUpperCase() === 'INFO' ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n');
        }
      });
    });
    await assert.rejects(RedisBroker.open({ url: old.url, log }), {
      code: 'ROOM_STORE_REFUSED',
      message: `Redis at ${old.url} has version 6.2.14; version 7.0 or newer is needed.`,
    });
  });

  test('fails for options that cannot be', async () => {
    const value = { name: 'GaleError', code: 'OPTION_VALUE' };
    for (const url of [
      '',
      'localhost:6379',
      'http://:secret@localhost',
      'redis://',
      'redis://:secret@host/x',
      'redis://:%zz@host',
    ]) {
      await assert.rejects(RedisBroker.open({ url, log }), (error: Error) => {
        assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`, /secret|%zz/);
        return assert.deepEqual({ ...error, name: error.name }, value) === undefined;
      });
    }
    for (const options of [{ prefix: 'a{b}' }, { prefix: '' }, { probeMs: 0 }, { commandTimeoutMs: Number.NaN }]) {
      await assert.rejects(RedisBroker.open({ url: 'redis://127.0.0.1:1', log, ...options }), value);
    }
  });

  test('leaves nothing behind in Redis for people who are gone', async (t) => {
    const redis = await start(t);
    const broker = await open(t, redis.url);
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
});

async function startServer(t: TestContext, serve: (socket: Socket) => void): Promise<{ url: string; port: number }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `redis://127.0.0.1:${port}`, port };
}

/** Stands between a broker and Redis; can make subscriptions deaf while their connections stay. */
async function startProxy(t: TestContext, redisPort: number): Promise<{ url: string; deafen(forget: boolean): void }> {
  const subscribers = new Set<{ socket: Socket; upstream: Socket }>();
  const { url } = await startServer(t, (socket) => {
    const upstream = connect(redisPort, '127.0.0.1');
    upstream.on('error', () => {});
    upstream.on('data', (data) => socket.write(data));
    socket.on('data', (data) => {
      if (data.includes('ssubscribe')) subscribers.add({ socket, upstream });
      upstream.write(data);
    });
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.destroy());
  });
  return {
    url,
    deafen(forget) {
      assert.ok(subscribers.size > 0);
      for (const { upstream } of subscribers) {
        upstream.removeAllListeners('data');
        upstream.resume();
        if (forget) upstream.write('SUNSUBSCRIBE\r\n');
      }
      subscribers.clear();
    },
  };
}
