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
