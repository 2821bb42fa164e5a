import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeadCache } from './head-cache.ts';

test('finds bytes after their second offer, at any offset', () => {
  const cache = new HeadCache<string>();
  const bytes = Buffer.from('..hello..');
  assert.equal(cache.find(bytes, 2, 7), undefined);
  cache.offer(bytes, 2, 7, 'greeting');
  assert.equal(cache.find(bytes, 2, 7), undefined);
  cache.offer(bytes, 2, 7, 'greeting');
  assert.equal(cache.find(bytes, 2, 7), 'greeting');
  assert.equal(cache.find(Buffer.from('hello'), 0, 5), 'greeting');
});

test('does not find bytes that differ in one byte or in length', () => {
  const cache = new HeadCache<string>();
  const bytes = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  for (let offer = 0; offer < 2; offer++) cache.offer(bytes, 0, bytes.length, 'head');
  for (let at = 0; at < bytes.length; at++) {
    const other = Buffer.from(bytes);
    other[at] = (other[at] as number) ^ 1;
    assert.equal(cache.find(other, 0, other.length), undefined, `byte ${at}`);
  }
  assert.equal(cache.find(bytes, 0, bytes.length - 1), undefined);
  assert.equal(cache.find(Buffer.concat([bytes, bytes]), 0, bytes.length + 1), undefined);
  assert.equal(cache.find(bytes, 0, bytes.length), 'head');
});

test('an entry does not change with the bytes that were offered', () => {
  const cache = new HeadCache<string>();
  const bytes = Buffer.from('hello');
  for (let offer = 0; offer < 2; offer++) cache.offer(bytes, 0, 5, 'greeting');
  bytes.fill('x');
  assert.equal(cache.find(Buffer.from('hello'), 0, 5), 'greeting');
  assert.equal(cache.find(bytes, 0, 5), undefined);
});

test('does not store long bytes', () => {
  const cache = new HeadCache<string>();
  const bytes = Buffer.alloc(10_000, 'x');
  for (let offer = 0; offer < 3; offer++) cache.offer(bytes, 0, bytes.length, 'long');
  assert.equal(cache.find(bytes, 0, bytes.length), undefined);
});

test('skips more offers while entries of a slot are not found, none once one is found', () => {
  const cache = new HeadCache<number>();
  // The same signature each time: they differ in bytes that it does not read.
  const bytes = Buffer.alloc(64, 'x');
  const offer = (value: number): void => {
    bytes.writeInt32BE(value, 20);
    cache.offer(bytes, 0, bytes.length, value);
  };
  const isKept = (value: number): boolean => {
    const wanted = Buffer.from(bytes);
    wanted.writeInt32BE(value, 20);
    return cache.find(wanted, 0, wanted.length) !== undefined;
  };
  let last = 0;
  for (let value = 1; value <= 10_000; value++) offer(value);
  for (let value = 1; value <= 10_000; value++) if (isKept(value)) last = value;
  assert.ok(last > 0 && last <= 10_000 - 100, `the last that was kept is ${last}`);

  let offers = 0;
  for (; !isKept(-1); offers++) offer(-1);
  assert.ok(offers <= 1_024, `kept at the ${offers}th offer`);
});
