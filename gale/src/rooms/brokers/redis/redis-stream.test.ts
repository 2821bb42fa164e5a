import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { redisCommand as command } from '../../../testing/redis-command.ts';
import { redisMissing } from '../../../testing/redis-server.ts';
import { earlyLife } from '../../lives.ts';
import type { Published } from '../../stream.ts';
import {
  atMost,
  eventually,
  keptIn,
  Recorder,
  someEntry,
  upTo,
  usual,
} from '../../../../test/support/rooms/broker-suite/suite-broker.ts';
import {
  openBroker,
  publishUntilStored,
  startRedisFor,
  unavailable,
} from '../../../../test/support/rooms/redis-brokers.ts';

const skip = redisMissing();

describe('a restart of Redis with an append-only file', { skip }, () => {
  test('keeps everything, and notifies listeners to read again', async (t) => {
    const redis = await startRedisFor(t, { appendOnly: true });
    const broker = await openBroker(t, redis.url);
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

  test('keeps everything acknowledged before kill -9, once and in order', async (t) => {
    const redis = await startRedisFor(t, { appendOnly: true });
    const broker = await openBroker(t, redis.url);
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

describe('a Redis that lost data', { skip }, () => {
  test('gives a room a new epoch after all data was lost', async (t) => {
    const redis = await startRedisFor(t);
    const [broker, other] = [await openBroker(t, redis.url), await openBroker(t, redis.url)];
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

  test('keeps what is left in a new epoch after one of the keys of a room, or entries inside it, were lost', async (t) => {
    const redis = await startRedisFor(t);
    const losses: [kept: readonly number[], cursor: number | undefined, ...loss: string[]][] = [
      [[], undefined, 'DEL', 'gale:{lobby}:stream'],
      [[1, 2, 3, 4, 5], undefined, 'DEL', 'gale:{lobby}:head'],
      [[1, 2, 3, 4], 4, 'XDEL', 'gale:{lobby}:stream', '5-0'],
      [[1, 2, 4, 5], 3, 'XDEL', 'gale:{lobby}:stream', '3-0'],
      [[2, 3, 4, 5], 3, 'XDEL', 'gale:{lobby}:stream', '1-0'],
      [[], undefined, 'XTRIM', 'gale:{lobby}:stream', 'MAXLEN', '0'],
    ];
    const writer = await openBroker(t, redis.url);
    for (const [kept, cursor, ...loss] of losses) {
      await command(redis, 'FLUSHALL');
      const entries = upTo(5).map(() => someEntry());
      const [{ epoch } = assert.fail()] = await Promise.all(
        entries.map((entry) => writer.publish('lobby', entry, usual)),
      );
      await writer.cursors.advance('lobby', 'ann', { epoch, offset: 4 });
      assert.notEqual(await command(redis, ...loss), 0);
      // A broker that has not seen the room detects the loss too.
      const fresh = await openBroker(t, redis.url);
      const page = await fresh.read('lobby', 0, atMost(10));
      // The first message alone: this is the same as trimming.
      if (kept[0] === 2) assert.equal(page.epoch, epoch);
      else assert.notEqual(page.epoch, epoch, loss.join(' '));
      assert.deepEqual(
        page.messages.map(({ offset, id }) => [offset, id]),
        kept.map((number, index) => [page.first + index, entries[number - 1]?.id]),
      );
      if (page.epoch === epoch) continue;
      assert.deepEqual([page.top, page.first], [kept.length, 1]);
      assert.equal((await writer.cursors.getAll('ann', ['lobby'])).get('lobby')?.offset, cursor ?? 4, loss.join(' '));
      // The remembered ids of lost messages are void.
      for (const [index, entry] of entries.entries()) {
        const isKept = kept.includes(index + 1);
        const again = await writer.publish('lobby', entry, { ...usual, retry: true });
        assert.deepEqual([again.epoch, again.repeated], [page.epoch, isKept]);
        if (isKept) assert.equal(again.offset, kept.indexOf(index + 1) + 1);
      }
    }
    // A publish detects the loss too.
    await command(redis, 'FLUSHALL');
    await writer.publish('lobby', someEntry(), usual);
    const { epoch } = await writer.publish('lobby', someEntry(), usual);
    await command(redis, 'XDEL', 'gale:{lobby}:stream', '2-0');
    const next = await writer.publish('lobby', someEntry(), usual);
    assert.notEqual(next.epoch, epoch);
    assert.equal(next.offset, 2);
  });

  test('never assigns an offset twice to a server that saw it before Redis went back to an older state', async (t) => {
    const redis = await startRedisFor(t);
    const [writer, reader] = [await openBroker(t, redis.url), await openBroker(t, redis.url)];
    const recorder = new Recorder();
    await reader.listen('read', recorder);
    let unseen: Published | undefined;
    for (const room of ['written', 'read', 'unseen']) {
      [unseen] = await Promise.all(upTo(40).map(() => writer.publish(room, someEntry(), usual)));
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
    assert.equal(published.offset, 41);
    await eventually(async () => {
      const page = await reader.read('read', 0, atMost(100));
      assert.notEqual(page.epoch, epoch);
      assert.deepEqual([page.top, page.first, page.messages.length], [40, 1, 40]);
    });
    // A room that lost nothing keeps its epoch, in the next life.
    const before = await reader.read('unseen', 0, atMost(100));
    assert.deepEqual([before.epoch, before.top], [unseen?.epoch, 40]);
    const next = await publishUntilStored(writer, 'unseen', someEntry());
    assert.deepEqual([next.epoch, next.offset], [unseen?.epoch, 41]);
    assert.notEqual(next.life, unseen?.life);
  });

  test('takes the messages of an earlier version as one life, and its live messages', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await openBroker(t, redis.url);
    const recorder = new Recorder();
    await broker.listen('lobby', recorder);
    for (const _ of upTo(3)) await broker.publish('lobby', someEntry(), usual);
    await command(redis, 'HDEL', 'gale:{lobby}:head', 'lives');
    const fresh = await openBroker(t, redis.url);
    const before = await fresh.read('lobby', 0, atMost(10));
    assert.deepEqual(before.lives, [{ name: earlyLife, first: 1 }]);
    assert.deepEqual(new Set(before.messages.map(({ life }) => life)), new Set([earlyLife]));
    await fresh.cursors.advance('lobby', 'ann', { epoch: before.epoch, offset: 2, life: earlyLife });
    assert.equal((await fresh.cursors.getAll('ann', ['lobby'])).get('lobby')?.offset, 2);
    const { life } = await fresh.publish('lobby', someEntry(), usual);
    assert.deepEqual((await fresh.read('lobby', 0, atMost(10))).lives, [
      { name: life, first: 4 },
      { name: earlyLife, first: 1 },
    ]);
    await eventually(() => recorder.messages.length === 4);
    const entry = JSON.stringify({ id: 'old', author: { id: 'ann', name: 'Ann' }, data: 1 });
    await command(redis, 'SPUBLISH', 'gale@0:{lobby}', `m5 7 ${before.epoch} ${entry}`);
    await eventually(() => recorder.messages.length === 5);
    const message = { offset: 5, id: 'old', author: { id: 'ann', name: 'Ann' }, time: 7, data: 1, life: '' };
    assert.deepEqual(recorder.messages.at(-1), { epoch: before.epoch, message });
  });

  test('refuses a publish without memory, and changes nothing', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await openBroker(t, redis.url);
    await Promise.all(upTo(3).map(() => broker.publish('lobby', someEntry(), usual)));
    const page = await broker.read('lobby', 0, atMost(10));
    await command(redis, 'CONFIG', 'SET', 'maxmemory', '1');
    await assert.rejects(broker.publish('lobby', someEntry(), usual), { ...unavailable, message: /OOM/ });
    await command(redis, 'CONFIG', 'SET', 'maxmemory', '0');
    assert.deepEqual(await broker.read('lobby', 0, atMost(10)), page);
    assert.equal((await broker.publish('lobby', someEntry(), usual)).offset, 4);
  });

  test('runs scripts that Redis has forgotten', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await openBroker(t, redis.url);
    await command(redis, 'SCRIPT', 'FLUSH');
    assert.equal((await broker.publish('lobby', someEntry(), usual)).offset, 1);
    assert.deepEqual(await keptIn(broker, 'lobby'), [1]);
  });
});
