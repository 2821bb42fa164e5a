/** Expectations are those of Tornado's `locale` module, with the texts of a Chinese CSV file as its users write it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as forAll, constantFrom, date, double, property, string } from 'fast-check';
import type { Catalog } from './catalog.ts';
import { parseCsv } from './csv-file.ts';
import { parsePo } from './gettext-file.ts';
import { Locale, type FormatDateOptions } from './locale.ts';

/** A Thursday. */
const now = Date.UTC(2026, 6, 2, 16, 5, 30);
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const limit = { maxEntries: 1_000, rest: 1_000 };
const csv = (text: string, tag: string): Catalog => parseCsv(text, `${tag}.csv`, tag, limit);
const create = (code: string, catalogs: readonly Catalog[] = [], otherCatalogs: readonly Catalog[] = []): Locale =>
  new Locale(code, { catalogs, otherCatalogs, timeZone: 'UTC', now: () => now });

const chinese = `"1 second ago","1 秒前",singular
"%(seconds)d seconds ago","%(seconds)d 秒前",plural
"1 minute ago","1 分钟前",singular
"%(minutes)d minutes ago","%(minutes)d 分钟前",plural
"1 hour ago","1 小时前",singular
"%(hours)d hours ago","%(hours)d 小时前",plural
"yesterday","昨天"
"yesterday at %(time)s","昨天 %(time)s"
"%(weekday)s","%(weekday)s"
"%(weekday)s at %(time)s","%(weekday)s %(time)s"
"%(month_name)s %(day)s","%(month_name)s%(day)s日"
"%(month_name)s %(day)s at %(time)s","%(month_name)s%(day)s日 %(time)s"
"%(month_name)s %(day)s, %(year)s","%(year)s年%(month_name)s%(day)s日"
"%(month_name)s %(day)s, %(year)s at %(time)s","%(year)s年%(month_name)s%(day)s日 %(time)s"
"%(weekday)s, %(month_name)s %(day)s","%(month_name)s%(day)s日，%(weekday)s"
"%(commas)s and %(last)s","%(commas)s 和 %(last)s"
"July","七月"
"Tuesday","星期二"
"I love you","我爱你"
`;

const english = create('en');
const american = create('en-US');
const mandarin = create('zh-CN', [csv(chinese, 'zh-CN')]);
const german = create('de');

/** How long ago, options, and what Tornado writes in English and Chinese. */
const dates: readonly (readonly [ago: number, options: FormatDateOptions, english: string, chinese: string])[] = [
  [0, {}, '0 seconds ago', '0 秒前'],
  [second, {}, '1 second ago', '1 秒前'],
  [2 * second + 999, {}, '2 seconds ago', '2 秒前'],
  [49 * second, {}, '49 seconds ago', '49 秒前'],
  [50 * second, {}, '1 minute ago', '1 分钟前'],
  [89 * second, {}, '1 minute ago', '1 分钟前'],
  [90 * second, {}, '2 minutes ago', '2 分钟前'],
  // Python rounds to the even number.
  [150 * second, {}, '2 minutes ago', '2 分钟前'],
  [210 * second, {}, '4 minutes ago', '4 分钟前'],
  [50 * minute - second, {}, '50 minutes ago', '50 分钟前'],
  [50 * minute, {}, '1 hour ago', '1 小时前'],
  [2 * hour, {}, '2 hours ago', '2 小时前'],
  [24 * hour - second, {}, '24 hours ago', '24 小时前'],
  [day, {}, 'yesterday at 4:05 pm', '昨天 下午4:05'],
  [day, { shorter: true }, 'yesterday', '昨天'],
  [2 * day, {}, 'Tuesday at 4:05 pm', '星期二 下午4:05'],
  [2 * day, { shorter: true }, 'Tuesday', '星期二'],
  // More than a day ago, but not on the day before.
  [day + 17 * hour, {}, 'Tuesday at 11:05 pm', '星期二 下午11:05'],
  [5 * day, {}, 'June 27 at 4:05 pm', '六月27日 下午4:05'],
  [300 * day, { shorter: true }, 'September 5', '九月5日'],
  [333 * day, {}, 'August 3 at 4:05 pm', '八月3日 下午4:05'],
  [334 * day, {}, 'August 2, 2025 at 4:05 pm', '2025年八月2日 下午4:05'],
  [500 * day, { shorter: true }, 'February 17, 2025', '2025年二月17日'],
  [2 * hour, { relative: false }, '2:05 pm', '下午2:05'],
  [15 * hour, { relative: false }, '1:05 am', '上午1:05'],
  [16 * hour, { relative: false }, '12:05 am', '上午12:05'],
  [4 * hour, { relative: false }, '12:05 pm', '下午12:05'],
  [day, { relative: false }, 'Wednesday at 4:05 pm', '星期三 下午4:05'],
  [2 * minute, { fullFormat: true }, 'July 2, 2026 at 4:03 pm', '2026年七月2日 下午4:03'],
  [2 * minute, { fullFormat: true, shorter: true }, 'July 2, 2026', '2026年七月2日'],
  // Clocks differ by less than a minute; anything later has the whole date.
  [-59 * second, {}, '0 seconds ago', '0 秒前'],
  [-minute, {}, 'July 2, 2026 at 4:06 pm', '2026年七月2日 下午4:06'],
  [-30 * second, { relative: false }, 'July 2, 2026 at 4:06 pm', '2026年七月2日 下午4:06'],
  [-day - 30 * second, {}, 'July 3, 2026 at 4:06 pm', '2026年七月3日 下午4:06'],
];

