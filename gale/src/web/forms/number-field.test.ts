import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sent } from '../../../test/support/web/form-request.ts';
import { decimalField, integerField } from './number-field.ts';

const label = 'Number';

test('reads integers in decimal digits', () => {
  const field = integerField({ label });
  for (const [text, value] of [
    ['0', 0],
    ['-0', 0],
    ['+5', 5],
    ['007', 7],
    [' 12 ', 12],
    ['-9007199254740991', -9007199254740991],
    ['9007199254740991', 9007199254740991],
  ] as const) {
    const reading = field.read(sent(text));
    assert.deepEqual(reading, { value }, text);
    assert.ok('value' in reading && !Object.is(reading.value, -0), text);
  }
});

test('refuses what JavaScript would read as another number', () => {
  const field = integerField({ label });
  for (const text of [
    '1.0',
    '1e3',
    '0x10',
    '1_000',
    '1,000',
    '1 000',
    '--1',
    '+',
    'Infinity',
    'NaN',
    '１２',
    '٣',
    '12px',
  ]) {
    assert.deepEqual(field.read(sent(text)), { rule: 'integer' }, text);
  }
});

test('refuses integers that a number cannot have exactly', () => {
  const field = integerField({ label });
  const max = Number.MAX_SAFE_INTEGER;
  assert.deepEqual(field.read(sent('9007199254740992')), { rule: 'tooLarge', values: { max } });
  assert.deepEqual(field.read(sent('9007199254740993')), { rule: 'tooLarge', values: { max } });
  assert.deepEqual(field.read(sent('-9007199254740992')), { rule: 'tooSmall', values: { min: -max } });
  assert.deepEqual(field.read(sent('9'.repeat(41))), { rule: 'tooLong', values: { count: 40 } });
});

test('checks the range', () => {
  const field = integerField({ label, min: 1, max: 10 });
  assert.deepEqual(field.read(sent('0')), { rule: 'tooSmall', values: { min: 1 } });
  assert.deepEqual(field.read(sent('1')), { value: 1 });
  assert.deepEqual(field.read(sent('10')), { value: 10 });
  assert.deepEqual(field.read(sent('11')), { rule: 'tooLarge', values: { max: 10 } });
});

test('reads decimals exactly', () => {
  const field = decimalField({ label });
  for (const [text, value] of [
    ['2.5', 2.5],
    ['.5', 0.5],
    ['5.', 5],
    ['-0.25', -0.25],
    ['0.1', 0.1],
    ['-0.0', 0],
    ['1.50000000000000000000', 1.5],
    ['999999999999999', 999999999999999],
    ['0.0000000001', 1e-10],
    ['12345.6789012345', 12345.6789012345],
  ] as const) {
    assert.deepEqual(field.read(sent(text)), { value }, text);
  }
});

test('zeros at the start and the end of a decimal are no digits', () => {
  const field = decimalField({ label, places: 2 });
  assert.deepEqual(field.read(sent('00000000000000000000001.50000000')), { value: 1.5 });
});

test('refuses decimals that would become another number', () => {
  const field = decimalField({ label });
  for (const text of ['1,5', '1e3', '.', '-', '1.2.3', 'Infinity', '1 000.5', '$5']) {
    assert.deepEqual(field.read(sent(text)), { rule: 'decimal' }, text);
  }
  assert.deepEqual(field.read(sent('1234567.123456789')), { rule: 'digits', values: { count: 15 } });
  assert.deepEqual(field.read(sent('0.12345678901')), { rule: 'places', values: { count: 10 } });
  assert.deepEqual(decimalField({ label, places: 2 }).read(sent('1.234')), { rule: 'places', values: { count: 2 } });
});

test('writes numbers as it reads them', () => {
  const decimal = decimalField({ label });
  for (const [value, text] of [
    [1e-7, '0.0000001'],
    [0.1 + 0.2, '0.3'],
    [-0, '0'],
    [-1e-12, '0'],
    [999999999999999, '999999999999999'],
    [100, '100'],
    [-2.5, '-2.5'],
  ] as const) {
    assert.deepEqual(decimal.write('n', value), [text]);
  }
  assert.deepEqual(integerField({ label }).write('n', -0), ['0']);
  for (const value of [1.5, NaN, Infinity, 2 ** 53, '5']) {
    assert.throws(() => integerField({ label }).write('n', value as number), {
      code: 'OPTION_VALUE',
      message: /^n must be an integer; got /,
    });
  }
  for (const value of [NaN, Infinity, 1e15, '5']) {
    assert.throws(() => decimal.write('n', value as number), { code: 'OPTION_VALUE' });
  }
});
