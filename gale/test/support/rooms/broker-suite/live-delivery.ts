/**
 * Live delivery: messages and signals. Part of the shared suite of brokers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoomMessage } from '../../../../src/rooms/stream.ts';
import { atMost, eventually, Recorder, someEntry, someRoom, upTo, usual } from './suite-broker.ts';
import type { Suite } from './suite-broker.ts';

/** Declares the cases. */
export function testLiveDelivery(suite: Suite): void {
  test('delivers all messages to listeners in order, as stored', async () => {
    const room = someRoom();
    const [one, other, elsewhere] = [new Recorder(), new Recorder(), new Recorder()];
    const stops = [
      await suite.broker.listen(room, one),
      await suite.broker.listen(room, other),
      await suite.broker.listen(someRoom(), elsewhere),
    ];
    const published = await Promise.all(
      upTo(90).map((number) => suite.broker.publish(room, someEntry('ann', number), usual)),
    );
    await eventually(() => one.messages.length >= 90 && other.messages.length >= 90);
    const page = await suite.broker.read(room, 0, atMost(100));
    for (const recorder of [one, other]) {
      assert.deepEqual(
        recorder.messages,
        page.messages.map((message) => ({ epoch: published[0]?.epoch, message })),
      );
    }
    assert.deepEqual(elsewhere.messages, []);
    for (const stop of stops) await stop();
  });

  test('delivers a message after it was stored, and never a repeat', async () => {
    const room = someRoom();
    const tops: Promise<number>[] = [];
    const recorder = new Recorder();
    const onMessage = (epoch: string, message: RoomMessage): void => {
      recorder.onMessage(epoch, message);
      tops.push(suite.broker.read(room, 0, atMost(1)).then(({ top }) => top));
    };
    const stop = await suite.broker.listen(room, {
      onMessage,
      onAmend: () => {},
      onSignal: () => {},
      onDoubt: () => {},
    });
    const entry = someEntry();
    await suite.broker.publish(room, entry, usual);
    await suite.broker.publish(room, entry, usual);
    await suite.broker.publish(room, someEntry(), usual);
    await eventually(() => recorder.messages.length >= 2);
    assert.deepEqual(recorder.offsets, [1, 2]);
    for (const [index, top] of (await Promise.all(tops)).entries()) assert.ok(top >= index + 1);
    await stop();
  });

  test('delivers nothing after a stop, and can listen again', async () => {
    const room = someRoom();
    const [stopped, stays] = [new Recorder(), new Recorder()];
    const stop = await suite.broker.listen(room, stopped);
    const stopOther = await suite.broker.listen(room, stays);
    await suite.broker.publish(room, someEntry(), usual);
    await eventually(() => stays.messages.length === 1 && stopped.messages.length === 1);
    await stop();
    await stop();
    await suite.broker.publish(room, someEntry(), usual);
    await eventually(() => stays.messages.length === 2);
    await stopOther();
    await suite.broker.publish(room, someEntry(), usual);
    // A stop during another listen leaves the other listener active.
    const again = new Recorder();
    const stopping = suite.broker.listen(room, stays).then((stopSoon) => stopSoon());
    const stopAgain = await suite.broker.listen(room, again);
    await stopping;
    await suite.broker.publish(room, someEntry(), usual);
    await eventually(() => again.messages.length === 1);
    assert.deepEqual([stopped.offsets, stays.offsets, again.offsets], [[1], [1, 2], [4]]);
    await stopAgain();
  });

  test('serves other listeners if one throws', async () => {
    const room = someRoom();
    const failing = new Recorder();
    failing.onMessage = failing.onSignal = () => {
      throw new Error('this listener always fails');
    };
    const stop = await suite.broker.listen(room, failing);
    const recorder = new Recorder();
    const stopOther = await suite.broker.listen(room, recorder);
    await suite.broker.publish(room, someEntry(), usual);
    await suite.broker.signal(room, 'signal');
    await eventually(() => recorder.messages.length === 1 && recorder.signals.length === 1);
    await stop();
    await stopOther();
  });

  test('delivers signals to the listeners of their room, and does not store them', async () => {
    const room = someRoom();
    const [one, elsewhere] = [new Recorder(), new Recorder()];
    const stop = await suite.broker.listen(room, one);
    const stopOther = await suite.broker.listen(someRoom(), elsewhere);
    const data = { typing: ['李雷'], at: 1 };
    const signalling = suite.broker.signal(room, data);
    data.at = 2;
    await signalling;
    await suite.broker.signal(room, undefined);
    await suite.broker.signal(room, 'third');
    await eventually(() => one.signals.length >= 3);
    assert.deepEqual(one.signals, [{ typing: ['李雷'], at: 1 }, null, 'third']);
    assert.deepEqual([one.messages, elsewhere.signals], [[], []]);
    assert.equal((await suite.broker.read(room, 0, atMost(10))).top, 0);
    await stop();
    await stopOther();
  });
}
