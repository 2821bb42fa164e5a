import assert from 'node:assert/strict';
import { test } from 'node:test';
import { translator } from '../../locale/translator.ts';
import { clockTime, dayKey, dayLabel, fullTime, readerTimeZone, shortTime, untilMidnight } from './day.ts';

const shanghai = 'Asia/Shanghai';
const newYork = 'America/New_York';
/** Saturday, 2026-11-21, 01:30 in Shanghai; the day before in New York. */
const now = Date.UTC(2026, 10, 20, 17, 30);
const dayMs = 86_400_000;

const en = (daysAgo: number): string => dayLabel(now - daysAgo * dayMs, now, 'en', translator('en'), shanghai);
const zh = (daysAgo: number): string => dayLabel(now - daysAgo * dayMs, now, 'zh-CN', translator('zh-CN'), shanghai);
const shortEn = (daysAgo: number): string =>
  shortTime(now - daysAgo * dayMs, now, 'en', translator('en'), shanghai).replace('\u202F', ' ');
const shortZh = (daysAgo: number): string =>
  shortTime(now - daysAgo * dayMs, now, 'zh-CN', translator('zh-CN'), shanghai);

test('a time has different days in different time zones', () => {
  assert.equal(dayKey(now, shanghai), '2026-11-21');
  assert.equal(dayKey(now, newYork), '2026-11-20');
});

test('the day in the time zone of the reader is that of the formatter', () => {
  const zone = readerTimeZone();
  for (let time = now; time < now + 400 * dayMs; time += 11 * 3_600_000) {
    const expected = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeZone: zone }).format(time);
    assert.equal(dayKey(time, zone), expected);
  }
});

test('names days relative to the current day', () => {
  assert.deepEqual([0, 1, 2, 6].map(en), ['Today', 'Yesterday', 'Thursday', 'Sunday']);
  assert.equal(en(7), 'Saturday, November 14');
  assert.equal(en(365), 'Friday, November 21, 2025');
  assert.deepEqual([0, 1, 2, 7, 365].map(zh), ['今天', '昨天', '星期四', '11月14日星期六', '2025年11月21日星期五']);
});

test('yesterday is the previous calendar day, not 24 hours ago', () => {
  const label = (time: number): string => dayLabel(time, now, 'en', translator('en'), shanghai);
  assert.equal(label(now - 2 * 3_600_000), 'Yesterday');
  assert.equal(label(now - 26 * 3_600_000), 'Thursday');
  // The night in which New York sets its clocks back has 25 hours.
  const morning = Date.UTC(2026, 10, 2, 12);
  assert.equal(dayLabel(Date.UTC(2026, 10, 1, 4, 30), morning, 'en', translator('en'), newYork), 'Yesterday');
});

test('says in few characters when something was', () => {
  assert.deepEqual([0, 1, 2, 6, 7, 365].map(shortEn), ['1:30 AM', 'Yesterday', 'Thu', 'Sun', 'Nov 14', '11/21/2025']);
  assert.deepEqual([0, 1, 2, 7, 365].map(shortZh), ['01:30', '昨天', '周四', '11月14日', '2025/11/21']);
  // The clock of the sender's server may be ahead.
  assert.match(shortEn(-1), /AM$/);
});

test('formats times in the time zone and in the format of the language', () => {
  const time = Date.UTC(2026, 10, 21, 6, 5, 9);
  assert.equal(clockTime(time, 'zh-CN', shanghai), '14:05');
  assert.match(clockTime(time, 'en', shanghai), /^2:05\sPM$/);
  assert.match(fullTime(time, 'en', shanghai), /^Saturday, November 21, 2026 at 2:05:09\sPM$/);
  assert.equal(fullTime(time, 'zh-CN', shanghai), '2026年11月21日星期六 14:05:09');
});

test('the next midnight is at most a day away, and never now', () => {
  const toMidnight = untilMidnight(now);
  assert.ok(toMidnight > 0 && toMidnight <= dayMs);
  assert.equal(new Date(now + toMidnight).getHours(), 0);
});

test('the time zone of the reader is one that formatters accept', () => {
  assert.match(clockTime(now, 'zh-CN', readerTimeZone()), /^\d\d:\d\d$/);
});

test('a language of the browser that is no language tag is ignored', (t) => {
  const languages = ['en-US@posix', 'en_GB', 'en-', 'en-GB'];
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator')!;
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { languages } });
  t.after(() => Object.defineProperty(globalThis, 'navigator', before));
  assert.equal(clockTime(now, 'en', shanghai), '01:30');
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { languages: languages.slice(0, 3) } });
  assert.match(clockTime(now, 'en', shanghai), /^1:30\sAM$/);
});

test('makes a formatter once, also where the browser returns a new list of languages each time', (t) => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator')!;
  Object.defineProperty(globalThis, 'navigator', {
    configurable: true,
    get: () => ({ languages: ['zh-CN', 'fr'] }),
  });
  t.after(() => Object.defineProperty(globalThis, 'navigator', before));
  const made = t.mock.method(Intl, 'DateTimeFormat');
  for (let hour = 0; hour < 5; hour++) clockTime(now + hour * 3_600_000, 'zh-CN', shanghai);
  assert.equal(made.mock.callCount(), 1);
});
