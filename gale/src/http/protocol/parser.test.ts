import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get, limits } from '../../../test/support/http/parsed-requests.ts';
import { RequestParser } from './parser.ts';

test('stores bytes while paused and continues with them in order', () => {
  const seen: string[] = [];
  const parser = new RequestParser(
    {
      onHead: (head) => void seen.push(head.target),
      onBody: () => {},
      onEnd: () => parser.pause(),
    },
    limits,
  );
  const bytes = Buffer.from('GET /1 HTTP/1.0\r\n\r\nGET /2 HTTP/1.0\r\n\r\nGET /3 HTTP/1.0\r\n\r\n');
  for (const byte of bytes) parser.feed(Buffer.of(byte));
  assert.deepEqual(seen, ['/1']);
  assert.equal(parser.pendingBytes, (bytes.length / 3) * 2);
  parser.resume();
  assert.deepEqual(seen, ['/1', '/2']);
  parser.feed(Buffer.from('GET /4'));
  parser.resume();
  assert.deepEqual(seen, ['/1', '/2', '/3']);
  parser.resume();
  assert.equal(parser.pendingBytes, 6);
  parser.feed(Buffer.from(' HTTP/1.0\r\n\r\n'));
  assert.deepEqual(seen, ['/1', '/2', '/3', '/4']);
  assert.equal(parser.pendingBytes, 0);
});

test('returns the remaining bytes when stopped inside an event, and emits nothing more', () => {
  for (const at of [10, 25, 29]) {
    const seen: string[] = [];
    let rest: Buffer | undefined;
    const parser = new RequestParser(
      {
        onHead(head) {
          seen.push(head.target);
          rest = parser.stop();
        },
        onBody: () => assert.fail('no body'),
        onEnd: () => assert.fail('no end'),
      },
      limits,
    );
    const bytes = Buffer.from('GET /1 HTTP/1.0\r\nA: b\r\n\r\nrest');
    parser.feed(bytes.subarray(0, at));
    parser.feed(bytes.subarray(at));
    assert.deepEqual(seen, ['/1']);
    assert.equal(rest?.toString(), 'rest'.slice(0, Math.max(0, at <= 24 ? 4 : at - 25)));
  }
});

test('parses a head that arrives byte by byte without copying it for each byte', () => {
  // Quadratic work would take many minutes for this size.
  const heads: number[] = [];
  const parser = new RequestParser(
    { onHead: (head) => void heads.push(head.byteLength), onBody: () => {}, onEnd: () => {} },
    { maxRequestLineBytes: 8192, maxHeadBytes: 2 ** 23, maxHeaderCount: 100 },
  );
  const bytes = Buffer.from(get(`A: ${'a'.repeat(4_000_000)}`));
  for (let at = 0; at < bytes.length; at++) parser.feed(bytes.subarray(at, at + 1));
  assert.deepEqual(heads, [bytes.length]);
});

test('stores nothing of an empty line that arrives alone, and rejects a second one', () => {
  const parser = new RequestParser({ onHead: () => {}, onBody: () => {}, onEnd: () => {} }, limits);
  parser.feed(Buffer.from(`${get()}\r`));
  assert.equal(parser.pendingBytes, 1);
  parser.feed(Buffer.from('\n'));
  assert.equal(parser.pendingBytes, 0);
  parser.feed(Buffer.from(get()));
  parser.feed(Buffer.from('\r\n'));
  assert.equal(parser.pendingBytes, 0);
  assert.throws(() => parser.feed(Buffer.from('\r\n')), { code: 'HTTP_REQUEST_LINE' });
});
