import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entityTagOf, isNoneMatch, isStrongMatch } from './entity-tag.ts';

test('equal bodies have equal tags, as text or bytes, long or short', () => {
  for (const body of ['', 'hello', '中文', 'x'.repeat(5000)]) {
    assert.match(entityTagOf(body), /^"[\w-]{27}"$/);
    assert.equal(entityTagOf(body), entityTagOf(Buffer.from(body)));
    assert.equal(entityTagOf(body), entityTagOf(body));
  }
  // Of the same length, so that they share a slot of the cache.
  assert.notEqual(entityTagOf('hello'), entityTagOf('hullo'));
  assert.equal(entityTagOf('hello'), entityTagOf(Buffer.from('hello')));
});

test('compares the list of If-None-Match weakly', () => {
  for (const header of ['"a"', 'W/"a"', '"b", "a"', '"b",W/"a"', '*', ' * '])
    assert.ok(isNoneMatch(header, '"a"'), header);
  for (const header of ['', 'a', '"b"', '"a', '"aa"', '"b", *']) assert.ok(!isNoneMatch(header, '"a"'), header);
  assert.ok(isNoneMatch('"a"', 'W/"a"'));
  assert.ok(isNoneMatch('"x,y"', '"x,y"'));
});

test('compares If-Range strongly', () => {
  assert.ok(isStrongMatch('"a"', '"a"'));
  assert.ok(!isStrongMatch('W/"a"', 'W/"a"'));
  assert.ok(!isStrongMatch('W/"a"', '"a"'));
});
