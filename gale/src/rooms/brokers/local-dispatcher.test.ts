import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordedLog } from '../../../test/support/recorded-log.ts';
import { createLogger } from '../../run/log.ts';
import type { BrokerListener } from '../broker.ts';
import { LocalDispatcher } from './local-dispatcher.ts';

function listenerOf(onSignal: () => void): BrokerListener {
  return { onMessage() {}, onAmend() {}, onDoubt() {}, onSignal };
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

test('logs a listener that throws, and notifies the others', () => {
  const log = new RecordedLog();
  const dispatcher = new LocalDispatcher(log);
  let notified = 0;
  dispatcher.listen(
    'r',
    listenerOf(() => assert.fail('as the test wants it')),
  );
  dispatcher.listen(
    'r',
    listenerOf(() => notified++),
  );
  dispatcher.signal('r', 1);
  assert.equal(notified, 1);
  assert.deepEqual(log.messages, ['A listener of a room failed']);
  assert.ok(log.lines[0]?.fields['err'] instanceof Error);
});

test('notifies one room, or all rooms, of a doubt', () => {
  const dispatcher = fresh();
  const doubts: string[] = [];
  for (const room of ['a', 'b']) {
    dispatcher.listen(room, { onMessage() {}, onAmend() {}, onSignal() {}, onDoubt: () => doubts.push(room) });
  }
  dispatcher.doubt('b');
  assert.deepEqual(doubts.splice(0), ['b']);
  dispatcher.doubt();
  assert.deepEqual(doubts, ['a', 'b']);
});