/** A value that does not compile. */
const wrong = (value: unknown): never => value as never;

test('writes dates as Tornado does, in English and in Chinese', () => {
  for (const [ago, options, inEnglish, inChinese] of dates) {
    const title = `${ago / second} s, ${JSON.stringify(options)}`;
    assert.equal(english.formatDate(now - ago, options), inEnglish, title);
    assert.equal(american.formatDate(new Date(now - ago), options), inEnglish, title);
    assert.equal(mandarin.formatDate(now - ago, options), inChinese, title);
  }
});

test('the time zone decides which day it is', () => {
  const at = Date.UTC(2026, 5, 30, 20, 30);
  assert.equal(english.formatDate(at), 'Tuesday at 8:30 pm');
  // Wednesday there, and now it is Friday.
  assert.equal(english.formatDate(at, { timeZone: 'Asia/Shanghai' }), 'Wednesday at 4:30 am');
  assert.equal(english.formatDate(at, { timeZone: '+08:00' }), 'Wednesday at 4:30 am');
  assert.equal(english.formatDate(at, { timeZone: 'America/New_York' }), 'Tuesday at 4:30 pm');
  assert.equal(english.formatDate(now - day - 7 * hour, { timeZone: 'Europe/Berlin' }), 'yesterday at 11:05 am');
  // 25 hours ago it was yesterday in London, and the day before yesterday in Shanghai, where it is past midnight.
  assert.equal(english.formatDate(now - 25 * hour), 'yesterday at 3:05 pm');
  assert.equal(english.formatDate(now - 25 * hour, { timeZone: 'Asia/Shanghai' }), 'Wednesday at 11:05 pm');
  assert.equal(english.formatDay(at, { timeZone: 'Asia/Shanghai' }), 'Wednesday, July 1');
  const local = new Locale('en', { catalogs: [], otherCatalogs: [], timeZone: 'Asia/Tokyo', now: () => now });
  assert.equal(local.formatDate(at), 'Wednesday at 5:30 am');
  assert.equal(local.formatDate(at, { timeZone: 'UTC' }), 'Tuesday at 8:30 pm');
});

test('other languages have the words of Intl', () => {
  for (const [ago, options, expected] of [
    [2 * second, {}, 'vor 2 Sekunden'],
    [hour, {}, 'vor 1 Stunde'],
    [day, {}, 'gestern 16:05'],
    [day, { shorter: true }, 'gestern'],
    [2 * day, { shorter: true }, 'Dienstag'],
    [300 * day, { shorter: true }, '5. September'],
    [500 * day, { shorter: true }, '17. Februar 2025'],
    [2 * hour, { relative: false }, '14:05'],
  ] as const) {
    assert.equal(german.formatDate(now - ago, options), expected);
  }
  assert.match(german.formatDate(now - 300 * day), /^5\. September.* 16:05$/);
  assert.equal(create('zh-TW').formatDate(now - 5 * minute), '5 分鐘前');
});

