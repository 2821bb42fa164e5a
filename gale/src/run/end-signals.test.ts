import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { onEndSignals } from './end-signals.ts';

function handleSignals(): { send: (signal: string, afterMs?: number) => void; calls: (string | number)[] } {
  const source = new EventEmitter();
  const calls: (string | number)[] = [];
  let nowMs = 7;
  onEndSignals(
    ['SIGTERM', 'SIGINT'],
    { stop: () => calls.push('stop'), end: (code) => calls.push(code) },
    source,
    () => nowMs,
  );
  return {
    send: (signal, afterMs = 0) => {
      nowMs += afterMs;
      source.emit(signal);
    },
    calls,
  };
}

test('calls stop for the first signal, and end for a repeat after 300 ms or more', () => {
  const { send, calls } = handleSignals();
  send('SIGINT');
  send('SIGINT', 299);
  assert.deepEqual(calls, ['stop']);
  send('SIGINT', 1);
  assert.deepEqual(calls, ['stop', 130]);
});

test('calls end immediately for a different second signal', () => {
  const { send, calls } = handleSignals();
  send('SIGINT');
  send('SIGTERM');
  assert.deepEqual(calls, ['stop', 143]);
});
