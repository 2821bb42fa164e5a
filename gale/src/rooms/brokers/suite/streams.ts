/**
 * Streams: epochs, offsets, trimming, pages. Part of the shared suite of brokers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, keptIn, person, Recorder, someEntry, someRoom, upTo, usual } from './support.ts';
import type { Suite } from './support.ts';

/** Declares the cases. */
export function testStreams(suite: Suite): void {
  test('a room nobody wrote to has an epoch that stays, also when somebody writes', async () => {
    const room = someRoom();
    const page = await suite.broker.read(room, 0, 10);
    assert.deepEqual({ ...page, epoch: '' }, { epoch: '', top: 0, first: 1, messages: [] });
    assert.match(page.epoch, /^[\w-]{8,}$/);
    assert.deepEqual(await suite.broker.read(room, 5, 10), page);
    const published = await suite.broker.publish(room, someEntry(), usual);
    assert.deepEqual([published.epoch, published.offset, published.repeated], [page.epoch, 1, false]);
    assert.notEqual((await suite.broker.read(someRoom(), 0, 10)).epoch, page.epoch);
  });

  test('what was published is read as it was then', async () => {
    const room = someRoom();
    const author = { ...person('李雷'), passwordHash: 'not for others' };
    const data = { text: '你好 👋\u0000\n"\\', deep: [1, null, { a: [] }], empty: '' };
    const entry = { id: 'a-1', author, data };
    const publishing = suite.broker.publish(room, entry, usual);
    data.text = 'changed after the call';
    const { offset, time } = await publishing;
    const [message] = (await suite.broker.read(room, 0, 10)).messages;
    assert.deepEqual(message, {
      offset,
      id: 'a-1',
      author: { id: '李雷', name: '李雷' },
      time,
      data: { text: '你好 👋\u0000\n"\\', deep: [1, null, { a: [] }], empty: '' },
    });
  });

  test('what cannot be stored is refused and takes no offset', async () => {
    const room = someRoom();
    await assert.rejects(suite.broker.publish(room, someEntry('ann', 1n), usual), TypeError);
    assert.equal((await suite.broker.publish(room, someEntry(), usual)).offset, 1);
  });

  test('offsets have no hole and no twin under many publishers at once', async () => {
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

  test('one who publishes without waiting is stored in the order of the calls', async () => {
    const room = someRoom();
    const published = await Promise.all(upTo(50).map(() => suite.broker.publish(room, someEntry(), usual)));
    assert.deepEqual(
      published.map(({ offset }) => offset),
      upTo(50),
    );
  });

  test('a room keeps exactly its newest 100', async () => {
    const room = someRoom();
    await Promise.all(upTo(99).map(() => suite.broker.publish(room, someEntry(), usual)));
    assert.deepEqual(await keptIn(suite.broker, room), upTo(99));
    await suite.broker.publish(room, someEntry(), usual);
    assert.deepEqual(await keptIn(suite.broker, room), upTo(100));
    await suite.broker.publish(room, someEntry(), usual);
    assert.deepEqual(await keptIn(suite.broker, room), upTo(101, 2));
    await Promise.all(upTo(149).map(() => suite.broker.publish(room, someEntry(), usual)));
    const page = await suite.broker.read(room, 0, 1000);
    assert.deepEqual([page.top, page.first], [250, 151]);
    assert.deepEqual(await keptIn(suite.broker, room), upTo(250, 151));
    await suite.broker.publish(room, someEntry(), { ...usual, historyCount: 3 });
    assert.deepEqual(await keptIn(suite.broker, room), [249, 250, 251]);
    await suite.broker.publish(room, someEntry(), { ...usual, historyCount: 1 });
    assert.deepEqual(await keptIn(suite.broker, room), [252]);
  });

  test('pages lead through a stream', async () => {
    const room = someRoom();
    await Promise.all(upTo(25).map(() => suite.broker.publish(room, someEntry(), { ...usual, historyCount: 20 })));
    const page = async (after: number, limit: number): Promise<unknown[]> => {
      const { top, first, messages } = await suite.broker.read(room, after, limit);
      return [top, first, messages.map(({ offset }) => offset)];
    };
    assert.deepEqual(await page(0, 3), [25, 6, [6, 7, 8]]);
    assert.deepEqual(await page(8, 10), [25, 6, upTo(18, 9)]);
    assert.deepEqual(await page(18, 10), [25, 6, upTo(25, 19)]);
    assert.deepEqual(await page(24, 10), [25, 6, [25]]);
    assert.deepEqual(await page(25, 10), [25, 6, []]);
    assert.deepEqual(await page(1000, 10), [25, 6, []]);
  });

  test('renewEpoch gives an empty stream once, and listeners are made to look', async () => {
    const room = someRoom();
    const recorder = new Recorder();
    const stop = await suite.broker.listen(room, recorder);
    const entry = someEntry();
    const { epoch: old } = await suite.broker.publish(room, entry, usual);
    await Promise.all([suite.broker.renewEpoch(room, old), suite.broker.renewEpoch(room, old)]);
    const page = await suite.broker.read(room, 0, 10);
    assert.notEqual(page.epoch, old);
    assert.deepEqual([page.top, page.first, page.messages], [0, 1, []]);
    await suite.broker.renewEpoch(room, old);
    await suite.broker.renewEpoch(room, 'never was');
    assert.equal((await suite.broker.read(room, 0, 10)).epoch, page.epoch);
    await eventually(() => recorder.doubts >= 1);
    const again = await suite.broker.publish(room, entry, usual);
    assert.deepEqual([again.epoch, again.offset, again.repeated], [page.epoch, 1, false]);
    await eventually(() => recorder.messages.at(-1)?.epoch === page.epoch);
    await stop();
  });

  test('renewEpoch of a room nobody wrote to changes nothing', async () => {
    const room = someRoom();
    await suite.broker.renewEpoch(room, 'never was');
    assert.equal((await suite.broker.publish(room, someEntry(), usual)).offset, 1);
  });
}
