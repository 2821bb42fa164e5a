/**
 * Repeated publishes: one entry, one response. Part of the shared suite of brokers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PublishOptions } from '../../../../src/rooms/broker.ts';
import type { Entry } from '../../../../src/rooms/stream.ts';
import { atMost, brief, keptIn, more, person, someEntry, someRoom, upTo, usual } from './suite-broker.ts';
import type { Suite } from './suite-broker.ts';

/** Declares the cases. */
export function testRepeats(suite: Suite): void {
  test('stores a repeated publish once, and returns the first response', async () => {
    const room = someRoom();
    const entry = someEntry();
    const first = await suite.broker.publish(room, entry, usual);
    await suite.broker.publish(room, someEntry(), usual);
    assert.deepEqual(await suite.broker.publish(room, { ...entry, data: 'other' }, usual), {
      ...first,
      repeated: true,
    });
    assert.deepEqual(await keptIn(suite.broker, room), [1, 2]);
  });

  test('stores one of several concurrent duplicates, and returns its response to all', async () => {
    const room = someRoom();
    const entry = someEntry();
    const published = await Promise.all(upTo(20).map(() => suite.broker.publish(room, entry, usual)));
    assert.deepEqual(published.map(({ repeated }) => repeated).toSorted(), [
      false,
      ...Array.from({ length: 19 }, () => true),
    ]);
    assert.equal(new Set(published.map(({ epoch, offset, time }) => `${epoch} ${offset} ${time}`)).size, 1);
    assert.deepEqual(await keptIn(suite.broker, room), [1]);
  });

  test('separates ids by author and room', async () => {
    const [room, other] = [someRoom(), someRoom()];
    const { broker } = suite;
    const publish = async (where: string, authorId: string, id: string): Promise<boolean> =>
      (await broker.publish(where, { id, author: person(authorId), data: null }, usual)).repeated;
    assert.equal(await publish(room, 'a', 'b:c'), false);
    assert.equal(await publish(room, 'a:b', 'c'), false);
    assert.equal(await publish(room, 'a:', 'b:c'), false);
    assert.equal(await publish(other, 'a', 'b:c'), false);
    assert.equal(await publish(room, 'a', 'b:c'), true);
    assert.deepEqual(await keptIn(suite.broker, room), [1, 2, 3]);
  });

  /** Publishes entries of one author that nobody used before, one after the other. */
  const publishMany = async (
    room: string,
    count: number,
    options: PublishOptions,
    author?: string,
  ): Promise<Entry[]> => {
    const entries = upTo(count).map(() => someEntry(author));
    await Promise.all(entries.map((entry) => suite.broker.publish(room, entry, options)));
    return entries;
  };
  const unknown = { name: 'GaleError', code: 'ROOM_PUBLISH_UNKNOWN' };

  test('accepts the id of a message that is not kept again after dedupeMs', async () => {
    const room = someRoom();
    const options = { ...usual, historyCount: 1 };
    const [entry] = await publishMany(room, 2, options);
    assert.ok(entry);
    assert.equal((await suite.broker.publish(room, entry, options)).repeated, true);
    await suite.passTime(more);
    const again = await suite.broker.publish(room, entry, { ...options, dedupeMs: brief });
    assert.deepEqual([again.offset, again.repeated], [3, false]);
    assert.deepEqual(await suite.broker.publish(room, entry, options), { ...again, repeated: true });
    const [never] = await publishMany(room, 2, { ...options, dedupeMs: 0 });
    assert.ok(never);
    assert.equal((await suite.broker.publish(room, never, { ...options, dedupeMs: 0 })).repeated, false);
  });

  test('knows the id of a kept message at any age', async () => {
    const room = someRoom();
    const options = { historyCount: 20, dedupeMs: brief, dedupeCount: 2 };
    const entries = await publishMany(room, 25, options);
    await publishMany(room, 5, options, 'ben');
    const { messages } = await suite.broker.read(room, 0, { count: 100, bytes: 1e6 });
    const times = new Map(messages.map(({ offset, time }) => [offset, time]));
    await suite.passTime(more);
    for (const [index, entry] of entries.entries()) {
      if (index < 10) continue;
      const { offset, time, repeated } = await suite.broker.publish(room, entry, { ...options, retry: true });
      assert.deepEqual([offset, time, repeated], [index + 1, times.get(index + 1), true]);
    }
    // It is no longer kept, and its time is over, as is the time of the dropped ids.
    const again = await suite.broker.publish(room, entries[9] as Entry, { ...options, retry: true });
    assert.deepEqual([again.offset, again.repeated], [31, false]);
    assert.deepEqual(await keptIn(suite.broker, room), upTo(31, 12));
  });

  test('knows the newest 256 ids of an author, and refuses a retry of an older one', async () => {
    const room = someRoom();
    const options = { ...usual, historyCount: 10 };
    const entries = await publishMany(room, 300, options);
    await publishMany(room, 300, options, 'ben');
    for (const index of [44, 45, 100, 255, 298, 299]) {
      const { offset, repeated } = await suite.broker.publish(room, entries[index] as Entry, {
        ...options,
        retry: true,
      });
      assert.deepEqual([offset, repeated], [index + 1, true]);
    }
    for (const index of [0, 43]) {
      await assert.rejects(
        suite.broker.publish(room, entries[index] as Entry, { ...options, retry: true }),
        unknown,
        `message ${index + 1}`,
      );
    }
    // This id is unknown too: it may have been dropped.
    await assert.rejects(suite.broker.publish(room, someEntry(), { ...options, retry: true }), unknown);
    assert.equal((await suite.broker.read(room, 0, atMost(1))).top, 600, 'a refused retry stores nothing');
    assert.deepEqual(
      await suite.broker.publish(room, entries[44] as Entry, options).then(({ offset }) => offset),
      45,
      'a refused retry drops no other id',
    );
    // Not a retry, so it is a new message, and from then on its id is known.
    const { repeated, ...stored } = await suite.broker.publish(room, entries[43] as Entry, options);
    assert.deepEqual([stored.offset, repeated], [601, false]);
    assert.deepEqual(await suite.broker.publish(room, entries[43] as Entry, { ...options, retry: true }), {
      ...stored,
      repeated: true,
    });
    await assert.rejects(suite.broker.publish(room, entries[44] as Entry, { ...options, retry: true }), unknown);
  });

  test('refuses a retry only if ids of its author and room were dropped within dedupeMs', async () => {
    const [room, other] = [someRoom(), someRoom()];
    const options = { historyCount: 1, dedupeMs: 60_000, dedupeCount: 4 };
    const retry = { ...options, retry: true };
    await publishMany(room, 4, options);
    assert.equal((await suite.broker.publish(room, someEntry(), retry)).repeated, false, 'nothing was dropped before');
    await assert.rejects(suite.broker.publish(room, someEntry(), retry), unknown);
    assert.equal((await suite.broker.publish(room, someEntry('ben'), retry)).repeated, false);
    assert.equal((await suite.broker.publish(other, someEntry(), retry)).repeated, false);
    await suite.passTime(more);
    assert.equal((await suite.broker.publish(room, someEntry(), { ...retry, dedupeMs: brief })).repeated, false);
  });

  test('accepts a retry if the dropped ids are before its first attempt', async () => {
    const room = someRoom();
    const options = { historyCount: 1, dedupeMs: 60_000, dedupeCount: 4 };
    const [first] = await publishMany(room, 1, options, 'ben');
    await publishMany(room, 10, options);
    // The newest message of which the id was dropped has the offset 7.
    const { epoch } = await suite.broker.read(room, 0, atMost(1));
    const retry = (offset: number, itsEpoch: string = epoch, entry = someEntry()) =>
      suite.broker.publish(room, entry, { ...options, retry: true, after: { epoch: itsEpoch, offset } });
    await assert.rejects(retry(0), unknown);
    await assert.rejects(retry(6), unknown);
    await assert.rejects(retry(100, 'another'), unknown);
    const entry = someEntry();
    assert.deepEqual(await retry(7, epoch, entry).then(({ offset, repeated }) => [offset, repeated]), [12, false]);
    assert.equal((await retry(7, epoch, entry)).repeated, true);
    // Now it is 8.
    await assert.rejects(retry(7), unknown);
    assert.equal((await retry(8)).offset, 13);
    assert.equal((await retry(0, epoch, first)).offset, 1, 'of this author nothing was dropped');
  });
}
