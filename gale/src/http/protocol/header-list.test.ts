import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeaderList } from './header-list.ts';

const list = new HeaderList(
  'GET / HTTP/1.1\r\nHost: a\r\nX-Two:1\r\nCookie: a=1\r\nx-two: \t2 \r\nCOOKIE: b=2\r\nEmpty:\r\n\r\n',
  16,
);

test('matches names in any case', () => {
  assert.equal(list.get('HOST'), 'a');
  assert.equal(list.get('host'), 'a');
  assert.ok(list.has('hOst'));
});

test('returns undefined, an empty list and false for an absent name', () => {
  assert.equal(list.get('nothing'), undefined);
  assert.deepEqual(list.getAll('nothing'), []);
  assert.equal(list.has('nothing'), false);
});

test('the value of a field without content is an empty string', () => {
  assert.equal(list.get('empty'), '');
  assert.ok(list.has('empty'));
});

test('joins repeated fields with a comma, Cookie with a semicolon', () => {
  assert.equal(list.get('x-two'), '1, 2');
  assert.equal(list.get('cookie'), 'a=1; b=2');
  assert.deepEqual(list.getAll('X-Two'), ['1', '2']);
});

test('iterates over all fields in order, names in lower case', () => {
  assert.deepEqual(
    [...list],
    [
      ['host', 'a'],
      ['x-two', '1'],
      ['cookie', 'a=1'],
      ['x-two', '2'],
      ['cookie', 'b=2'],
      ['empty', ''],
    ],
  );
});

test('is empty for a head without fields', () => {
  assert.deepEqual([...new HeaderList('GET / HTTP/1.0\r\n\r\n', 16)], []);
});
