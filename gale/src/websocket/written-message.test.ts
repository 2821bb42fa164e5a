import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepareMessage } from './writing/prepared-message.ts';
import { toSent } from './written-message.ts';

test('text, bytes and what was prepared are sent as they are', () => {
  for (const message of ['', 'text', Buffer.from('bytes'), Uint8Array.of(1), prepareMessage('x')]) {
    assert.equal(toSent(message), message);
  }
});

test('an ArrayBuffer and every view of one are bytes, of which only those in view are sent', () => {
  const buffer = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer;
  assert.deepEqual(toSent(buffer), Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  assert.deepEqual(toSent(new Uint16Array(buffer, 2, 1)), Uint8Array.of(3, 4));
  assert.deepEqual(toSent(new DataView(buffer, 7)), Uint8Array.of(8));
  assert.deepEqual(toSent(new SharedArrayBuffer(2)), Uint8Array.of(0, 0));
});

test('any other object becomes JSON', () => {
  assert.equal(toSent({ a: ['中'] }), '{"a":["中"]}');
  assert.equal(toSent([]), '[]');
});

test('what cannot become JSON is a TypeError', () => {
  const ring: { self?: unknown } = {};
  ring.self = ring;
  for (const message of [ring, { big: 1n }]) assert.throws(() => toSent(message), TypeError);
  for (const message of [() => 1, undefined as unknown as object]) {
    assert.throws(() => toSent(message), { name: 'TypeError', message: /^A message cannot be / });
  }
});
