import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { onEndSignals } from './end-signals.ts';

function begin(): { send: (signal: string, afterMs?: number) => void; orders: (string | number)[] } {
  const source = new EventEmitter();
  const orders: (string | number)[] = [];
  let nowMs = 7;
  onEndSignals(
    ['SIGTERM', 'SIGINT'],
    { stop: () => orders.push('stop'), end: (code) => orders.push(code) },
    source,
    () => nowMs,
  );
  return {
    send: (signal, afterMs = 0) => {
      nowMs += afterMs;
      source.emit(signal);
    },
    orders,
  };
}

test('the first signal stops, the same once more ends, unless it is the echo of the first', () => {
  const { send, orders } = begin();
  send('SIGINT');
  send('SIGINT', 299);
  assert.deepEqual(orders, ['stop']);
  send('SIGINT', 1);
  assert.deepEqual(orders, ['stop', 130]);
});

test('another signal ends at once', () => {
  const { send, orders } = begin();
  send('SIGINT');
  send('SIGTERM');
  assert.deepEqual(orders, ['stop', 143]);
});
