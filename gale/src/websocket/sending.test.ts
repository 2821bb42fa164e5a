import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepareMessage } from './writing/prepared-message.ts';
import { toSendable } from './sending.ts';

test('sends text, bytes and prepared messages as they are', () => {
  for (const message of ['', 'text', Buffer.from('bytes'), Uint8Array.of(1), prepareMessage('x')]) {
    assert.equal(toSendable(message), message);
  }
});

test('sends an ArrayBuffer and each view of one as bytes, only those in view', () => {
  const buffer = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer;
  assert.deepEqual(toSendable(buffer), Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  assert.deepEqual(toSendable(new Uint16Array(buffer, 2, 1)), Uint8Array.of(3, 4));
  assert.deepEqual(toSendable(new DataView(buffer, 7)), Uint8Array.of(8));
  assert.deepEqual(toSendable(new SharedArrayBuffer(2)), Uint8Array.of(0, 0));
});

test('sends any other object as JSON', () => {
  assert.equal(toSendable({ a: ['中'] }), '{"a":["中"]}');
  assert.equal(toSendable([]), '[]');
});

test('throws a TypeError for what cannot become JSON', () => {
  const ring: { self?: unknown } = {};
  ring.self = ring;
  for (const message of [ring, { big: 1n }]) assert.throws(() => toSendable(message), TypeError);
  for (const message of [() => 1, undefined as unknown as object]) {
    assert.throws(() => toSendable(message), {
      name: 'TypeError',
      message: /^A message must be text, bytes or an object; got /,
    });
  }
});
