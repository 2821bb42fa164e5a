import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createXsrfToken, isSameToken, maskXsrfToken, readXsrfToken } from './xsrf.ts';

test('masks a token differently each time without changing it', () => {
  const token = createXsrfToken(1_300_000_000_000);
  assert.equal(token.bytes.byteLength, 16);
  const [first, second] = [maskXsrfToken(token), maskXsrfToken(token)];
  assert.match(first, /^2\|[0-9a-f]{8}\|[0-9a-f]{32}\|1300000000$/);
  assert.notEqual(first, second);
  assert.deepEqual(readXsrfToken(first), token);
  assert.deepEqual(readXsrfToken(second), token);
  assert.ok(!isSameToken(token, createXsrfToken()));
});

test('removes the mask as Tornado does', () => {
  assert.deepEqual(readXsrfToken('2|01020304|00000000ff|7'), { bytes: Buffer.from('01020304fe', 'hex'), seconds: 7 });
});

test('reads a token of format 1 as hex or any text, without a time', () => {
  assert.deepEqual(readXsrfToken('deadbeef'), { bytes: Buffer.from('deadbeef', 'hex'), seconds: 0 });
  assert.deepEqual(readXsrfToken('xoxo'), { bytes: Buffer.from('xoxo'), seconds: 0 });
});

test('refuses malformed tokens and unknown formats', () => {
  const broken = ['', '2|', '2|0102|00|7', '2|01020304|zz|7', '2|01020304|0|7', '2|01020304|00|x', '2|01020304|00|7|8'];
  for (const text of [...broken, '2|01020304||7', '3|01020304|00|7', 'x'.repeat(513)]) {
    assert.equal(readXsrfToken(text), undefined, text);
  }
});
