import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isJsonType, readMediaType } from './media-type.ts';

const read = (value: string): readonly [string, Record<string, string>] | undefined => {
  const type = readMediaType(value);
  return type && [type.type, Object.fromEntries(type.parameters)];
};

test('reads the type in lower case and its parameters without quotes', () => {
  assert.deepEqual(read('text/plain'), ['text/plain', {}]);
  assert.deepEqual(read(' Text/HTML \t; Charset=UTF-8'), ['text/html', { charset: 'UTF-8' }]);
  assert.deepEqual(read('multipart/form-data; boundary="a b;\\"c"; x=1'), [
    'multipart/form-data',
    { boundary: 'a b;"c', x: '1' },
  ]);
  assert.deepEqual(read('a/b;;c=1;'), ['a/b', { c: '1' }]);
  assert.deepEqual(read('a/b;c=1;C=2'), ['a/b', { c: '1' }]);
});

test('has no type for a malformed value, and stops at a malformed parameter', () => {
  for (const value of ['', 'text', 'text/', '/plain', 'a/b, c/d', 'a/b\u00a0; c=1', 'a b/c']) {
    assert.equal(read(value), undefined, value);
  }
  assert.equal(readMediaType(undefined), undefined);
  assert.deepEqual(read('a/b; c=1; d; e=2'), ['a/b', { c: '1' }]);
  assert.deepEqual(read('a/b; c="1'), ['a/b', {}]);
});

test('knows the types of JSON', () => {
  for (const type of ['application/json', 'application/problem+json']) assert.ok(isJsonType(type));
  for (const type of ['text/json', 'application/jsonp', 'application/json-seq']) assert.ok(!isJsonType(type));
});