test('formats by Intl alone on request', () => {
  const intl = { dateStyle: 'long', timeStyle: 'short' } as const;
  assert.equal(german.formatDate(now, { intl, timeZone: 'Europe/Berlin' }), '2. Juli 2026 um 18:05');
  assert.equal(mandarin.formatDate(now, { intl: { dateStyle: 'full' } }), '2026年7月2日星期四');
});

test('formats days', () => {
  assert.equal(english.formatDay(now), 'Thursday, July 2');
  assert.equal(english.formatDay(now, { weekday: false }), 'July 2');
  assert.equal(mandarin.formatDay(now), '七月2日，星期四');
  assert.equal(mandarin.formatDay(now, { weekday: false }), '七月2日');
  assert.equal(german.formatDay(now), 'Donnerstag, 2. Juli');
});

test('accepts a Temporal.Instant', () => {
  assert.equal(english.formatDate({ epochMilliseconds: now - hour }), '1 hour ago');
});

test('groups the digits of numbers as the language does', () => {
  assert.equal(english.friendlyNumber(1_000_000), '1,000,000');
  assert.equal(english.friendlyNumber(999), '999');
  assert.equal(english.friendlyNumber(-1_234.5), '-1,234.5');
  assert.equal(english.friendlyNumber(12_345_678_901_234_567_890n), '12,345,678,901,234,567,890');
  assert.equal(german.friendlyNumber(1_000_000), '1.000.000');
});

test('joins lists', () => {
  assert.equal(english.list([]), '');
  assert.equal(english.list(['A']), 'A');
  assert.equal(english.list(['A', 'B']), 'A and B');
  assert.equal(english.list(['A', 'B', 'C']), 'A, B and C');
  assert.equal(english.list(['%(last)s', '{last}']), '%(last)s and {last}');
  assert.equal(mandarin.list(['A', 'B', 'C']), 'A, B 和 C');
  assert.equal(create('zh-CN').list(['A', 'B', 'C']), 'A、B和C');
  assert.equal(german.list(['A', 'B', 'C']), 'A, B und C');
});

test('translates, with values', () => {
  assert.equal(mandarin.translate('I love you'), '我爱你');
  assert.equal(mandarin.translate('No translation'), 'No translation');
  assert.equal(english.translate('Hello, {name}! {missing}', { name: '{missing}' }), 'Hello, {missing}! {missing}');
  assert.equal(english.translate('{count} page', '{count} pages', 1), '1 page');
  assert.equal(english.translate('{count} page', '{count} pages', 1_234), '1,234 pages');
  assert.equal(english.translate('{n} page of {book}', '{n} pages of {book}', 0, { n: 0, book: 'A' }), '0 pages of A');
  assert.equal(english.translate('%(n)d of %(all)s: 100%%', { n: 1_234, all: 'x' }), '1234 of x: 100%');
  assert.equal(english.translate('100%% {n}', { n: 1 }), '100%% 1');
  assert.equal(english.translate('{ not } {a b} {}', { not: 'x' }), '{ not } {a b} {}');
  assert.equal(english.translate('{toString}', {}), '{toString}');
});

test('a text with a context falls back to that without one, then to the text', () => {
  const po =
    'msgctxt "menu"\nmsgid "Open"\nmsgstr "Öffnen"\n\nmsgid "Open"\nmsgstr "Offen"\n\nmsgctxt "mail"\nmsgid "{count} file"\nmsgid_plural "{count} files"\nmsgstr[0] "{count} Datei"\nmsgstr[1] "{count} Dateien"\n';
  const locale = create('de', [parsePo(Buffer.from(po), 'de.po', 'de', limit)]);
  assert.equal(locale.pgettext('menu', 'Open'), 'Öffnen');
  assert.equal(locale.pgettext('door', 'Open'), 'Offen');
  assert.equal(locale.pgettext('menu', 'Close'), 'Close');
  assert.equal(locale.pgettext('mail', '{count} file', '{count} files', 2), '2 Dateien');
  assert.equal(locale.pgettext('disk', '{count} file', '{count} files', 2), '2 files');
});

