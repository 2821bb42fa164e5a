import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepareMessage } from './writing/prepared-message.ts';
import type { WebSocketConnection } from './connection.ts';
import { broadcast, toSendable } from './sending.ts';

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

test('throws for what cannot become JSON', () => {
  const ring: { self?: unknown } = {};
  ring.self = ring;
  const values = [ring, { big: 1n }, () => 1, undefined as unknown as object, Promise.resolve('x'), new Set([1])];
  for (const message of values) {
    assert.throws(() => toSendable(message), {
      code: 'JSON_VALUE',
      message: /^message must be a string, bytes or an object; got /,
    });
  }
});

/** The payload of a message framed for all. */
const payloadOf = (message: string | Uint8Array): string => prepareMessage(message).payload.toString('hex');

test('prepares the bytes in view of any typed array, and nothing that is neither text nor bytes', () => {
  const { buffer } = Uint8Array.of(1, 2, 3, 4, 5, 6);
  assert.equal(payloadOf(new Uint16Array(buffer, 2, 2) as unknown as Uint8Array), '03040506');
  assert.equal(payloadOf(new DataView(buffer, 1, 2) as unknown as Uint8Array), '0203');
  assert.equal(payloadOf(buffer as unknown as Uint8Array), '010203040506');
  for (const wrong of [[1, 2], { length: 2 }, 5, null, Promise.resolve()]) {
    assert.throws(() => prepareMessage(wrong as unknown as string), {
      code: 'JSON_VALUE',
      message: /^message must be a string or bytes; got /,
    });
  }
});

test('broadcasts an object as JSON, and throws for one that JSON would lose', () => {
  const sent: string[] = [];
  const connection = { send: (message: { payload: Buffer }) => sent.push(message.payload.toString()) };
  const all = [connection, connection] as unknown as WebSocketConnection[];
  broadcast(all, { a: 1 });
  assert.deepEqual(sent, ['{"a":1}', '{"a":1}']);
  assert.throws(() => broadcast(all, new Map()), { code: 'JSON_VALUE' });
  assert.equal(sent.length, 2);
});
