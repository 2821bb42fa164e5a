/**
 * Streams: epochs, offsets, trimming, pages. Part of the shared suite of brokers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atMost, keptIn, person, someEntry, someRoom, upTo, usual } from './suite-broker.ts';
import type { Suite } from './suite-broker.ts';

/** Declares the cases. */
export function testStreams(suite: Suite): void {
  test('gives an empty room an epoch that stays after the first publish', async () => {
    const room = someRoom();
    const page = await suite.broker.read(room, 0, atMost(10));
    assert.deepEqual({ ...page, epoch: '' }, { epoch: '', top: 0, first: 1, lives: [], messages: [], bytes: 0 });
    assert.match(page.epoch, /^[\w-]{8,}$/);
    assert.deepEqual(await suite.broker.read(room, 5, atMost(10)), page);
    const published = await suite.broker.publish(room, someEntry(), usual);
    assert.deepEqual([published.epoch, published.offset, published.repeated], [page.epoch, 1, false]);
    assert.notEqual((await suite.broker.read(someRoom(), 0, atMost(10))).epoch, page.epoch);
  });

  test('reads a message as it was at its publish', async () => {
    const room = someRoom();
    const author = { ...person('李雷'), passwordHash: 'not for others' };
    const data = { text: '你好 👋\u0000\n"\\', deep: [1, null, { a: [] }], empty: '' };
    const entry = { id: 'a-1', author, data };
    const publishing = suite.broker.publish(room, entry, usual);
    data.text = 'changed after the call';
    const { offset, life, time } = await publishing;
    const [message] = (await suite.broker.read(room, 0, atMost(10))).messages;
    assert.deepEqual(message, {
      offset,
      id: 'a-1',
      author: { id: '李雷', name: '李雷' },
      time,
      data: { text: '你好 👋\u0000\n"\\', deep: [1, null, { a: [] }], empty: '' },
      life,
    });
    assert.match(life, /^[\w-]{8,}$/);
  });

  test('refuses data that is no JSON, without using an offset', async () => {
    const room = someRoom();
    await assert.rejects(suite.broker.publish(room, someEntry('ann', 1n), usual), { code: 'JSON_VALUE' });
    assert.equal((await suite.broker.publish(room, someEntry(), usual)).offset, 1);
  });

  test('assigns offsets without gap or duplicate under concurrent publishers', async () => {
    const room = someRoom();
    const published = await Promise.all(
      upTo(200).map((number) => suite.broker.publish(room, someEntry(`author ${number % 20}`), usual)),
    );
    assert.deepEqual(
      published.map(({ offset }) => offset).toSorted((one, other) => one - other),
      upTo(200),
    );
    assert.equal(new Set(published.map(({ epoch }) => epoch)).size, 1);
  });

  test('stores concurrent publishes of one caller in order', async () => {
    const room = someRoom();
    const published = await Promise.all(upTo(50).map(() => suite.broker.publish(room, someEntry(), usual)));
    assert.deepEqual(
      published.map(({ offset }) => offset),
      upTo(50),
    );
  });

  test('keeps exactly the newest historyCount messages', async () => {
    const room = someRoom();
    await Promise.all(upTo(99).map(() => suite.broker.publish(room, someEntry(), usual)));
    assert.deepEqual(await keptIn(suite.broker, room), upTo(99));
    await suite.broker.publish(room, someEntry(), usual);
    assert.deepEqual(await keptIn(suite.broker, room), upTo(100));
    await suite.broker.publish(room, someEntry(), usual);
    assert.deepEqual(await keptIn(suite.broker, room), upTo(101, 2));
    await Promise.all(upTo(149).map(() => suite.broker.publish(room, someEntry(), usual)));
    const page = await suite.broker.read(room, 0, atMost(1000));
    assert.deepEqual([page.top, page.first], [250, 151]);
    assert.deepEqual(await keptIn(suite.broker, room), upTo(250, 151));
    await suite.broker.publish(room, someEntry(), { ...usual, historyCount: 3 });
    assert.deepEqual(await keptIn(suite.broker, room), [249, 250, 251]);
    await suite.broker.publish(room, someEntry(), { ...usual, historyCount: 1 });
    assert.deepEqual(await keptIn(suite.broker, room), [252]);
  });

  test('reads a stream page by page', async () => {
    const room = someRoom();
    await Promise.all(upTo(25).map(() => suite.broker.publish(room, someEntry(), { ...usual, historyCount: 20 })));
    const page = async (after: number, limit: number): Promise<unknown[]> => {
      const { top, first, messages } = await suite.broker.read(room, after, atMost(limit));
      return [top, first, messages.map(({ offset }) => offset)];
    };
    assert.deepEqual(await page(0, 3), [25, 6, [6, 7, 8]]);
    assert.deepEqual(await page(8, 10), [25, 6, upTo(18, 9)]);
    assert.deepEqual(await page(18, 10), [25, 6, upTo(25, 19)]);
    assert.deepEqual(await page(24, 10), [25, 6, [25]]);
    assert.deepEqual(await page(25, 10), [25, 6, []]);
    assert.deepEqual(await page(1000, 10), [25, 6, []]);
  });

  test('limits a page in bytes, but returns at least one message', async () => {
    const room = someRoom();
    // Sizes are those of UTF-8: a character of three bytes fills three times as much.
    for (const size of [10, 20, 300, 20, 20, 20]) {
      await suite.broker.publish(room, someEntry('ann', '字'.repeat(size)), usual);
    }
    const all = await suite.broker.read(room, 0, atMost(10));
    const sizes = all.messages.map(({ id, author, data }) => Buffer.byteLength(JSON.stringify({ id, author, data })));
    const sum = (count: number): number => sizes.slice(0, count).reduce((total, size) => total + size, 0);
    assert.equal(all.bytes, sum(6));
    const page = async (after: number, count: number, bytes: number): Promise<unknown[]> => {
      const read = await suite.broker.read(room, after, { count, bytes });
      assert.deepEqual([read.epoch, read.top, read.first], [all.epoch, 6, 1]);
      return [read.messages.map(({ offset }) => offset), read.bytes];
    };
    assert.deepEqual(await page(0, 10, sum(2)), [[1, 2], sum(2)]);
    assert.deepEqual(await page(0, 10, sum(2) - 1), [[1], sum(1)]);
    assert.deepEqual(await page(0, 10, sum(6)), [upTo(6), sum(6)]);
    assert.deepEqual(await page(0, 3, sum(6)), [upTo(3), sum(3)]);
    assert.deepEqual(await page(0, 10, 1), [[1], sum(1)]);
    assert.deepEqual(await page(2, 10, 100), [[3], sizes[2]]);
    assert.deepEqual(await page(6, 10, 100), [[], 0]);
  });

  test('pages of few bytes lead through a stream of large messages', async () => {
    const room = someRoom();
    const text = 'x'.repeat(20_000);
    await Promise.all(upTo(100).map(() => suite.broker.publish(room, someEntry('ann', text), usual)));
    const offsets: number[] = [];
    for (;;) {
      const page = await suite.broker.read(room, offsets.length, { count: 100, bytes: 200_000 });
      assert.ok(page.bytes <= 200_000);
      offsets.push(...page.messages.map(({ offset }) => offset));
      if (offsets.length === page.top) break;
      assert.equal(page.messages.length, 9);
    }
    assert.deepEqual(offsets, upTo(100));
  });

  test('the heads of many streams are read in one call', async () => {
    const [trimmed, small, nobodys, renewed] = [someRoom(), someRoom(), someRoom(), someRoom()];
    await Promise.all(upTo(25).map(() => suite.broker.publish(trimmed, someEntry(), { ...usual, historyCount: 20 })));
    await suite.broker.publish(small, someEntry(), usual);
    const { epoch: old } = await suite.broker.publish(renewed, someEntry(), usual);
    await suite.broker.renewEpoch(renewed, old);
    const rooms = [trimmed, small, nobodys, renewed, small];
    const heads = await suite.broker.heads(rooms);
    assert.deepEqual(new Set(heads.keys()), new Set(rooms));
    assert.deepEqual(
      rooms.map((room) => [heads.get(room)?.top, heads.get(room)?.first]),
      [
        [25, 6],
        [1, 1],
        [0, 1],
        [1, 1],
        [1, 1],
      ],
    );
    for (const [room, head] of heads) {
      const { epoch, top, first, lives } = await suite.broker.read(room, 0, atMost(1));
      assert.deepEqual(head, { epoch, top, first, lives });
    }
    assert.notEqual(heads.get(renewed)?.epoch, old);
    assert.equal((await suite.broker.publish(nobodys, someEntry(), usual)).epoch, heads.get(nobodys)?.epoch);
    assert.deepEqual(await suite.broker.heads([]), new Map());
  });
}
