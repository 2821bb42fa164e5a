/**
 * Consumers that hold the history. Part of the shared suite of brokers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hold, Holds } from '../../../../src/rooms/broker.ts';
import { lifeAt } from '../../../../src/rooms/lives.ts';
import type { Entry, Position, Published } from '../../../../src/rooms/stream.ts';
import { atMost, keptIn, long, more, someEntry, someRoom, upTo, usual } from './suite-broker.ts';
import type { Suite } from './suite-broker.ts';

let consumers = 0;
const tooFast = { name: 'RoomError', code: 'ROOM_TOO_FAST', retry: true, retryAfterMs: 1000 };

const someHold = (changes: Partial<Hold> = {}): Hold => ({
  consumers: [`archive-${++consumers}`],
  maxMessages: 20,
  maxBytes: 1024 * 1024,
  ...changes,
});
const first = ({ consumers: [consumer = ''] }: Hold): string => consumer;
const big = (): Entry => someEntry('ann', 'é'.repeat(600));

/** Declares the cases. */
export function testHolds(suite: Suite): void {
  const holdsOf = (): Holds => suite.broker.holds ?? assert.fail();
  const publish = (room: string, hold: Hold, entry: Entry = someEntry(), historyCount = 5): Promise<Published> =>
    suite.broker.publish(room, entry, { ...usual, historyCount, hold });
  const claim = async (consumer: string): Promise<number> =>
    (await holdsOf().claim(consumer, long)) ?? assert.fail('another has the consumer');
  const at = async (room: string, offset: number): Promise<Position> => {
    const { epoch, lives, version } = await suite.broker.read(room, 0, atMost(1));
    return { epoch, offset, life: lifeAt(lives, offset), ...(version === undefined ? {} : { version }) };
  };
  const roomsOf = async (consumer: string): Promise<string[]> => {
    const rooms: string[] = [];
    let from: string | undefined;
    do {
      const page = await holdsOf().rooms(consumer, from);
      rooms.push(...page.rooms);
      from = page.next;
    } while (from !== undefined);
    return rooms.toSorted();
  };

  test('a room is not trimmed past the position of a consumer, and is trimmed after a save', async () => {
    const [room, hold] = [someRoom(), someHold()];
    const number = await claim(first(hold));
    for (const _ of upTo(12)) await publish(room, hold);
    assert.deepEqual(await keptIn(suite.broker, room), upTo(12));
    assert.equal((await suite.broker.heads([room])).get(room)?.first, 1);
    assert.equal(await holdsOf().save(first(hold), number, room, await at(room, 9)), true);
    assert.equal((await holdsOf().saved(first(hold), number, room))?.offset, 9);
    await publish(room, hold);
    assert.deepEqual(await keptIn(suite.broker, room), [9, 10, 11, 12, 13]);
    assert.equal(await holdsOf().save(first(hold), number, room, await at(room, 11)), true);
    for (const _ of upTo(3)) await publish(room, hold);
    assert.deepEqual(await keptIn(suite.broker, room), [12, 13, 14, 15, 16]);
  });

  test('a room without a saved position is held from its oldest kept message', async () => {
    const [room, hold] = [someRoom(), someHold()];
    for (const _ of upTo(8)) await suite.broker.publish(room, someEntry(), { ...usual, historyCount: 5 });
    const number = await claim(first(hold));
    assert.deepEqual(await roomsOf(first(hold)), []);
    for (const _ of upTo(3)) await publish(room, hold);
    assert.deepEqual(await keptIn(suite.broker, room), [4, 5, 6, 7, 8, 9, 10, 11]);
    assert.equal((await holdsOf().saved(first(hold), number, room))?.offset, 3);
    assert.deepEqual(await roomsOf(first(hold)), [room]);
  });

  test('publishes that are too many messages ahead are refused until a save, and repeats are not', async () => {
    const [room, hold] = [someRoom(), someHold()];
    const number = await claim(first(hold));
    const entries = upTo(23).map(() => someEntry());
    const results = await Promise.allSettled(entries.map((entry) => publish(room, hold, entry)));
    assert.deepEqual(
      results.map(({ status }) => status),
      [...upTo(20).map(() => 'fulfilled'), ...upTo(3).map(() => 'rejected')],
    );
    await assert.rejects(publish(room, hold, entries[20]), tooFast);
    assert.deepEqual(await keptIn(suite.broker, room), upTo(20));
    assert.equal((await publish(room, hold, entries[0])).repeated, true);
    await holdsOf().save(first(hold), number, room, await at(room, 1));
    assert.equal((await publish(room, hold, entries[20])).offset, 21);
    await assert.rejects(publish(room, hold, entries[21]), tooFast);
    await holdsOf().save(first(hold), number, room, await at(room, 21));
    assert.equal((await publish(room, hold, entries[21])).offset, 22);
  });

  test('amendments before each publish, which hold all kept messages, do not let a room grow', async () => {
    const [room, hold] = [someRoom(), someHold()];
    const number = await claim(first(hold));
    const save = async (top: number): Promise<boolean> =>
      holdsOf().save(first(hold), number, room, await at(room, top));
    const entry = someEntry();
    await publish(room, hold, entry);
    for (const top of upTo(24)) {
      await save(top);
      await suite.broker.amend(room, { author: entry.author.id, id: entry.id, data: top }, hold);
      await publish(room, hold);
    }
    assert.deepEqual(await keptIn(suite.broker, room), upTo(25));
    await save(25);
    await suite.broker.amend(room, { author: entry.author.id, id: entry.id, data: 'last' }, hold);
    await assert.rejects(publish(room, hold), tooFast);
    await save(25);
    assert.equal((await publish(room, hold)).offset, 26);
    assert.deepEqual(await keptIn(suite.broker, room), [22, 23, 24, 25, 26]);
  });

  test('publishes that are too many bytes ahead are refused, but one message is always possible', async () => {
    const [room, hold] = [someRoom(), someHold({ maxBytes: 3000 })];
    const number = await claim(first(hold));
    assert.equal((await publish(room, hold, someEntry('ann', 'x'.repeat(9000)))).offset, 1);
    await assert.rejects(publish(room, hold, big()), tooFast);
    await holdsOf().save(first(hold), number, room, await at(room, 1));
    await publish(room, hold, big());
    await publish(room, hold, big());
    await assert.rejects(publish(room, hold, big()), tooFast);
    await holdsOf().save(first(hold), number, room, await at(room, 2));
    await publish(room, hold, big());
    await assert.rejects(publish(room, hold, big()), tooFast);
  });

  test('the consumer that saved least holds the room', async () => {
    const room = someRoom();
    const hold = someHold({ consumers: [`a-${++consumers}`, `b-${++consumers}`] });
    const [one = '', other = ''] = hold.consumers;
    const [oneNumber, otherNumber] = [await claim(one), await claim(other)];
    for (const _ of upTo(10)) await publish(room, hold);
    await holdsOf().save(one, oneNumber, room, await at(room, 10));
    await publish(room, hold);
    assert.deepEqual(await keptIn(suite.broker, room), upTo(11));
    await holdsOf().save(other, otherNumber, room, await at(room, 4));
    await publish(room, hold);
    assert.deepEqual(await keptIn(suite.broker, room), [5, 6, 7, 8, 9, 10, 11, 12]);
    assert.deepEqual([await roomsOf(one), await roomsOf(other)], [[room], [room]]);
  });

  test('a saved position never goes back, and one that is not part of the stream is not saved', async () => {
    const [room, hold] = [someRoom(), someHold()];
    const number = await claim(first(hold));
    for (const _ of upTo(10)) await publish(room, hold);
    const saved = async (): Promise<number | undefined> => (await holdsOf().saved(first(hold), number, room))?.offset;
    const save = (position: Position): Promise<boolean> => holdsOf().save(first(hold), number, room, position);
    await save(await at(room, 6));
    await save(await at(room, 3));
    assert.equal(await saved(), 6);
    const position = await at(room, 8);
    for (const wrong of [{ epoch: 'other' }, { offset: 99 }, { life: 'other' }, { version: 5 }]) {
      assert.equal(await save({ ...position, ...wrong }), true);
      assert.equal(await saved(), 6);
    }
    await save(position);
    assert.equal(await saved(), 8);
  });

  test('one server at a time has a consumer, and an older claim saves nothing', async () => {
    const [room, hold] = [someRoom(), someHold()];
    const consumer = first(hold);
    const holds = holdsOf();
    for (const _ of upTo(3)) await publish(room, hold);
    const old = (await holds.claim(consumer, 1)) ?? assert.fail();
    await suite.passTime(more);
    const newer = await claim(consumer);
    assert.ok(newer > old);
    assert.equal(await holds.claim(consumer, long), undefined);
    assert.equal(await holds.renew(consumer, old, long), false);
    assert.equal((await holds.saved(consumer, newer, room))?.offset, 0);
    assert.equal(await holds.saved(consumer, old, room), undefined);
    assert.equal(await holds.save(consumer, old, room, await at(room, 3)), false);
    assert.equal((await holds.saved(consumer, newer, room))?.offset, 0);
    assert.equal(await holds.renew(consumer, newer, long), true);
    await holds.release(consumer, old);
    assert.equal(await holds.claim(consumer, long), undefined);
    await holds.release(consumer, newer);
    assert.ok((await claim(consumer)) > newer);
  });

  test('a room is listed while something is not saved', async () => {
    const hold = someHold();
    const consumer = first(hold);
    const number = await claim(consumer);
    const rooms = [someRoom(), someRoom(), someRoom()].toSorted();
    for (const room of rooms) await publish(room, hold);
    assert.deepEqual(await roomsOf(consumer), rooms);
    for (const room of rooms) await holdsOf().forget(consumer, room);
    assert.deepEqual(await roomsOf(consumer), rooms);
    const [done = ''] = rooms;
    for (const turn of upTo(3)) {
      await holdsOf().save(consumer, number, done, await at(done, turn));
      await holdsOf().forget(consumer, done);
      assert.deepEqual(await roomsOf(consumer), rooms.slice(1));
      await publish(done, hold);
      assert.deepEqual(await roomsOf(consumer), rooms);
    }
  });

  test('a room is listed whatever happens between publishes, saves and removals from the list', async () => {
    const [room, hold] = [someRoom(), someHold()];
    const consumer = first(hold);
    const number = await claim(consumer);
    let acknowledged = 0;
    const progress = { isOver: false };
    const publishing = (async () => {
      for (const _ of upTo(200)) {
        await publish(room, hold).then(
          ({ offset }) => (acknowledged = offset),
          (error: unknown) => assert.equal((error as { code?: string }).code, 'ROOM_TOO_FAST'),
        );
      }
      progress.isOver = true;
    })();
    let seen = 0;
    while (!progress.isOver || seen < acknowledged) {
      const isEnd = progress.isOver;
      const listed = await roomsOf(consumer);
      if (isEnd && seen < acknowledged) assert.deepEqual(listed, [room]);
      const page = await suite.broker.read(room, seen, atMost(3));
      if (page.messages.length > 0) {
        assert.equal(page.messages[0]?.offset, seen + 1);
        seen = page.messages.at(-1)?.offset ?? 0;
        await holdsOf().save(consumer, number, room, await at(room, seen));
      }
      await holdsOf().forget(consumer, room);
    }
    await publishing;
    assert.equal(seen, acknowledged);
    assert.ok(seen > 20);
  });

  test('an amendment is held until its version is saved', async () => {
    const [room, hold] = [someRoom(), someHold()];
    const consumer = first(hold);
    const number = await claim(consumer);
    const entries = upTo(6).map(() => someEntry());
    for (const entry of entries) await publish(room, hold, entry);
    await holdsOf().save(consumer, number, room, await at(room, 6));
    await holdsOf().forget(consumer, room);
    assert.deepEqual(await roomsOf(consumer), []);
    await publish(room, hold);
    await holdsOf().save(consumer, number, room, await at(room, 7));
    await holdsOf().forget(consumer, room);
    const amended = entries[3] ?? assert.fail();
    const change = { id: amended.id, author: amended.author.id, data: 'changed' };
    assert.equal((await suite.broker.amend(room, change, hold)).version, 1);
    assert.deepEqual(await roomsOf(consumer), [room]);
    for (const _ of upTo(8)) await publish(room, hold);
    assert.deepEqual((await keptIn(suite.broker, room)).slice(0, 2), [3, 4]);
    await holdsOf().save(consumer, number, room, { ...(await at(room, 15)), version: 0 });
    await holdsOf().forget(consumer, room);
    assert.deepEqual(await roomsOf(consumer), [room]);
    await holdsOf().save(consumer, number, room, await at(room, 15));
    const { offset, version } = (await holdsOf().saved(consumer, number, room)) ?? assert.fail();
    assert.deepEqual([offset, version], [15, 1]);
    await publish(room, hold);
    assert.deepEqual(await keptIn(suite.broker, room), [12, 13, 14, 15, 16]);
  });

  test('a new epoch moves saved positions, and amendments come again', async () => {
    const [room, hold] = [someRoom(), someHold()];
    const consumer = first(hold);
    const number = await claim(consumer);
    const entries = upTo(10).map(() => someEntry());
    for (const entry of entries) await publish(room, hold, entry);
    const amended = entries[7] ?? assert.fail();
    await suite.broker.amend(room, { id: amended.id, author: amended.author.id, data: 'changed' }, hold);
    await holdsOf().save(consumer, number, room, await at(room, 8));
    await publish(room, hold);
    assert.deepEqual(await keptIn(suite.broker, room), [7, 8, 9, 10, 11]);
    await suite.broker.renewEpoch(room, (await at(room, 0)).epoch);
    const { epoch } = await at(room, 0);
    assert.deepEqual(await holdsOf().saved(consumer, number, room), { epoch, offset: 2, version: 0 });
    await publish(room, hold);
    assert.deepEqual(await keptIn(suite.broker, room), upTo(6));
    assert.deepEqual(await roomsOf(consumer), [room]);
  });
}
