/**
 * Read positions. Part of the shared suite of brokers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atMost, someEntry, someRoom, upTo, usual } from './suite-broker.ts';
import type { Suite } from './suite-broker.ts';

/** Declares the cases. */
export function testCursors(suite: Suite): void {
  test('moves cursors forwards only, for each person and room', async () => {
    const [room, other, third] = [someRoom(), someRoom(), someRoom()];
    const { epoch } = await suite.broker.publish(room, someEntry(), usual);
    const { epoch: otherEpoch } = await suite.broker.publish(other, someEntry(), usual);
    assert.deepEqual(await suite.broker.cursors.getAll('ann', [room, other]), new Map());
    assert.deepEqual(await suite.broker.cursors.getAll('ann', []), new Map());
    assert.deepEqual(await suite.broker.cursors.advance(room, 'ann', { epoch, offset: 5 }), { epoch, offset: 5 });
    assert.deepEqual(await suite.broker.cursors.advance(room, 'ann', { epoch, offset: 3 }), { epoch, offset: 5 });
    assert.deepEqual(await suite.broker.cursors.advance(room, 'ann', { epoch, offset: 7 }), { epoch, offset: 7 });
    await suite.broker.cursors.advance(other, 'ann', { epoch: otherEpoch, offset: 0 });
    await suite.broker.cursors.advance(room, 'bob', { epoch, offset: 1 });
    assert.deepEqual(
      await suite.broker.cursors.getAll('ann', [third, other, room]),
      new Map([
        [other, { epoch: otherEpoch, offset: 0 }],
        [room, { epoch, offset: 7 }],
      ]),
    );
    await suite.broker.cursors.delete(room, 'ann');
    await suite.broker.cursors.delete(third, 'nobody');
    assert.deepEqual([...(await suite.broker.cursors.getAll('ann', [room, other])).keys()], [other]);
    assert.equal((await suite.broker.cursors.getAll('bob', [room])).get(room)?.offset, 1);
  });

  test('ends at the furthest position after concurrent moves', async () => {
    const room = someRoom();
    const { epoch } = await suite.broker.read(room, 0, atMost(1));
    const offsets = upTo(40).map((number) => (number * 17) % 41);
    await Promise.all(offsets.map((offset) => suite.broker.cursors.advance(room, 'ann', { epoch, offset })));
    assert.equal((await suite.broker.cursors.getAll('ann', [room])).get(room)?.offset, 40);
  });

  test('moves no cursor to a message of another life', async () => {
    const room = someRoom();
    const { epoch, life } = await suite.broker.publish(room, someEntry(), usual);
    await suite.broker.publish(room, someEntry(), usual);
    const { cursors } = suite.broker;
    assert.equal(await cursors.advance(room, 'ann', { epoch, offset: 1, life: 'lost' }), undefined);
    assert.deepEqual(await cursors.getAll('ann', [room]), new Map());
    assert.deepEqual(await cursors.advance(room, 'ann', { epoch, offset: 1, life }), { epoch, offset: 1 });
    assert.deepEqual(await cursors.advance(room, 'ann', { epoch, offset: 2, life: 'lost' }), { epoch, offset: 1 });
    assert.deepEqual(await cursors.advance(room, 'ben', { epoch, offset: 0, life: '' }), { epoch, offset: 0 });
  });
}
