import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLog, assertNames, readIntegers, wrongValue } from './given-options.ts';
import type { Logger } from './log.ts';

const ranges = { size: [10, 1, 100], count: [0, 0, 3] } as const;

test('numbers that are left out or undefined have their defaults', () => {
  assert.deepEqual(readIntegers({}, ranges), { size: 10, count: 0 });
  assert.deepEqual(readIntegers({ size: undefined, count: 3 }, ranges), { size: 10, count: 3 });
});

test('what is no whole number in its range is told by name, range and value', () => {
  for (const [value, said] of [
    [0, '0'],
    [101, '101'],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    [Infinity, 'Infinity'],
    ['5', '"5"'],
    [null, 'null'],
    [true, 'true'],
    [5n, '5'],
    [[5], 'an array of 1'],
    [{ a: 1 }, 'an object with a'],
  ] as const) {
    assert.throws(() => readIntegers({ size: value }, ranges), {
      code: 'OPTION_VALUE',
      message: `size must be an integer from 1 to 100; got ${said}.`,
    });
  }
});

test('a name that is not known is told with those that are', () => {
  assertNames('cup', { size: 1 }, ['size', 'count']);
  assert.throws(() => assertNames('cup', { sise: 1 }, ['size', 'count']), {
    code: 'OPTION_UNKNOWN',
    message: 'Unknown cup option sise; the options are size, count.',
  });
  for (const options of [null, undefined, 'size', 5, []]) {
    assert.throws(() => assertNames('cup', options, ['size']), {
      code: 'OPTION_VALUE',
      message: /^The options of cup must be/,
    });
  }
});

test('a log has four methods', () => {
  assertLog(undefined);
  assertLog(console);
  for (const log of [null, {}, 'warn', { debug() {}, info() {}, warn() {} }, console.log]) {
    assert.throws(() => assertLog(log as unknown as Logger), {
      code: 'OPTION_VALUE',
      message: /^log must be an object with/,
    });
  }
});

test('an object is named by what it has, not by what is in it', () => {
  assert.match(wrongValue('tls', 'other', { key: 'secret' }).message, /^tls must be other; got an object with key\.$/);
});
