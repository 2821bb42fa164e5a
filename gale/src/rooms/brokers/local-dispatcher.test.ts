import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../../run/log.ts';
import type { BrokerListener } from '../broker.ts';
import { LocalLane } from './local-dispatcher.ts';

function listenerOf(onSignal: () => void): BrokerListener {
  return { onMessage() {}, onDoubt() {}, onSignal };
}

function fresh(): LocalLane {
  return new LocalLane(createLogger({ level: 'silent' }));
}

test('a listener that was removed during a notification is not notified any more', () => {
  const lane = fresh();
  const notified: string[] = [];
  const stops = [
    lane.listen(
      'r',
      listenerOf(() => {
        notified.push('first');
        for (const stop of stops) stop();
      }),
    ),
    lane.listen(
      'r',
      listenerOf(() => notified.push('second')),
    ),
  ];
  lane.signal('r', 1);
  assert.deepEqual(notified, ['first']);
  assert.equal(lane.has('r'), false);
});

test('after a clear during a notification nobody is notified', () => {
  const lane = fresh();
  const notified: string[] = [];
  lane.listen(
    'r',
    listenerOf(() => {
      notified.push('first');
      lane.clear();
    }),
  );
  lane.listen(
    'r',
    listenerOf(() => notified.push('second')),
  );
  lane.signal('r', 1);
  assert.deepEqual(notified, ['first']);
});

test('a listener that removes itself leaves those after it, and the last one is reported', () => {
  const lane = fresh();
  const notified: string[] = [];
  const stopFirst = lane.listen(
    'r',
    listenerOf(() => {
      notified.push('first');
      assert.equal(stopFirst(), false);
    }),
  );
  const stopSecond = lane.listen(
    'r',
    listenerOf(() => notified.push('second')),
  );
  lane.signal('r', 1);
  assert.deepEqual(notified, ['first', 'second']);
  assert.equal(stopFirst(), false);
  assert.equal(stopSecond(), true);
  assert.equal(stopSecond(), false);
});
