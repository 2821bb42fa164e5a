import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { GaleError } from '../errors.ts';
import { formatHttpDate, parseHttpDate } from './http-date.ts';

const now = Date.UTC(2026, 10, 26, 12);
const read = (text: string, at = now): string | undefined => {
  const instant = parseHttpDate(text, at);
  return instant === undefined ? undefined : new Date(instant).toISOString();
};

test('reads the three forms as UTC, in every time zone', () => {
  const zone = process.env['TZ'];
  try {
    for (const name of ['UTC', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Kiritimati']) {
      process.env['TZ'] = name;
      assert.equal(read('Sun, 06 Nov 1994 08:49:37 GMT'), '1994-11-06T08:49:37.000Z', name);
      assert.equal(read('Sunday, 06-Nov-94 08:49:37 GMT'), '1994-11-06T08:49:37.000Z', name);
      assert.equal(read('Sun Nov  6 08:49:37 1994'), '1994-11-06T08:49:37.000Z', name);
      assert.equal(read('Wed Nov 16 08:49:37 1994'), '1994-11-16T08:49:37.000Z', name);
    }
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
});

test('reads every month, and years before 100', () => {
  for (let month = 0; month < 12; month++) {
    const date = new Date(Date.UTC(2024, month, 29, 1, 2, 3));
    assert.equal(parseHttpDate(date.toUTCString()), date.getTime());
  }
  assert.equal(read('Sat, 01 Jan 0000 00:00:00 GMT'), '0000-01-01T00:00:00.000Z');
  assert.equal(read('Sat, 01 Jan 0050 00:00:00 GMT'), '0050-01-01T00:00:00.000Z');
  assert.equal(read('Fri, 31 Dec 9999 23:59:59 GMT'), '9999-12-31T23:59:59.000Z');
});

test('accepts a name of the day that does not fit the date', () => {
  assert.equal(read('Mon, 06 Nov 1994 08:49:37 GMT'), '1994-11-06T08:49:37.000Z');
  assert.equal(read('Friday, 06-Nov-94 08:49:37 GMT'), '1994-11-06T08:49:37.000Z');
  assert.equal(read('Tue Nov  6 08:49:37 1994'), '1994-11-06T08:49:37.000Z');
});

test('a year of two digits is at most 50 years in the future', () => {
  assert.equal(read('Thursday, 26-Nov-76 12:00:00 GMT'), '2076-11-26T12:00:00.000Z');
  assert.equal(read('Thursday, 26-Nov-76 12:00:01 GMT'), '1976-11-26T12:00:01.000Z');
  assert.equal(read('Saturday, 01-Jan-77 00:00:00 GMT'), '1977-01-01T00:00:00.000Z');
  assert.equal(read('Saturday, 01-Jan-00 00:00:00 GMT'), '2000-01-01T00:00:00.000Z');
  assert.equal(read('Friday, 31-Dec-99 23:59:59 GMT'), '1999-12-31T23:59:59.000Z');
  // 2100 has no 29 February; 2000 has.
  assert.equal(read('Tuesday, 29-Feb-00 00:00:00 GMT', Date.UTC(2060, 0, 1)), '2000-02-29T00:00:00.000Z');
  assert.equal(read('Monday, 29-Feb-00 00:00:00 GMT', Date.UTC(2101, 0, 1)), '2000-02-29T00:00:00.000Z');
});

test('a leap second is the first second of the next day', () => {
  assert.equal(read('Tue, 30 Jun 2015 23:59:60 GMT'), '2015-07-01T00:00:00.000Z');
  assert.equal(read('Sat, 31 Dec 2016 23:59:60 GMT'), '2017-01-01T00:00:00.000Z');
  for (const time of ['23:58:60', '12:59:60', '00:00:60', '23:59:61']) {
    assert.equal(read(`Tue, 30 Jun 2015 ${time} GMT`), undefined, time);
  }
});

test('refuses days and times that do not exist', () => {
  for (const day of ['31 Feb 2026', '29 Feb 2026', '29 Feb 1900', '31 Apr 2026', '00 Jan 2026', '32 Jan 2026']) {
    assert.equal(read(`Sun, ${day} 08:49:37 GMT`), undefined, day);
  }
  for (const time of ['24:00:00', '08:60:00', '08:00:60', '99:99:99']) {
    assert.equal(read(`Sun, 06 Nov 1994 ${time} GMT`), undefined, time);
    assert.equal(read(`Sun Nov  6 ${time} 1994`), undefined, time);
  }
  assert.equal(read('Thursday, 29-Feb-27 08:49:37 GMT'), undefined);
  assert.equal(read('Sun Nov  0 08:49:37 1994'), undefined);
});

test('refuses everything else, also what Date.parse accepts', () => {
  const others = [
    '',
    '9999',
    'foo 2030',
    '0',
    '1994-11-06T08:49:37Z',
    '2026',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 gmt',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 06 Nov 1994 08:49:37 GMT+1',
    'Sun, 06 Nov 1994 08:49:37 EST',
    'sun, 06 nov 1994 08:49:37 GMT',
    'SUN, 06 NOV 1994 08:49:37 GMT',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 94 08:49:37 GMT',
    'Sun, 06  Nov 1994 08:49:37 GMT',
    'Sun,06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 8:49:37 GMT',
    'Sun, 06 Nov 1994 08:49 GMT',
    'Sun, 06 Nov 1994 08:49:37.000 GMT',
    'Sun, 06-Nov-94 08:49:37 GMT',
    'Sunday, 06-Nov-1994 08:49:37 GMT',
    'Sunday, 06 Nov 1994 08:49:37 GMT',
    'Sun Nov 6 08:49:37 1994',
    'Sun Nov  6 08:49:37 1994 GMT',
    'Sunday Nov  6 08:49:37 1994',
    '06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 19940 08:49:37 GMT',
    ' Sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT ',
    'Sun, 06 Nov 1994 08:49:37 GMT\n',
    'Sun, 06 Nov 1994 08:49:37 GMT; length=4',
    'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, \u0660\u0666 Nov 1994 08:49:37 GMT',
    'x'.repeat(100_000),
  ];
  for (const text of others) assert.equal(read(text), undefined, JSON.stringify(text));
});

test('reads back every date that it writes, to the second', () => {
  const date = fc.date({
    min: new Date('0000-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(date, (written) => {
      assert.equal(parseHttpDate(formatHttpDate(written)), Math.floor(written.getTime() / 1000) * 1000);
    }),
  );
});

test('writes no date without a year of four digits', () => {
  assert.equal(formatHttpDate(new Date(784_111_777_999)), 'Sun, 06 Nov 1994 08:49:37 GMT');
  for (const ms of [Number.NaN, Infinity, Date.UTC(10_000, 0, 1), Date.UTC(-1, 0, 1)]) {
    assert.throws(
      () => formatHttpDate(new Date(ms)),
      (error) => error instanceof GaleError && error.code === 'WEB_HEADER',
    );
  }
});