test('searches the shorter tags and the fallback, but takes words of dates from its own language only', () => {
  const austrian = create(
    'de-AT',
    [csv('January,Jänner', 'de-AT'), csv('January,Januar\nHello,Hallo', 'de')],
    [csv('Hello,Bonjour\nBye,Au revoir\nyesterday,hier', 'fr')],
  );
  assert.deepEqual(
    ['January', 'Hello', 'Bye', 'x'].map((text) => austrian.translate(text)),
    ['Jänner', 'Hallo', 'Au revoir', 'x'],
  );
  assert.equal(austrian.formatDate(now - day, { shorter: true }), 'gestern');
});

test('has the attributes of HTML and its own name', () => {
  assert.equal(mandarin.htmlAttributes, 'lang="zh-CN" dir="ltr"');
  assert.equal(create('ar').htmlAttributes, 'lang="ar" dir="rtl"');
  assert.equal(mandarin.name, '中文（中国）');
  assert.equal(create('pt-BR').name, 'português (Brasil)');
});

test('refuses wrong values with their name', () => {
  for (const [call, message] of [
    [
      () => english.formatDate(Number.NaN),
      'date must be a valid Date, milliseconds since 1970, or a Temporal.Instant; got NaN.',
    ],
    [() => english.formatDate(new Date('x')), /^date must be a valid Date/],
    [() => english.formatDate(wrong(null)), /^date must be a valid Date.*; got null\.$/],
    [() => english.formatDate(now, wrong({ timezone: 'UTC' })), /^Unknown formatDate option timezone, use timeZone; /],
    [
      () => english.formatDate(now, { timeZone: 'Mars/Base' }),
      'timeZone must be a time zone, such as Europe/Berlin or +08:00; got "Mars/Base".',
    ],
    [() => english.formatDate(now, { timeZone: 'x'.repeat(1_000_000) }), /^timeZone must be a time zone/],
    [() => english.formatDate(now, wrong({ relative: 1 })), 'relative must be true or false; got 1.'],
    [
      () => english.formatDate(now, { intl: { dateStyle: wrong('huge') } }),
      /^Intl\.DateTimeFormat does not accept the options: /,
    ],
    [
      () => english.formatDate(now, { intl: {}, shorter: true }),
      /^intl must be given without relative, shorter and fullFormat/,
    ],
    [() => english.formatDay(now, wrong({ dow: false })), /^Unknown formatDay option dow/],
    [() => english.translate(wrong(undefined)), 'text must be a string; got undefined.'],
    [() => english.translate('a', 'b', wrong(undefined)), 'count must be a finite number; got undefined.'],
    [() => english.translate('a', 'b', Number.NaN), 'count must be a finite number; got NaN.'],
    [() => english.translate('a', wrong(5)), 'values must be an object; got 5.'],
    [() => english.pgettext(wrong(undefined), 'a'), 'context must be a string; got undefined.'],
    [() => english.friendlyNumber(wrong('1')), 'value must be a number; got "1".'],
    [() => english.list(wrong('ab')), 'parts must be an array of strings; got "ab".'],
  ] as const) {
    assert.throws(call, { message });
  }
});

test('any date can be written in any language and zone', () => {
  const locales = [english, mandarin, german, create('ar'), create('fa'), create('th')];
  const valid = date({ noInvalidDate: true, min: new Date(-8.64e15), max: new Date(8.64e15) });
  forAll(
    property(
      valid,
      constantFrom(...locales),
      constantFrom('UTC', 'Asia/Shanghai', '-03:30'),
      (at, locale, timeZone) => {
        for (const options of [{}, { shorter: true }, { relative: false }, { fullFormat: true }]) {
          const text = locale.formatDate(at, { ...options, timeZone });
          assert.ok(text.length > 0);
          assert.doesNotMatch(text, /[%{]|undefined|NaN/);
        }
      },
    ),
  );
});

test('any text and count has a translation', () => {
  forAll(
    property(string(), string(), double({ noNaN: true, min: -1e300, max: 1e300 }), (text, plural, count) => {
      const expected = count === 1 ? text : plural;
      assert.equal(mandarin.translate(text, plural, count), english.translate(text, plural, count));
      if (!/[{%]/.test(expected)) assert.equal(english.translate(text, plural, count), expected);
    }),
  );
});
