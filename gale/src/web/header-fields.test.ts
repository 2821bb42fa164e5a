import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findField, findTag, headerField, withField, withFieldAdded, withoutField } from './header-fields.ts';

const base = [headerField('A', '1'), headerField('b', '2'), headerField('a', '3')];

test('a field replaces all fields of its name, at the position of the first', () => {
  assert.deepEqual(withField(base, headerField('a', 'new')), [
    ['a', 'new'],
    ['b', '2'],
  ]);
  assert.deepEqual(withField(base, headerField('C', '4')), [...base, ['C', '4']]);
  assert.deepEqual(withoutField(base, 'a'), [['b', '2']]);
});

test('the same field changes different lists independently', () => {
  const field = headerField('X', '1');
  const other = [headerField('Y', '2')];
  assert.deepEqual(withField(base, field), [...base, field]);
  assert.deepEqual(withField(other, field), [...other, field]);
  assert.deepEqual(withFieldAdded(base, field), [...base, field]);
  assert.deepEqual(withFieldAdded(other, field), [...other, field]);
});

test('different fields change the same list independently', () => {
  assert.deepEqual(withField(base, headerField('X', '1')), [...base, ['X', '1']]);
  assert.deepEqual(withField(base, headerField('X', '2')), [...base, ['X', '2']]);
});

test('finds the first field of a name and the Etag', () => {
  assert.equal(findField(base, 'A'), '1');
  assert.equal(findField(base, 'c'), undefined);
  assert.equal(findTag(base), undefined);
  assert.equal(findTag(base), undefined);
  assert.equal(findTag([...base, headerField('ETag', '"x"')]), '"x"');
});

test('shares equal fields, but no values over 256 characters', () => {
  assert.equal(headerField('X-Short', 'x'.repeat(256)), headerField('X-Short', 'x'.repeat(256)));
  assert.notEqual(headerField('X-Long', 'x'.repeat(257)), headerField('X-Long', 'x'.repeat(257)));
});

test('shares the fields of at most 256 names', () => {
  const names = Array.from({ length: 300 }, (_, index) => `X-Name-${index}`);
  for (const name of names) headerField(name, 'v');
  const shared = names.filter((name) => headerField(name, 'v') === headerField(name, 'v'));
  assert.ok(shared.length > 200 && shared.length <= 256, `${shared.length} names are shared`);
});

test('a date becomes an HTTP date, or an error if it has none', () => {
  assert.equal(headerField('Expires', new Date(784_111_777_000))[1], 'Sun, 06 Nov 1994 08:49:37 GMT');
  for (const name of ['Expires', 'Last-Modified']) {
    assert.throws(() => headerField(name, new Date(Number.NaN)), /year from 0 to 9999; got an invalid date/);
  }
  assert.throws(() => headerField('Expires', new Date(Date.UTC(10_000, 0, 1))), /got year 10000/);
});

test('Last-Modified is never in the future, as a date or as text', () => {
  const future = new Date(Date.now() + 3_600_000);
  const farFuture = new Date(Date.UTC(123_456, 0, 1));
  for (const name of ['Last-Modified', 'last-modified']) {
    for (const value of [future, farFuture, future.toUTCString()]) {
      const before = Math.floor(Date.now() / 1000) * 1000;
      const sent = Date.parse(headerField(name, value)[1]);
      assert.ok(sent >= before && sent <= Date.now(), `${name}: ${String(value)}`);
    }
    for (const value of ['Sun, 06 Nov 1994 08:49:37 GMT', 'next week'])
      assert.equal(headerField(name, value)[1], value);
  }
  assert.equal(headerField('Expires', future)[1], future.toUTCString());
});
