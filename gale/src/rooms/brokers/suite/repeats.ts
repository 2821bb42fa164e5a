/**
 * Repeated publishes: one entry, one answer. Part of the shared suite of brokers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brief, keptIn, more, person, someEntry, someRoom, upTo, usual } from './support.ts';
import type { Suite } from './support.ts';

/** Declares the cases. */
export function testRepeats(suite: Suite): void {
  test('a repeated publish gets the answer of the first and is stored once', async () => {
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

  test('of duplicates at the same time one is stored, and all get its answer', async () => {
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

  test('an id belongs to one author in one room', async () => {
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

  test('an id may be used again when its time is over', async () => {
    const room = someRoom();
    const entry = someEntry();
    await suite.broker.publish(room, entry, { ...usual, dedupeMs: brief });
    await suite.passTime(more);
    const again = await suite.broker.publish(room, entry, usual);
    assert.deepEqual([again.offset, again.repeated], [2, false]);
    assert.deepEqual(await suite.broker.publish(room, entry, usual), { ...again, repeated: true });
    const never = someEntry();
    await suite.broker.publish(room, never, { ...usual, dedupeMs: 0 });
    assert.equal((await suite.broker.publish(room, never, { ...usual, dedupeMs: 0 })).repeated, false);
  });
}
