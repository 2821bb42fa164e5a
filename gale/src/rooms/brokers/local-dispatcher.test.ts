import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../../run/log.ts';
import type { BrokerListener } from '../broker.ts';
import { LocalDispatcher } from './local-dispatcher.ts';

function listenerOf(onSignal: () => void): BrokerListener {
  return { onMessage() {}, onDoubt() {}, onSignal };
}

function fresh(): LocalDispatcher {
  return new LocalDispatcher(createLogger({ level: 'silent' }));
}

test('a listener that was removed during a notification is not notified any more', () => {
  const dispatcher = fresh();
  const notified: string[] = [];
  const stops = [
    dispatcher.listen(
      'r',
      listenerOf(() => {
        notified.push('first');
        for (const stop of stops) stop();
      }),
    ),
    dispatcher.listen(
      'r',
      listenerOf(() => notified.push('second')),
    ),
  ];
  dispatcher.signal('r', 1);
  assert.deepEqual(notified, ['first']);
  assert.equal(dispatcher.has('r'), false);
});

test('after a clear during a notification nobody is notified', () => {
  const dispatcher = fresh();
  const notified: string[] = [];
  dispatcher.listen(
    'r',
    listenerOf(() => {
      notified.push('first');
      dispatcher.clear();
    }),
  );
  dispatcher.listen(
    'r',
    listenerOf(() => notified.push('second')),
  );
  dispatcher.signal('r', 1);
  assert.deepEqual(notified, ['first']);
});

test('a listener that removes itself leaves those after it, and the last one is reported', () => {
  const dispatcher = fresh();
  const notified: string[] = [];
  const stopFirst = dispatcher.listen(
    'r',
    listenerOf(() => {
      notified.push('first');
      assert.equal(stopFirst(), false);
    }),
  );
  const stopSecond = dispatcher.listen(
    'r',
    listenerOf(() => notified.push('second')),
  );
  dispatcher.signal('r', 1);
  assert.deepEqual(notified, ['first', 'second']);
  assert.equal(stopFirst(), false);
  assert.equal(stopSecond(), true);
  assert.equal(stopSecond(), false);
});
