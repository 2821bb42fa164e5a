/**
 * Presence by leases. Part of the shared suite of brokers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brief, lease, long, more, peopleIn, person, someRoom, upTo } from './suite-broker.ts';
import type { Suite } from './suite-broker.ts';

/** Declares the cases. */
export function testPresence(suite: Suite): void {
  test('reports an enter with the first connection and a leave with the last', async () => {
    const room = someRoom();
    const { presence } = suite.broker;
    assert.deepEqual(await peopleIn(suite.broker, room), []);
    assert.equal(await presence.enter(lease(room, 'ann', 'a1'), long), true);
    assert.equal(await presence.enter(lease(room, 'ann', 'a2'), long), false);
    assert.equal(await presence.enter(lease(room, 'ann', 'a1'), long), false);
    assert.equal(await presence.enter(lease(room, 'bob', 'b1'), long), true);
    assert.equal(await presence.enter(lease(someRoom(), 'bob', 'b1'), long), true);
    assert.deepEqual(await presence.list(room), [person('ann'), person('bob')]);
    assert.equal(await presence.leave(lease(room, 'ann', 'a1')), false);
    assert.equal(await presence.leave(lease(room, 'ann', 'a1')), false);
    assert.equal(await presence.leave(lease(room, 'nobody', 'n1')), false);
    assert.equal(await presence.leave(lease(someRoom(), 'ann', 'a2')), false);
    assert.deepEqual(await peopleIn(suite.broker, room), ['ann', 'bob']);
    assert.equal(await presence.leave(lease(room, 'ann', 'a2')), true);
    assert.equal(await presence.leave(lease(room, 'ann', 'a2')), false);
    assert.deepEqual(await peopleIn(suite.broker, room), ['bob']);
    assert.equal(await presence.enter(lease(room, 'ann', 'a3'), long), true);
    assert.deepEqual(await peopleIn(suite.broker, room), ['bob', 'ann']);
  });

  test('reports one enter and one leave for concurrent connections', async () => {
    const room = someRoom();
    const leases = upTo(20).map((number) => lease(room, 'ann', `a${number}`));
    const entered = await Promise.all(leases.map((each) => suite.broker.presence.enter(each, long)));
    assert.equal(entered.filter(Boolean).length, 1);
    const left = await Promise.all(leases.map((each) => suite.broker.presence.leave(each)));
    assert.equal(left.filter(Boolean).length, 1);
    assert.deepEqual(await peopleIn(suite.broker, room), []);
  });

  test('lists people with their latest name and nothing else', async () => {
    const room = someRoom();
    const old = { ...lease(room, 'ann', 'a1'), person: { ...person('ann'), passwordHash: 'not for others' } };
    await suite.broker.presence.enter(old, long);
    assert.deepEqual(await suite.broker.presence.list(room), [person('ann')]);
    await suite.broker.presence.enter({ ...lease(room, 'ann', 'a2'), person: { id: 'ann', name: '安' } }, long);
    assert.deepEqual(await suite.broker.presence.list(room), [{ id: 'ann', name: '安' }]);
  });

  test('reports a person with an expired lease to one sweep only', async () => {
    const room = someRoom();
    const { presence } = suite.broker;
    await presence.enter(lease(room, 'stays', 's1'), long);
    for (const each of upTo(5)) await presence.enter(lease(room, `p${each}`, 'c1'), brief);
    await presence.enter(lease(room, 'p1', 'c2'), brief);
    await suite.passTime(more);
    assert.deepEqual(await peopleIn(suite.broker, room), ['stays']);
    const swept = (await Promise.all(upTo(5).map(() => presence.sweep(room)))).flat();
    assert.deepEqual(swept.map(({ id }) => id).toSorted(), ['p1', 'p2', 'p3', 'p4', 'p5']);
    assert.deepEqual(
      swept.find(({ id }) => id === 'p1'),
      person('p1'),
    );
    assert.deepEqual(await presence.sweep(room), []);
    assert.equal(await presence.leave(lease(room, 'p1', 'c1')), false);
    assert.deepEqual(await peopleIn(suite.broker, room), ['stays']);
    assert.deepEqual(await presence.sweep(someRoom()), []);
  });

  test('keeps a person with another valid lease', async () => {
    const room = someRoom();
    const { presence } = suite.broker;
    await presence.enter(lease(room, 'ann', 'a1'), long);
    await presence.enter(lease(room, 'ann', 'a2'), brief);
    await suite.passTime(more);
    assert.deepEqual(await presence.sweep(room), []);
    assert.deepEqual(await peopleIn(suite.broker, room), ['ann']);
    assert.equal(await presence.leave(lease(room, 'ann', 'a1')), true);
    assert.deepEqual(await presence.sweep(room), []);
    assert.deepEqual(await peopleIn(suite.broker, room), []);
  });

  test('reports one leave if the other leases have expired', async () => {
    const room = someRoom();
    const { presence } = suite.broker;
    await presence.enter(lease(room, 'ann', 'a1'), brief);
    await presence.enter(lease(room, 'ann', 'a2'), brief);
    await suite.passTime(more);
    const left = [await presence.leave(lease(room, 'ann', 'a1')), await presence.leave(lease(room, 'ann', 'a2'))];
    const swept = await presence.sweep(room);
    assert.equal(left.filter(Boolean).length + swept.length, 1);
  });

  test('reports an enter after the lease expired, and lists the person last', async () => {
    const room = someRoom();
    const { presence } = suite.broker;
    await presence.enter(lease(room, 'ann', 'a1'), brief);
    await presence.enter(lease(room, 'bob', 'b1'), long);
    await suite.passTime(more);
    assert.equal(await presence.enter(lease(room, 'ann', 'a2'), long), true);
    assert.deepEqual(await presence.sweep(room), []);
    assert.deepEqual(await peopleIn(suite.broker, room), ['bob', 'ann']);
  });

  test('extends a renewed lease, and creates an expired one again', async () => {
    const [room, other] = [someRoom(), someRoom()];
    const { presence } = suite.broker;
    const leases = [lease(room, 'ann', 'a1'), lease(room, 'bob', 'b1'), lease(other, 'ann', 'a1')];
    for (const each of leases) await presence.enter(each, brief);
    await suite.passTime(more);
    assert.equal((await presence.sweep(other)).length, 1);
    await presence.renew(leases, long);
    await presence.renew([], long);
    assert.deepEqual(
      [await peopleIn(suite.broker, room), await peopleIn(suite.broker, other)],
      [['ann', 'bob'], ['ann']],
    );
    assert.deepEqual([await presence.sweep(room), await presence.sweep(other)], [[], []]);
    assert.equal(await presence.enter(lease(room, 'ann', 'a2'), long), false);
    await presence.renew(leases, brief);
    await suite.passTime(more);
    assert.deepEqual([await peopleIn(suite.broker, room), await peopleIn(suite.broker, other)], [['ann'], []]);
  });

  test('renews many leases at once', async () => {
    const room = someRoom();
    const leases = upTo(1500).map((number) => lease(room, `p${number}`, `c${number}`));
    await suite.broker.presence.renew(leases, long);
    assert.deepEqual(
      await peopleIn(suite.broker, room),
      leases.map(({ person: { id } }) => id),
    );
  });
}
