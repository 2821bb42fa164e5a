/**
 * Test cases for every broker. Memory, SQLite and Redis run them all.
 * Each case uses its own rooms, so one broker serves a whole run.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Broker } from '../../../src/rooms/broker.ts';
import { testAmendments } from './broker-suite/amendments.ts';
import { testCursors } from './broker-suite/cursors.ts';
import { testHolds } from './broker-suite/holds.ts';
import { testLiveDelivery } from './broker-suite/live-delivery.ts';
import { testPresence } from './broker-suite/presence.ts';
import { testRemoval } from './broker-suite/removal.ts';
import { testRenewals } from './broker-suite/renewals.ts';
import { testRepeats } from './broker-suite/repeats.ts';
import { testStreams } from './broker-suite/streams.ts';
import {
  atMost,
  eventually,
  keptIn,
  lease,
  long,
  peopleIn,
  Recorder,
  someEntry,
  someRoom,
  upTo,
  usual,
} from './broker-suite/suite-broker.ts';
import type { Suite } from './broker-suite/suite-broker.ts';

/** What the suite needs from an implementation. */
export interface BrokerUnderTest {
  /** Opens a broker, which the suite closes. */
  open(): Promise<Broker>;
  /** Lets time pass on the clock of the broker. */
  passTime(ms: number): Promise<void>;
}

/** Declares the cases. */
export function testBroker(name: string, options: { readonly skip: string | false }, under: BrokerUnderTest): void {
  describe(name, options, () => {
    let broker: Broker | undefined;
    before(async () => {
      broker = await under.open();
    });
    after(async () => {
      await broker?.close();
    });
    const suite: Suite = {
      get broker() {
        assert.ok(broker);
        return broker;
      },
      passTime: (ms) => under.passTime(ms),
    };
    testStreams(suite);
    testRepeats(suite);
    testAmendments(suite);
    testRenewals(suite);
    testLiveDelivery(suite);
    testCursors(suite);
    testPresence(suite);
    testRemoval(suite);
    testHolds(suite);

    test('accepts any name of a room or a person', async () => {
      const names = [
        '}',
        '{',
        '{}',
        'a}b',
        'a}c',
        '%7D',
        'it\'s "so"',
        'x\ny',
        '房间 🚪',
        ':',
        '@everyone',
        'constructor',
      ];
      const rooms = names.map((name) => `${name} ${someRoom()}`).concat(names.map((name) => `${name}${process.pid}`));
      for (const room of rooms) {
        const recorder = new Recorder();
        const stop = await suite.broker.listen(room, recorder);
        for (const name of names) {
          assert.equal((await suite.broker.publish(room, { ...someEntry(name), id: name }, usual)).repeated, false);
        }
        assert.deepEqual(await keptIn(suite.broker, room), upTo(names.length));
        await eventually(() => recorder.messages.length >= names.length);
        const position = { epoch: (await suite.broker.read(room, 0, atMost(1))).epoch, offset: 2 };
        for (const name of names) await suite.broker.cursors.advance(room, name, position);
        for (const name of names)
          assert.deepEqual(await suite.broker.cursors.getAll(name, [room]), new Map([[room, position]]));
        for (const name of names) assert.equal(await suite.broker.presence.enter(lease(room, name, name), long), true);
        assert.deepEqual(await peopleIn(suite.broker, room), names);
        for (const name of names) assert.equal(await suite.broker.presence.leave(lease(room, name, name)), true);
        await stop();
      }
    });

    test('checks the store, also concurrently, without effect on rooms', async () => {
      const room = someRoom();
      const heads = await suite.broker.heads([room]);
      await Promise.all(upTo(20).map(() => suite.broker.check()));
      assert.deepEqual(await suite.broker.heads([room]), heads);
    });

    test('finishes calls under way at close, refuses later ones and can be closed again', async () => {
      const closing = await under.open();
      const room = someRoom();
      const begun = upTo(10).map(() => closing.publish(room, someEntry(), usual));
      await Promise.all([closing.close(), closing.close()]);
      assert.deepEqual(
        (await Promise.all(begun)).map(({ offset }) => offset),
        upTo(10),
      );
      await closing.close();
      const refused = { code: 'ROOM_UNAVAILABLE' };
      await assert.rejects(closing.publish(room, someEntry(), usual), refused);
      await assert.rejects(closing.read(room, 0, atMost(10)), refused);
      await assert.rejects(closing.heads([room]), refused);
      await assert.rejects(closing.signal(room, 1), refused);
      await assert.rejects(closing.listen(room, new Recorder()), refused);
      await assert.rejects(closing.renewEpoch(room, 'any'), refused);
      await assert.rejects(closing.check(), refused);
    });
  });
}
