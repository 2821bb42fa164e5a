/**
 * New epochs, which keep what the store has. Part of the shared suite of brokers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../../../../src/rooms/stream.ts';
import { atMost, eventually, Recorder, someEntry, someRoom, upTo, usual } from './suite-broker.ts';
import type { Suite } from './suite-broker.ts';

/** Declares the cases. */
export function testRenewals(suite: Suite): void {
  const fill = async (room: string, count: number, historyCount = 100): Promise<Entry[]> => {
    const entries = upTo(count).map((index) => someEntry(index % 2 ? 'ann' : 'ben'));
    for (const entry of entries) await suite.broker.publish(room, entry, { ...usual, historyCount });
    return entries;
  };
  const epochOf = async (room: string): Promise<string> => (await suite.broker.read(room, 0, atMost(1))).epoch;

  test('a new epoch has the kept messages with offsets from 1, once, and listeners are notified', async () => {
    const room = someRoom();
    const recorder = new Recorder();
    const stop = await suite.broker.listen(room, recorder);
    await fill(room, 25, 10);
    const before = await suite.broker.read(room, 0, atMost(100));
    const old = before.epoch;
    await Promise.all([suite.broker.renewEpoch(room, old), suite.broker.renewEpoch(room, old)]);
    const page = await suite.broker.read(room, 0, atMost(100));
    assert.notEqual(page.epoch, old);
    assert.deepEqual([page.top, page.first, page.bytes], [10, 1, before.bytes]);
    const [life] = page.lives;
    assert.deepEqual(page.lives, [{ name: life?.name, first: 1 }]);
    assert.deepEqual(
      page.messages,
      before.messages.map((message, index) => ({ ...message, offset: index + 1, life: life?.name })),
    );
    await suite.broker.renewEpoch(room, old);
    await suite.broker.renewEpoch(room, 'never was');
    assert.deepEqual(await suite.broker.read(room, 0, atMost(100)), page);
    await eventually(() => recorder.doubts >= 1);
    const next = await suite.broker.publish(room, someEntry(), usual);
    assert.deepEqual([next.epoch, next.offset, next.repeated], [page.epoch, 11, false]);
    await eventually(() => recorder.messages.at(-1)?.epoch === page.epoch);
    assert.equal(recorder.messages.at(-1)?.message.life, next.life);
    await stop();
  });

  test('trims a new epoch as before', async () => {
    const room = someRoom();
    await fill(room, 25, 10);
    await suite.broker.renewEpoch(room, await epochOf(room));
    for (const _ of upTo(4)) await suite.broker.publish(room, someEntry(), { ...usual, historyCount: 10 });
    const page = await suite.broker.read(room, 0, atMost(100));
    assert.deepEqual([page.top, page.first, page.messages.map(({ offset }) => offset)], [14, 5, upTo(14, 5)]);
  });

  test('renewEpoch of an empty room changes its epoch only', async () => {
    const room = someRoom();
    await suite.broker.renewEpoch(room, 'never was');
    const old = await epochOf(room);
    await suite.broker.renewEpoch(room, old);
    assert.notEqual(await epochOf(room), old);
    assert.equal((await suite.broker.publish(room, someEntry(), usual)).offset, 1);
  });

  test('knows the ids of kept messages in a new epoch, at their new positions, and no others', async () => {
    const room = someRoom();
    const options = { historyCount: 6, dedupeMs: 60_000, dedupeCount: 2 };
    const entries = await fill(room, 12, 6);
    await suite.broker.renewEpoch(room, await epochOf(room));
    const { epoch, messages } = await suite.broker.read(room, 0, atMost(100));
    for (const [index, entry] of entries.slice(6).entries()) {
      const { time, life } = messages[index] ?? assert.fail();
      const expected = { epoch, offset: index + 1, life, time, repeated: true };
      assert.deepEqual(await suite.broker.publish(room, entry, { ...options, retry: true }), expected);
    }
    // The message was trimmed before: a retry stores it again, and ids that were dropped before refuse no retry.
    const again = await suite.broker.publish(room, entries[0] as Entry, { ...options, retry: true });
    assert.deepEqual([again.epoch, again.offset, again.repeated], [epoch, 7, false]);
  });

  test('cursors stay after the same message in a new epoch', async () => {
    const room = someRoom();
    await fill(room, 25, 10);
    const old = await epochOf(room);
    const moves = { first: 16, middle: 20, last: 25, ahead: 90, before: 15, trimmed: 14, none: 0 };
    for (const [person, offset] of Object.entries(moves)) {
      await suite.broker.cursors.advance(room, person, { epoch: old, offset });
    }
    await suite.broker.cursors.advance(room, 'other', { epoch: 'older', offset: 20 });
    await suite.broker.renewEpoch(room, old);
    const epoch = await epochOf(room);
    const cursorOf = async (person: string) => (await suite.broker.cursors.getAll(person, [room])).get(room);
    const expected = {
      first: { epoch, offset: 1 },
      middle: { epoch, offset: 5 },
      last: { epoch, offset: 10 },
      ahead: { epoch, offset: 10 },
      before: { epoch, offset: 0 },
      // The number of messages that they missed would be wrong in the new epoch.
      trimmed: { epoch: old, offset: 14 },
      none: { epoch: old, offset: 0 },
      other: { epoch: 'older', offset: 20 },
    };
    for (const [person, cursor] of Object.entries(expected)) assert.deepEqual(await cursorOf(person), cursor, person);
    const { cursors } = suite.broker;
    assert.deepEqual(await cursors.advance(room, 'trimmed', { epoch, offset: 2 }), { epoch, offset: 2 });
    assert.deepEqual(await cursors.advance(room, 'trimmed', { epoch: old, offset: 60 }), { epoch, offset: 2 });
  });
}
