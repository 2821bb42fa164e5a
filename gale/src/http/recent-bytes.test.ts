import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentBytes } from './recent-bytes.ts';

test('bytes are known again from the second offer on, wherever they stand', () => {
  const recent = new RecentBytes<string>();
  const bytes = Buffer.from('..hello..');
  assert.equal(recent.find(bytes, 2, 7), undefined);
  recent.offer(bytes, 2, 7, 'greeting');
  assert.equal(recent.find(bytes, 2, 7), undefined);
  recent.offer(bytes, 2, 7, 'greeting');
  assert.equal(recent.find(bytes, 2, 7), 'greeting');
  assert.equal(recent.find(Buffer.from('hello'), 0, 5), 'greeting');
});

test('a difference in any byte, or in length, is not the same', () => {
  const recent = new RecentBytes<string>();
  const bytes = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  for (let offer = 0; offer < 2; offer++) recent.offer(bytes, 0, bytes.length, 'head');
  for (let at = 0; at < bytes.length; at++) {
    const other = Buffer.from(bytes);
    other[at] = (other[at] as number) ^ 1;
    assert.equal(recent.find(other, 0, other.length), undefined, `byte ${at}`);
  }
  assert.equal(recent.find(bytes, 0, bytes.length - 1), undefined);
  assert.equal(recent.find(Buffer.concat([bytes, bytes]), 0, bytes.length + 1), undefined);
  assert.equal(recent.find(bytes, 0, bytes.length), 'head');
});

test('what is kept is a copy', () => {
  const recent = new RecentBytes<string>();
  const bytes = Buffer.from('hello');
  for (let offer = 0; offer < 2; offer++) recent.offer(bytes, 0, 5, 'greeting');
  bytes.fill('x');
  assert.equal(recent.find(Buffer.from('hello'), 0, 5), 'greeting');
  assert.equal(recent.find(bytes, 0, 5), undefined);
});

test('long bytes are not kept', () => {
  const recent = new RecentBytes<string>();
  const bytes = Buffer.alloc(10_000, 'x');
  for (let offer = 0; offer < 3; offer++) recent.offer(bytes, 0, bytes.length, 'long');
  assert.equal(recent.find(bytes, 0, bytes.length), undefined);
});
