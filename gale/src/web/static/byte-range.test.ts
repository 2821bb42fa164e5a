import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as forAll, nat, property, tuple } from 'fast-check';
import { runInWorker } from '../../../test/support/run-in-worker.ts';
import { maxRanges, readByteRanges } from './byte-range.ts';

test('reads a range and limits it to the size of the file', () => {
  assert.deepEqual(readByteRanges('bytes=0-9', 26), [{ start: 0, end: 10 }]);
  assert.deepEqual(readByteRanges('bytes=25-', 26), [{ start: 25, end: 26 }]);
  assert.deepEqual(readByteRanges('bytes=10-100', 26), [{ start: 10, end: 26 }]);
  assert.deepEqual(readByteRanges('bytes=-5', 26), [{ start: 21, end: 26 }]);
  assert.deepEqual(readByteRanges(' bytes=1-1 ', 26), [{ start: 1, end: 2 }]);
  assert.deepEqual(readByteRanges('Bytes=1-1', 26), [{ start: 1, end: 2 }]);
  for (const header of [
    'bytes=,\t1-1 ,,',
    'bytes=,1-1',
    'bytes= \t,1-1',
    'bytes=1-1\t',
    'bytes=1-1 , ,',
    'bytes=,, ,1-1',
  ]) {
    assert.deepEqual(readByteRanges(header, 26), [{ start: 1, end: 2 }], header);
  }
  assert.deepEqual(readByteRanges(`bytes=5-${'9'.repeat(400)}`, 26), [{ start: 5, end: 26 }]);
  assert.deepEqual(readByteRanges('bytes=00000000000000000000005-', 26), [{ start: 5, end: 26 }]);
});

test('returns the whole file for all bytes or a malformed header', () => {
  const headers = ['bytes=0-', 'bytes=0-10000000', 'bytes=-1000000', 'bytes=-26', 'bytes=0-25'];
  const others = ['asdf', 'bytes=', 'bytes=-', 'lines=0-1', 'bytes=a-b', 'bytes 0-1', 'bytes=--5'];
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
    assert.equal(readByteRanges(header, 26), 'whole', header);
  }
});

test('reads several ranges in their order, and leaves out those without an existing byte', () => {
  assert.deepEqual(readByteRanges('bytes=20-21, 0-1 ,,-2', 26), [
    { start: 20, end: 22 },
    { start: 0, end: 2 },
    { start: 24, end: 26 },
  ]);
  assert.deepEqual(readByteRanges('bytes=0-1,99-,2-3', 26), [
    { start: 0, end: 2 },
    { start: 2, end: 4 },
  ]);
  assert.deepEqual(readByteRanges('bytes=99-,5-6,-0', 26), [{ start: 5, end: 7 }]);
  assert.equal(readByteRanges('bytes=99-,26-30', 26), 'unsatisfiable');
  for (const header of [
    'bytes=0-1,5-3',
    'bytes=0-1,x',
    'bytes=0-1 2-3',
    'bytes=0-1;2-3',
    'bytes=0-1,-',
    'bytes=0-1,0-',
  ]) {
    assert.equal(readByteRanges(header, 26), 'whole', header);
  }
});

test('joins ranges that overlap, so that no byte is sent twice', () => {
  assert.deepEqual(readByteRanges('bytes=10-12,0-5,4-8', 26), [
    { start: 0, end: 9 },
    { start: 10, end: 13 },
  ]);
  assert.deepEqual(readByteRanges('bytes=3-4,3-4', 26), [{ start: 3, end: 5 }]);
  assert.deepEqual(readByteRanges('bytes=2-9,4-5,0-2,9-10', 26), [{ start: 0, end: 11 }]);
  assert.equal(readByteRanges('bytes=0-20,10-', 26), 'whole');
  assert.equal(readByteRanges(`bytes=${Array.from({ length: maxRanges }, () => '1-').join()}`, 26).length, 1);
});

/** A header with this number of ranges. */
function list(count: number): string {
  return `bytes=${Array.from({ length: count }, (_, at) => `${2 * at}-${2 * at}`).join()}`;
}

test('more ranges than the limit are the whole file', () => {
  assert.equal(readByteRanges(list(maxRanges), 10_000).length, maxRanges);
  assert.equal(readByteRanges(list(maxRanges + 1), 10_000), 'whole');
});

test('any ranges are inside the file, without overlap, and contain the bytes that were asked for', () => {
  const range = tuple(nat(40), nat(40)).map(([first, more]): [number, number] => [first, first + more]);
  forAll(
    property(array(range, { minLength: 1, maxLength: 8 }), nat(60), (asked, size) => {
      const found = readByteRanges(`bytes=${asked.map(([first, last]) => `${first}-${last}`).join(', ')}`, size);
      const wanted = new Set(asked.flatMap(([first, last]) => bytesFrom(first, Math.min(last + 1, size))));
      if (found === 'unsatisfiable') return assert.equal(wanted.size, 0);
      const ranges = found === 'whole' ? [{ start: 0, end: size }] : found;
      const sent = ranges.flatMap(({ start, end }) => bytesFrom(start, end));
      assert.equal(new Set(sent).size, sent.length);
      assert.deepEqual(new Set(sent), wanted);
    }),
  );
});

function bytesFrom(start: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index);
}

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
    assert.equal(readByteRanges(header, 26), 'unsatisfiable', header);
  }
});

test('an empty file has the last bytes of any number above 0, and no first byte', () => {
  for (const header of ['bytes=-1', 'bytes=-5', `bytes=-${'9'.repeat(400)}`]) {
    assert.equal(readByteRanges(header, 0), 'whole', header);
  }
  for (const header of ['bytes=-0', 'bytes=0-', 'bytes=0-0', 'bytes=5-']) {
    assert.equal(readByteRanges(header, 0), 'unsatisfiable', header);
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
      long.map((header) => module.readByteRanges(header, 26)),
    headers,
  );
  assert.deepEqual(
    ranges,
    headers.map(() => 'whole'),
  );
});
