import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  findField,
  findTag,
  headerField,
  withField,
  withFieldAdded,
  withoutField,
  withoutFields,
} from './header-fields.ts';

const base = [headerField('A', '1'), headerField('b', '2'), headerField('a', '3')];

test('a field replaces all fields of its name, at the position of the first', () => {
  assert.deepEqual(withField(base, headerField('a', 'new')), [
    ['a', 'new'],
    ['b', '2'],
  ]);
  assert.deepEqual(withField(base, headerField('C', '4')), [...base, ['C', '4']]);
  assert.deepEqual(withoutField(base, 'a'), [['b', '2']]);
  assert.deepEqual(withoutField(base, 'B'), [
    ['A', '1'],
    ['a', '3'],
  ]);
  assert.deepEqual(withoutFields([...base, headerField('Cc', '4')], ['a', 'cc', 'd']), [['b', '2']]);
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

test('a text with a date is sent in the form that HTTP requires', () => {
  for (const name of ['Date', 'Expires', 'Last-Modified', 'Retry-After', 'expires']) {
    for (const text of [
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      'Sun Nov  6 08:49:37 1994',
    ]) {
      assert.equal(headerField(name, text)[1], 'Sun, 06 Nov 1994 08:49:37 GMT', `${name}: ${text}`);
    }
  }
});

const refused = (name: string, value: unknown, message: RegExp): void =>
  assert.throws(() => headerField(name, value as string), { code: 'WEB_HEADER', message }, `${name}: ${String(value)}`);

test('a text or a number that is no date is an error in a header for dates', () => {
  for (const value of [
    '2999-01-01T00:00:00Z',
    '9999',
    'next week',
    '',
    'Tue, 01 Jan 2030 00:00:00',
    1_764_142_273,
    60,
    {},
  ]) {
    for (const name of ['Last-Modified', 'last-modified', 'Date']) {
      refused(name, value, new RegExp(`^${name} must be a Date or an HTTP date; got .*; pass a Date\\.$`));
    }
    refused('EXPIRES', value, /^EXPIRES must be a Date, an HTTP date or 0; got .*; pass a Date, or 0 for the past\.$/);
  }
  refused('Last-Modified', '2999-01-01T00:00:00Z', /; got "2999-01-01T00:00:00Z"; pass a Date\.$/);
  for (const value of [0, '0', -1, '-1']) refused('Last-Modified', value, /must be a Date/);
  for (const value of ['soon', '1.5', 1.5, -1, '-1', '+1', '1e3', 1e21, '', ' 5', Number.NaN, null, undefined]) {
    refused('Retry-After', value, /^Retry-After must be a whole number of seconds, a Date or an HTTP date; got /);
  }
});

test('Expires may be 0 or -1, and Retry-After a number of seconds', () => {
  for (const value of [0, '0', -1, '-1']) assert.equal(headerField('Expires', value)[1], String(value));
  for (const value of [0, 120, '120', '0', '00060']) assert.equal(headerField('Retry-After', value)[1], String(value));
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
    assert.equal(headerField(name, 'Sun, 06 Nov 1994 08:49:37 GMT')[1], 'Sun, 06 Nov 1994 08:49:37 GMT');
  }
  assert.equal(headerField('Expires', future)[1], future.toUTCString());
});
