import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInWorker } from '../../../test/support/run-in-worker.ts';
import { readByteRange } from './byte-range.ts';

test('reads a range and limits it to the size of the file', () => {
  assert.deepEqual(readByteRange('bytes=0-9', 26), { start: 0, end: 10 });
  assert.deepEqual(readByteRange('bytes=25-', 26), { start: 25, end: 26 });
  assert.deepEqual(readByteRange('bytes=10-100', 26), { start: 10, end: 26 });
  assert.deepEqual(readByteRange('bytes=-5', 26), { start: 21, end: 26 });
  assert.deepEqual(readByteRange(' bytes=1-1 ', 26), { start: 1, end: 2 });
  assert.deepEqual(readByteRange('Bytes=1-1', 26), { start: 1, end: 2 });
  for (const header of [
    'bytes=,\t1-1 ,,',
    'bytes=,1-1',
    'bytes= \t,1-1',
    'bytes=1-1\t',
    'bytes=1-1 , ,',
    'bytes=,, ,1-1',
  ]) {
    assert.deepEqual(readByteRange(header, 26), { start: 1, end: 2 }, header);
  }
  assert.deepEqual(readByteRange(`bytes=5-${'9'.repeat(400)}`, 26), { start: 5, end: 26 });
  assert.deepEqual(readByteRange('bytes=00000000000000000000005-', 26), { start: 5, end: 26 });
});

test('returns the whole file for all bytes, several ranges or a malformed header', () => {
  const headers = ['bytes=0-', 'bytes=0-10000000', 'bytes=-1000000', 'bytes=-26', 'bytes=0-25'];
  const others = ['asdf', 'bytes=', 'bytes=-', 'bytes=0-1,3-4', 'lines=0-1', 'bytes=a-b', 'bytes 0-1', 'bytes=--5'];
  const almost = [
    'bytes=1-2 3',
    'bytes=1 -2',
    'bytes =1-2',
    'bytes=+1-2',
    'bytes=1-2;',
    'bytes=\u06611-2',
    'bytes=0x1-2',
    'bytes= 1-2',
    'bytes=\t1-2',
    'bytes= \t 1-2,',
    'bytes=5-3',
    'bytes=100-50',
    'bytes=1-0',
  ];
  for (const header of [...headers, ...others, ...almost, `bytes=-${'9'.repeat(400)}`]) {
    assert.equal(readByteRange(header, 26), 'whole', header);
  }
});

test('a range without an existing byte is unsatisfiable', () => {
  const large = `bytes=${'9'.repeat(400)}-`;
  for (const header of [
    'bytes=-0',
    'bytes=26-',
    'bytes=26-26',
    'bytes=100-200',
    'bytes=99999999999999999999-',
    large,
  ]) {
    assert.equal(readByteRange(header, 26), 'unsatisfiable', header);
  }
});

test('an empty file has the last bytes of any number above 0, and no first byte', () => {
  for (const header of ['bytes=-1', 'bytes=-5', `bytes=-${'9'.repeat(400)}`]) {
    assert.equal(readByteRange(header, 0), 'whole', header);
  }
  for (const header of ['bytes=-0', 'bytes=0-', 'bytes=0-0', 'bytes=5-']) {
    assert.equal(readByteRange(header, 0), 'unsatisfiable', header);
  }
});

test('reads a range in linear time', async (t) => {
  // A quadratic reader takes 10^12 steps, so the test would run into its timeout.
  const headers = [' ', ',', '1', '\t,', ', ', '\t']
    .map((filler) => filler.repeat(1_000_000))
    .flatMap((filler) => [`bytes=${filler}x`, `bytes=1-${filler}x`]);
  const ranges = await runInWorker(
    t,
    import.meta.resolve('./byte-range.ts'),
    (module: typeof import('./byte-range.ts'), long: string[]) =>
      long.map((header) => module.readByteRange(header, 26)),
    headers,
  );
  assert.deepEqual(
    ranges,
    headers.map(() => 'whole'),
  );
});
