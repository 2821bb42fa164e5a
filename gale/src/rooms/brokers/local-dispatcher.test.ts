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

test('does not notify a listener that was removed during the notification', () => {
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

test('notifies nobody after a clear during the notification', () => {
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

test('notifies the listeners after one that removes itself, and reports the last removal', () => {
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
