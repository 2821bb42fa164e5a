/**
 * Removing rooms without messages. Part of the shared suite of brokers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { someEntry, someRoom, upTo, usual } from './suite-broker.ts';
import type { Suite } from './suite-broker.ts';

/** Declares the cases. */
export function testRemoval(suite: Suite): void {
  const unknown = { name: 'RoomError', code: 'ROOM_UNKNOWN', retry: false };

  test('removes a room without messages, and refuses later publishes', async () => {
    const room = someRoom();
    await suite.broker.heads([room]);
    assert.equal(await suite.broker.removeEmpty(room), true);
    await assert.rejects(suite.broker.publish(room, someEntry(), usual), unknown);
    assert.equal(await suite.broker.removeEmpty(room), true, 'again is the same');
    const head = (await suite.broker.heads([room])).get(room);
    assert.deepEqual([head?.top, head?.first], [0, 1]);
    assert.deepEqual((await suite.broker.read(room, 0, { count: 9, bytes: 999 })).messages, []);
    await assert.rejects(suite.broker.publish(room, someEntry(), usual), unknown);
  });

  test('removes an unused room', async () => {
    const room = someRoom();
    assert.equal(await suite.broker.removeEmpty(room), true);
    await assert.rejects(suite.broker.publish(room, someEntry(), usual), unknown);
  });

  test('keeps a room with a message', async () => {
    const room = someRoom();
    const { epoch, life } = await suite.broker.publish(room, someEntry(), usual);
    assert.equal(await suite.broker.removeEmpty(room), false);
    assert.deepEqual((await suite.broker.publish(room, someEntry(), usual)).offset, 2);
    assert.deepEqual((await suite.broker.heads([room])).get(room), {
      epoch,
      top: 2,
      first: 1,
      lives: [{ name: life, first: 1 }],
    });
  });

  test('removes a room with its messages, and refuses later publishes', async () => {
    const room = someRoom();
    const entry = someEntry();
    await suite.broker.publish(room, entry, usual);
    await suite.broker.publish(room, someEntry(), usual);
    await suite.broker.remove(room);
    await suite.broker.remove(room);
    const head = (await suite.broker.heads([room])).get(room);
    assert.deepEqual([head?.top, head?.first], [0, 1]);
    assert.deepEqual((await suite.broker.read(room, 0, { count: 9, bytes: 999 })).messages, []);
    await assert.rejects(suite.broker.publish(room, someEntry(), usual), unknown);
    await assert.rejects(suite.broker.publish(room, { ...entry }, { ...usual, retry: true }), unknown);
    const { id, author } = entry;
    await assert.rejects(suite.broker.amend(room, { author: author.id, id, data: {} }), { code: 'ROOM_MESSAGE_GONE' });
  });

  test('a consumer has nothing to save in a removed room', async () => {
    const { holds } = suite.broker;
    assert.ok(holds);
    const room = someRoom();
    const consumer = `consumer of ${room}`;
    const hold = { consumers: [consumer], maxMessages: 1000, maxBytes: 1_000_000 };
    await suite.broker.publish(room, someEntry(), { ...usual, hold });
    const claim = await holds.claim(consumer, 60_000);
    assert.ok(claim !== undefined);
    const listed = async (): Promise<boolean> => (await holds.rooms(consumer)).rooms.includes(room);
    assert.equal(await listed(), true);
    const { epoch } = (await suite.broker.heads([room])).get(room)!;
    await suite.broker.remove(room);
    assert.equal(await holds.save(consumer, claim, room, { epoch, offset: 1 }), true, 'is ignored');
    const saved = await holds.saved(consumer, claim, room);
    assert.equal(saved?.offset, 0);
    await holds.forget(consumer, room);
    assert.equal(await listed(), false);
    await holds.release(consumer, claim);
  });

  test('refuses either a removal or every concurrent publish', async () => {
    for (const round of upTo(20)) {
      const room = someRoom();
      const publishes = (count: number): Promise<boolean>[] =>
        upTo(count).map(() =>
          suite.broker.publish(room, someEntry(), usual).then(
            () => true,
            (error: { code: string }) => {
              assert.equal(error.code, 'ROOM_UNKNOWN');
              return false;
            },
          ),
        );
      const before = publishes(round % 2);
      const removing = suite.broker.removeEmpty(room);
      const after = publishes(2);
      const isRemoved = await removing;
      const stored = (await Promise.all([...before, ...after])).filter(Boolean).length;
      assert.equal(stored, isRemoved ? 0 : before.length + after.length);
      assert.equal((await suite.broker.heads([room])).get(room)?.top, stored);
    }
  });
}
