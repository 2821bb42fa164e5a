import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { redisCommand as command } from '../../../testing/redis-command.ts';
import { redisMissing } from '../../../testing/redis-server.ts';
import type { Entry } from '../../stream.ts';
import { atMost, person, someEntry, upTo, usual } from '../../../../test/support/rooms/broker-suite/suite-broker.ts';
import { bytesOfKey, openBroker, startRedisFor, usedBytes } from '../../../../test/support/rooms/redis-brokers.ts';

const skip = redisMissing();

describe('message ids in Redis', { skip }, () => {
  const options = { ...usual, dedupeMs: 86_400_000 };

  test('take at most 40 bytes each, however many messages are published', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await openBroker(t, redis.url);
    const publish = async (room: string, count: number): Promise<void> => {
      for (let done = 0; done < count; done += 500) {
        await Promise.all(upTo(500).map(() => broker.publish(room, someEntry(), options)));
      }
    };
    await publish('lobby', 500);
    const [before, ids] = [await usedBytes(redis), await bytesOfKey(redis, 'gale:{lobby}:sent:ann')];
    assert.ok(ids <= 256 * 40, `${ids} bytes for 256 ids`);
    const count = 6000;
    await publish('lobby', count);
    assert.equal(await bytesOfKey(redis, 'gale:{lobby}:sent:ann'), ids);
    const kept = await bytesOfKey(redis, 'gale:{lobby}:kept');
    assert.ok(kept <= 100 * 40, `${kept} bytes for the ids of 100 kept messages`);
    const perPublish = ((await usedBytes(redis)) - before) / count;
    // Not 0, since texts are a little longer now, and the buffers of connections change.
    assert.ok(perPublish <= 40, `${perPublish} bytes more for each message that was published`);

    const rooms = upTo(8).map((number) => `room ${number}`);
    for (const room of rooms) await publish(room, 500);
    for (const room of rooms) assert.equal(await bytesOfKey(redis, `gale:{${room}}:sent:ann`), ids);
    assert.equal(await command(redis, 'DBSIZE'), 9 * 4);
  });

  test('take at most 40 bytes each in a room with few messages', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await openBroker(t, redis.url);
    for (const count of upTo(64)) {
      await broker.publish('lobby', someEntry('author'), options);
      const bytes = Number(await command(redis, 'STRLEN', 'gale:{lobby}:sent:author'));
      assert.ok(bytes <= Math.max(6 * 24, 40 * count), `${bytes} bytes for ${count} ids`);
    }
  });

  test('of an earlier version are known until they expire', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await openBroker(t, redis.url);
    const { epoch, life } = await broker.publish('lobby', someEntry(), options);
    const entry = { id: 'old', author: person('ann'), data: 1 };
    await command(redis, 'SET', 'gale:{lobby}:answer:3:ann:old', `1 1795417200000 ${epoch}`, 'PX', '60000');
    const expected = { epoch, offset: 1, life, time: 1_795_417_200_000, repeated: true };
    assert.deepEqual(await broker.publish('lobby', entry, { ...options, retry: true }), expected);
    await command(redis, 'DEL', 'gale:{lobby}:answer:3:ann:old');
    assert.equal((await broker.publish('lobby', entry, options)).offset, 2);
  });

  test('are void after a read or a publish finds that the stream was lost', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await openBroker(t, redis.url);
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

  test('are known to, or refused by, servers with another dedupeCount', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await openBroker(t, redis.url);
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
