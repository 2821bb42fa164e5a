/**
 * Amendments of stored messages. Part of the shared suite of brokers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Amended, Entry, RoomMessage } from '../../../../src/rooms/stream.ts';
import { atMost, eventually, more, Recorder, someEntry, someRoom, upTo, usual } from './suite-broker.ts';
import type { Suite } from './suite-broker.ts';

/** Declares the cases. */
export function testAmendments(suite: Suite): void {
  const fill = async (room: string, count: number, historyCount = 100): Promise<Entry[]> => {
    const entries = upTo(count).map((index) => someEntry(index % 2 ? 'ann' : 'ben'));
    for (const entry of entries) await suite.broker.publish(room, entry, { ...usual, historyCount });
    return entries;
  };
  const amend = (room: string, entry: Entry | undefined, data: unknown, version?: number): Promise<Amended> =>
    suite.broker.amend(room, { id: entry?.id ?? '', author: entry?.author.id ?? '', data, version });
  const keptIn = async (room: string): Promise<readonly RoomMessage[]> =>
    (await suite.broker.read(room, 0, atMost(1000))).messages;

  test('an amendment replaces the data of a message and nothing else, and counts in versions', async () => {
    const room = someRoom();
    const entries = await fill(room, 5, 5);
    const before = await suite.broker.read(room, 0, atMost(100));
    assert.equal(before.version, undefined);
    await suite.passTime(more);
    const amended = await amend(room, entries[2], { text: 'new 你好 👋 "},"data":"' });
    const { epoch, messages } = before;
    const old = messages[2] ?? assert.fail();
    assert.ok(amended.time > old.time);
    const { time } = amended;
    assert.deepEqual(amended, { epoch, offset: 3, life: old.life, version: 1, time, repeated: false });
    const page = await suite.broker.read(room, 0, atMost(100));
    const changed = { ...old, data: { text: 'new 你好 👋 "},"data":"' }, version: 1, amended: time };
    assert.deepEqual(page.messages, [messages[0], messages[1], changed, messages[3], messages[4]]);
    assert.deepEqual([page.top, page.first, page.version], [5, 1, 1]);
    assert.deepEqual([...(await suite.broker.heads([room])).values()][0]?.version, 1);
    const second = await amend(room, entries[0], null);
    const third = await amend(room, entries[2], 'again');
    assert.deepEqual([second.version, third.version], [2, 3]);
    assert.deepEqual((await keptIn(room)).map(({ data, version = 0 }) => [data, version]).slice(0, 3), [
      [null, 2],
      [entries[1]?.data, 0],
      ['again', 3],
    ]);
    assert.ok(!JSON.stringify(await keptIn(room)).includes('new 你好'), 'the text is gone');
  });

  test('an amendment with the data that the message has changes nothing', async () => {
    const room = someRoom();
    const [entry] = await fill(room, 2);
    const same = await amend(room, entry, entry?.data);
    assert.deepEqual([same.version, same.repeated], [0, true]);
    const first = await amend(room, entry, 'new', 0);
    await suite.passTime(more);
    assert.deepEqual(await amend(room, entry, 'new', 0), { ...first, repeated: true });
    assert.equal((await suite.broker.read(room, 0, atMost(1))).version, 1);
  });

  test('refuses an amendment of another version of the message', async () => {
    const room = someRoom();
    const [entry, other] = await fill(room, 2);
    await amend(room, other, 'other', 0);
    const { version } = await amend(room, entry, 'one', 0);
    assert.equal(version, 2);
    await assert.rejects(amend(room, entry, 'lost update', 0), { name: 'RoomError', code: 'ROOM_AMEND_CONFLICT' });
    await assert.rejects(amend(room, entry, 'lost update', 1), { code: 'ROOM_AMEND_CONFLICT', retry: false });
    assert.equal((await amend(room, entry, 'two', version)).version, 3);
    assert.equal((await keptIn(room))[0]?.data, 'two');
  });

  test('concurrent amendments get different versions, and one of those with the same version wins', async () => {
    const room = someRoom();
    const entries = await fill(room, 8);
    const amended = await Promise.all(entries.map((entry, index) => amend(room, entry, index, 0)));
    assert.deepEqual(amended.map(({ version }) => version).toSorted(), upTo(8));
    const racing = upTo(5).map((index) => amend(room, entries[0], `racing ${index}`, amended[0]?.version));
    const settled = await Promise.allSettled(racing);
    assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  test('refuses to amend a message that is unknown, trimmed, or of another author', async () => {
    const room = someRoom();
    const entries = await fill(room, 6, 4);
    const gone = { name: 'RoomError', code: 'ROOM_MESSAGE_GONE', retry: false };
    await assert.rejects(amend(room, someEntry(), 1), gone);
    await assert.rejects(amend(room, entries[0], 1), gone);
    await assert.rejects(amend(room, entries[1], 1), gone);
    await assert.rejects(amend(someRoom(), entries[3], 1), gone);
    const { id } = entries[3] ?? assert.fail();
    await assert.rejects(suite.broker.amend(room, { id, author: 'someone', data: 1 }), gone);
    assert.equal((await amend(room, entries[2], 1)).offset, 3);
    assert.equal((await suite.broker.read(room, 0, atMost(1))).version, 1);
  });

  test('refuses data that JSON would lose, and stores undefined as null', async () => {
    const room = someRoom();
    const [entry] = await fill(room, 1);
    await assert.rejects(amend(room, entry, new Map([[1, 2]])), { code: 'JSON_VALUE' });
    await amend(room, entry, undefined);
    assert.equal((await keptIn(room))[0]?.data, null);
  });

  test('an amendment is no entry: it trims nothing, and a repeated publish has its first response', async () => {
    const room = someRoom();
    const entries = await fill(room, 4, 4);
    const before = await keptIn(room);
    for (const index of upTo(10)) await amend(room, entries[1], index);
    const again = await suite.broker.publish(room, entries[1] as Entry, { ...usual, historyCount: 4, retry: true });
    const { offset, life, time } = before[1] ?? assert.fail();
    const { epoch } = await suite.broker.read(room, 0, atMost(1));
    assert.deepEqual(again, { epoch, offset, life, time, repeated: true });
    assert.deepEqual(
      (await keptIn(room)).map(({ offset: at, version = 0 }) => [at, version]),
      [
        [1, 0],
        [2, 10],
        [3, 0],
        [4, 0],
      ],
    );
    // Trimming counts as before.
    await suite.broker.publish(room, someEntry(), { ...usual, historyCount: 4 });
    const page = await suite.broker.read(room, 0, atMost(100));
    assert.deepEqual([page.first, page.top, page.version], [2, 5, 10]);
  });

  test('listeners get amendments in order, with the state of the message', async () => {
    const room = someRoom();
    const recorder = new Recorder();
    const stop = await suite.broker.listen(room, recorder);
    const entries = await fill(room, 3);
    const { epoch } = await amend(room, entries[1], 'a "quoted" \n 你好');
    await amend(room, entries[0], { deep: ['b'] });
    await amend(room, entries[0], { deep: ['b'] });
    await amend(room, entries[1], 'c');
    await eventually(() => recorder.amendments.length === 3);
    assert.deepEqual(
      recorder.amendments.map((each) => [each.epoch, each.message.offset, each.message.version, each.message.data]),
      [
        [epoch, 2, 1, 'a "quoted" \n 你好'],
        [epoch, 1, 2, { deep: ['b'] }],
        [epoch, 2, 3, 'c'],
      ],
    );
    assert.deepEqual(recorder.amendments.at(-1)?.message, (await keptIn(room))[1]);
    await stop();
  });

  test('a new epoch keeps amended messages and continues their versions', async () => {
    const room = someRoom();
    const entries = await fill(room, 12, 5);
    await amend(room, entries[9], 'amended');
    await amend(room, entries[11], 'twelve');
    const old = await suite.broker.read(room, 0, atMost(100));
    await suite.broker.renewEpoch(room, old.epoch);
    const page = await suite.broker.read(room, 0, atMost(100));
    assert.deepEqual([page.top, page.version], [5, 2]);
    assert.deepEqual(
      page.messages.map(({ data, version = 0, amended }) => [data, version, amended]),
      old.messages.map(({ data, version = 0, amended }) => [data, version, amended]),
    );
    const next = await amend(room, entries[9], 'once more', 1);
    assert.deepEqual([next.epoch, next.offset, next.version], [page.epoch, 3, 3]);
  });
}
