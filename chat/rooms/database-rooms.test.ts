import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { MemoryAttempts } from '../store/memory-attempts.ts';
import { createStore, type ChatStore } from '../store/store.ts';
import { RoomRows } from '../test/support/room-rows.ts';
import { describeDatabases } from '../test/support/databases.ts';
import { someAccount, someRoom, unbounded } from '../test/support/some-data.ts';
import type { ChatRoom } from './room.ts';

describeDatabases('rooms', (openDatabase) => {
  const open = async (t: TestContext): Promise<ChatStore & { readonly rows: RoomRows }> => {
    const database = await openDatabase(t);
    return { ...createStore(database, new MemoryAttempts()), rows: new RoomRows(database) };
  };
  const now = Date.now();

  test('stores a room with its maker as a member', async (t) => {
    const store = await open(t);
    const maker = someAccount();
    const room = someRoom(maker.id);
    await store.accounts.add(maker);
    assert.equal(await store.rooms.add(room, unbounded), 'added');
    assert.deepEqual(await store.rows.list(), [room.id]);
    assert.equal(await store.rows.isMember(room.id, maker.id), true);
  });

  test('stores exactly one of two rooms with the same name that are added concurrently', async (t) => {
    const store = await open(t);
    const [ann, bob] = [someAccount(), someAccount()];
    await store.accounts.add(ann);
    await store.accounts.add(bob);
    const one = someRoom(ann.id);
    const other = { ...someRoom(bob.id), nameKey: one.nameKey };
    const added = await Promise.all([store.rooms.add(one, unbounded), store.rooms.add(other, unbounded)]);
    assert.deepEqual(added.toSorted(), ['added', 'nameTaken']);
    const [kept, refused] = added[0] === 'added' ? [one, other] : [other, one];
    assert.equal(await store.rows.has(refused.id), false);
    assert.equal(await store.rows.isMember(kept.id, kept.madeBy), true);
    assert.equal(await store.rows.isMember(refused.id, refused.madeBy), false);
  });

  test('joining and leaving report whether anything changed', async (t) => {
    const store = await open(t);
    const [maker, guest] = [someAccount(), someAccount()];
    await store.accounts.add(maker);
    await store.accounts.add(guest);
    const room = someRoom(maker.id);
    await store.rooms.add(room, unbounded);
    assert.equal(await store.rows.isMember(room.id, guest.id), false);
    assert.equal(await store.rows.join(room.id, guest.id), 'joined');
    assert.equal(await store.rows.join(room.id, guest.id), 'alreadyIn');
    assert.equal(await store.rows.join('nowhere', guest.id), 'unknown');
    assert.equal(await store.rows.isMember(room.id, guest.id), true);
    assert.equal(await store.rows.leave(room.id, guest.id), true);
    assert.equal(await store.rows.leave(room.id, guest.id), false);
    assert.equal(await store.rows.isMember(room.id, guest.id), false);
    assert.equal(await store.rows.isMember(room.id, maker.id), true);
  });

  test('limits rooms per person since a time and in total, in one step with adding', async (t) => {
    const store = await open(t);
    const [ann, bob] = [someAccount(), someAccount()];
    await store.accounts.add(ann);
    await store.accounts.add(bob);
    const bounds = { ...unbounded, maxOfPerson: 3, since: now - 1000 };
    assert.equal(await store.rooms.add(someRoom(ann.id, now - 1000), bounds), 'added');
    const added = await Promise.all(
      Array.from({ length: 6 }, () => store.rooms.add(someRoom(ann.id, now - 999), bounds)),
    );
    assert.deepEqual(added.toSorted(), [
      'added',
      'added',
      'added',
      'tooManyOfPerson',
      'tooManyOfPerson',
      'tooManyOfPerson',
    ]);
    assert.equal(await store.rooms.add(someRoom(bob.id, now), bounds), 'added');
    assert.equal(await store.rooms.add(someRoom(ann.id, now), { ...bounds, since: now - 999 }), 'added');
    const count = (await store.rows.list()).length;
    assert.equal(await store.rooms.add(someRoom(bob.id, now), { ...unbounded, most: count }), 'tooMany');
    assert.equal(await store.rooms.add(someRoom(bob.id, now), { ...unbounded, most: count + 1 }), 'added');
  });

  test('a room is unjoined until another person joins it or it is kept, and never again', async (t) => {
    const store = await open(t);
    const [maker, guest] = [someAccount(), someAccount()];
    await store.accounts.add(maker);
    await store.accounts.add(guest);
    const rooms = Array.from({ length: 5 }, (_, index) => ({ ...someRoom(maker.id), madeAt: -100 + index }));
    const [alone, joined, kept, young] = rooms as [ChatRoom, ChatRoom, ChatRoom, ChatRoom];
    for (const room of rooms) await store.rooms.add(room, unbounded);
    const unjoined = async (before: number, most: number): Promise<string[]> =>
      (await store.rooms.unjoined(before, most)).map(({ id }) => id);
    await store.rows.leave(alone.id, maker.id);
    await store.rows.join(alone.id, maker.id);
    await store.rows.join(joined.id, guest.id);
    await store.rows.leave(joined.id, guest.id);
    await store.rooms.keep(kept.id);
    assert.deepEqual(await unjoined(-96, 10), [alone.id, young.id]);
    assert.deepEqual(await unjoined(-97, 10), [alone.id]);
    assert.deepEqual(await unjoined(-95, 1), [alone.id]);
    const [oldest] = await store.rooms.unjoined(-95, 1);
    assert.deepEqual([oldest?.name, oldest?.nameKey, oldest?.madeBy], [alone.name, alone.nameKey, alone.madeBy]);
    assert.equal(await store.rooms.hide(joined.id), false);
    assert.equal(await store.rooms.hide(kept.id), false);
    assert.equal(await store.rooms.hide('nowhere'), false);
    for (const room of rooms) await store.rooms.keep(room.id);
    assert.deepEqual(await unjoined(-95, 10), []);
  });

  test('a hidden room cannot be found or joined, and is removed with its name or shown again', async (t) => {
    const store = await open(t);
    const [maker, guest] = [someAccount(), someAccount()];
    await store.accounts.add(maker);
    await store.accounts.add(guest);
    const [gone, stays] = [
      { ...someRoom(maker.id), madeAt: -10 },
      { ...someRoom(maker.id), madeAt: -9 },
    ];
    for (const room of [gone, stays]) {
      await store.rooms.add(room, unbounded);
      assert.equal(await store.rooms.remove(room), false, 'a room that is not hidden cannot be removed');
      assert.equal(await store.rooms.hide(room.id), true);
      assert.equal(await store.rooms.hide(room.id), true, 'hiding a hidden room succeeds');
      assert.equal(await store.rows.has(room.id), false);
      assert.equal(await store.rows.join(room.id, guest.id), 'unknown');
      assert.equal(await store.rows.isMember(room.id, guest.id), false);
    }
    const unjoined = await store.rooms.unjoined(0, 10);
    assert.deepEqual(
      unjoined.map(({ id }) => id),
      [gone.id, stays.id],
      'hidden rooms stay in the list, so that another server can remove them',
    );
    assert.deepEqual(await store.rows.list(), []);
    const again = { ...someRoom(guest.id), nameKey: gone.nameKey };
    assert.equal(await store.rooms.add(again, unbounded), 'nameTaken');

    await store.rooms.keep(stays.id);
    assert.equal(await store.rows.has(stays.id), true);
    assert.equal(await store.rows.isMember(stays.id, maker.id), true);
    const removed = await Promise.all([store.rooms.remove(gone), store.rooms.remove(gone)]);
    assert.deepEqual(removed.toSorted(), [false, true]);
    assert.equal(await store.rows.isMember(gone.id, maker.id), false);
    assert.deepEqual(await store.rooms.unjoined(0, 10), []);
    assert.equal(await store.rooms.add(again, unbounded), 'added');
    assert.equal(await store.rooms.remove(stays), false);
  });

  test('exactly one of a concurrent hide and join succeeds', async (t) => {
    const store = await open(t);
    const [maker, guest] = [someAccount(), someAccount()];
    await store.accounts.add(maker);
    await store.accounts.add(guest);
    for (let round = 0; round < 20; round++) {
      const room = someRoom(maker.id);
      await store.rooms.add(room, unbounded);
      const both = [() => store.rooms.hide(room.id), () => store.rows.join(room.id, guest.id)];
      if (round % 2) both.reverse();
      const results = await Promise.all(both.map((each) => each()));
      const isHidden = results.includes(true);
      assert.equal(results.includes('joined'), !isHidden);
      assert.equal(results.includes('unknown'), isHidden);
      assert.equal(await store.rows.isMember(room.id, guest.id), !isHidden);
      await store.rooms.keep(room.id);
    }
  });
});
