import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readByteRange } from './byte-range.ts';

test('reads a range and limits it to the size of the file', () => {
  assert.deepEqual(readByteRange('bytes=0-9', 26), { start: 0, end: 10 });
  assert.deepEqual(readByteRange('bytes=25-', 26), { start: 25, end: 26 });
  assert.deepEqual(readByteRange('bytes=10-100', 26), { start: 10, end: 26 });
  assert.deepEqual(readByteRange('bytes=-5', 26), { start: 21, end: 26 });
  assert.deepEqual(readByteRange(' bytes=1-1 ', 26), { start: 1, end: 2 });
});

test('returns the whole file for all bytes, several ranges or a malformed header', () => {
  const headers = ['bytes=0-', 'bytes=0-10000000', 'bytes=-1000000', 'bytes=-26', 'bytes=0-25'];
  const others = ['asdf', 'bytes=', 'bytes=-', 'bytes=0-1,3-4', 'lines=0-1', 'bytes=a-b', 'bytes 0-1', 'bytes=--5'];
  for (const header of [...headers, ...others, 'bytes=99999999999999999999-']) {
    assert.equal(readByteRange(header, 26), 'whole', header);
  }
});

test('a range without an existing byte is unsatisfiable', () => {
  for (const header of ['bytes=-0', 'bytes=26-', 'bytes=10-3', 'bytes=100-200']) {
    assert.equal(readByteRange(header, 26), 'unsatisfiable', header);
  }
  for (const header of ['bytes=0-', 'bytes=-1']) assert.equal(readByteRange(header, 0), 'unsatisfiable', header);
});
