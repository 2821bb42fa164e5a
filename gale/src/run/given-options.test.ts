import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertFunctions,
  assertLog,
  assertNames,
  readChoices,
  readIntegers,
  readNumbers,
  wrongValue,
} from './given-options.ts';
import type { Logger } from './log.ts';

const ranges = { size: [10, 1, 100], count: [0, 0, 3] } as const;

test('omitted and undefined numbers have their defaults', () => {
  assert.deepEqual(readIntegers({}, ranges), { size: 10, count: 0 });
  assert.deepEqual(readIntegers({ size: undefined, count: 3 }, ranges), { size: 10, count: 3 });
});

test('rejects a value that is not an integer in its range, with name, range and value', () => {
  for (const [value, shown] of [
    [0, '0'],
    [101, '101'],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    [Infinity, 'Infinity'],
    ['5', '"5"'],
    ['x'.repeat(81), `"${'x'.repeat(80)}…" of 81 characters`],
    [null, 'null'],
    [true, 'true'],
    [5n, '5'],
    [[5], 'an array of 1'],
    [{ a: 1 }, 'an object with a'],
    [Object.create(null), 'an empty object'],
    [new Map(), 'an instance of Map'],
    [Promise.resolve(5), 'an instance of Promise'],
    [Object.create({}), 'an instance of Object'],
    [Object.create(Object.create(null)), 'an instance of a class without a name'],
    [{ ['n'.repeat(100)]: 1 }, `an object with ${'n'.repeat(80)}…`],
  ] as const) {
    assert.throws(() => readIntegers({ size: value }, ranges), {
      code: 'OPTION_VALUE',
      message: `size must be an integer from 1 to 100; got ${shown}.`,
    });
  }
});

test('rejects an unknown name and lists the known ones', () => {
  assertNames('cup', { size: 1 }, ['size', 'count']);
  assert.throws(() => assertNames('cup', { sise: 1 }, ['size', 'count']), {
    code: 'OPTION_UNKNOWN',
    message: 'Unknown cup option sise; the options are size, count.',
  });
  for (const options of [null, undefined, 'size', 5, []]) {
    assert.throws(() => assertNames('cup', options, ['size']), {
      code: 'OPTION_VALUE',
      message: /^cup options must be/,
    });
  }
});

test('rejects a log without one of the four methods', () => {
  assertLog(undefined);
  assertLog(console);
  for (const log of [null, {}, 'warn', { debug() {}, info() {}, warn() {} }, console.log]) {
    assert.throws(() => assertLog(log as unknown as Logger), {
      code: 'OPTION_VALUE',
      message: /^log must be an object with/,
    });
  }
});

test('shows the property names of an object, but not its values', () => {
  assert.match(wrongValue('tls', 'other', { key: 'secret' }).message, /^tls must be other; got an object with key\.$/);
});

test('accepts a fraction as a rate, and rejects a rate outside its range', () => {
  const rates = { perSecond: [2, 0.001, 10] } as const;
  assert.deepEqual(readNumbers({}, rates), { perSecond: 2 });
  assert.deepEqual(readNumbers({ perSecond: 0.001 }, rates), { perSecond: 0.001 });
  for (const value of [0, 10.1, Number.NaN, Infinity, '1', null]) {
    assert.throws(() => readNumbers({ perSecond: value }, rates), {
      code: 'OPTION_VALUE',
      message: /^perSecond must be a number from 0\.001 to 10; got /,
    });
  }
});

test('rejects a value that is not a choice; the first choice is the default', () => {
  const choices = { mode: ['close', 'drop'], compress: [false, true] } as const;
  assert.deepEqual(readChoices({}, choices), { mode: 'close', compress: false });
  assert.deepEqual(readChoices({ mode: 'drop', compress: true }, choices), { mode: 'drop', compress: true });
  assert.throws(() => readChoices({ mode: 'wait' }, choices), {
    message: 'mode must be "close" or "drop"; got "wait".',
  });
  assert.throws(() => readChoices({ compress: 'false' }, choices), {
    message: 'compress must be true or false; got "false".',
  });
});

test('rejects a callback that is not a function', () => {
  assertFunctions({ now: undefined, random: () => 1 }, ['now', 'random']);
  assert.throws(() => assertFunctions({ now: 5 }, ['now']), {
    code: 'OPTION_VALUE',
    message: 'now must be a function; got 5.',
  });
});
