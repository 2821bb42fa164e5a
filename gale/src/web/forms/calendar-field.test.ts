import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sent } from '../../../test/support/web/form-request.ts';
import { dateField, timeField } from './calendar-field.ts';

const label = 'When';

test('accepts exactly the days of the Gregorian calendar', () => {
  const field = dateField({ label });
  const day = new Date(Date.UTC(1899, 0, 1));
  for (; day.getUTCFullYear() < 2101; day.setUTCDate(day.getUTCDate() + 1)) {
    const text = day.toISOString().slice(0, 10);
    assert.deepEqual(field.read(sent(text)), { value: text });
  }
  for (const text of [
    '2026-02-30',
    '2026-02-29',
    '1900-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '0000-01-01',
    '2026-1-1',
    '12026-01-01',
    '26-01-01',
    '2026-01-01T00:00',
    '01.02.2026',
    '２０２６-01-01',
    'today',
  ]) {
    assert.deepEqual(field.read(sent(text)), { rule: 'date' }, text);
  }
  for (const text of ['2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31']) {
    assert.deepEqual(field.read(sent(text)), { value: text });
  }
});

test('checks the range of dates', () => {
  const field = dateField({ label, min: '2026-01-31', max: '2026-12-31' });
  assert.deepEqual(field.read(sent('2026-01-30')), { rule: 'tooEarly', values: { min: '2026-01-31' } });
  assert.deepEqual(field.read(sent('2027-01-01')), { rule: 'tooLate', values: { max: '2026-12-31' } });
  assert.deepEqual(field.read(sent('2026-06-01')), { value: '2026-06-01' });
  assert.throws(() => field.write('day', '2026-02-30'), {
    code: 'OPTION_VALUE',
    message: 'day must be a date such as 2026-12-31; got "2026-02-30".',
  });
});

test('reads times without seconds, or with them', () => {
  const field = timeField({ label });
  for (const text of ['00:00', '09:05', '23:59']) assert.deepEqual(field.read(sent(text)), { value: text });
  for (const text of ['24:00', '12:60', '9:05', '09:05:00', '9:05 pm', '0905', '-1:00']) {
    assert.deepEqual(field.read(sent(text)), { rule: 'time' }, text);
  }
  const exact = timeField({ label, seconds: true, min: '08:00:00' });
  assert.deepEqual(exact.read(sent('08:00:59')), { value: '08:00:59' });
  assert.deepEqual(exact.read(sent('08:00')), { rule: 'time' });
  assert.deepEqual(exact.read(sent('08:00:60')), { rule: 'time' });
  assert.deepEqual(exact.read(sent('07:59:59')), { rule: 'tooEarly', values: { min: '08:00:00' } });
});
