import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as forAll, constantFrom, property, string, uniqueArray } from 'fast-check';
import { parseCsv } from './csv-file.ts';
import type { Catalog } from './catalog.ts';

const limit = { maxEntries: 1_000, rest: 1_000 };
const parse = (text: string, tag = 'de'): Catalog => parseCsv(text, 'de.csv', tag, limit);

test('reads texts, and plurals as Tornado writes them', () => {
  const catalog = parse(
    '"I love you","Te amo"\n"%(name)s liked this","A %(name)s les gustó esto","plural"\r\n"%(name)s liked this","A %(name)s le gustó esto","singular"\n\nplain , text \n',
  );
  assert.equal(catalog.size, 4);
  assert.equal(catalog.find({ text: 'I love you' }), 'Te amo');
  assert.equal(catalog.find({ text: 'plain' }), 'text');
  const liked = { text: '%(name)s liked this', plural: '%(name)s liked this' };
  assert.equal(catalog.find({ ...liked, count: 1 }), 'A %(name)s le gustó esto');
  for (const count of [0, 2, 1.5]) assert.equal(catalog.find({ ...liked, count }), 'A %(name)s les gustó esto');
  assert.equal(catalog.find({ text: '%(name)s liked this' }), undefined);
  assert.equal(catalog.find({ text: 'I love you', context: 'letter' }), undefined);
});

test('reads the categories of a language, which win over singular and plural', () => {
  const rows = ['one', 'few', 'many'].map((kind) => `{count} days,{count} ${kind},${kind}`);
  const catalog = parse([...rows, '{count} days,{count} other,plural'].join('\n'), 'ru');
  const find = (count: number): string | undefined => catalog.find({ text: 'a day', plural: '{count} days', count });
  assert.deepEqual([1, 2, 5, 21, 1.5].map(find), [
    '{count} one',
    '{count} few',
    '{count} many',
    '{count} one',
    '{count} other',
  ]);
});

test('an empty translation is none', () => {
  assert.equal(parse('a,""\nb,').find({ text: 'a' }), undefined);
  assert.equal(parse('a,""\nb,').find({ text: 'b' }), undefined);
});

test('names file, line and reason of an error', () => {
  for (const [text, message] of [
    ['a,b\nc\n', 'de.csv:2: the text "c" has no translation; a row is text,translation.'],
    ['a,b\n\n"c,d\n', 'de.csv:3: the quoted text has no closing quote.'],
    [
      '"a\nb",c\n"d" e,f',
      'de.csv:3: after a closing quote a comma or the end of the line must follow. Write a quote inside as "".',
    ],
    [
      'a,b,many\na,b,lots',
      'de.csv:2: the third column must be singular, plural, zero, one, two, few, many, other or empty; got "lots".',
    ],
    ['Hello, world,Hallo, Welt', 'de.csv:1: a row has at most 3 columns; got 4. Quote texts with commas.'],
    ['a,b\n'.repeat(1_001), 'de.csv:1001: the files have more than maxEntries (1000) texts.'],
  ] as const) {
    assert.throws(() => parse(text), { code: 'LOCALE_FILE', message });
  }
});

const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;

test('reads back what was written, quoted and with any line ends', () => {
  const texts = string({ unit: constantFrom('a', 'é', '字', '"', ',', '\n', '\r', ' ', '%', '😀'), minLength: 1 });
  const row = array(texts, { minLength: 2, maxLength: 2 });
  forAll(
    property(
      uniqueArray(row, { selector: ([text = '']) => text.trim() }),
      constantFrom('\n', '\r\n', '\r'),
      (rows, end) => {
        const catalog = parse(rows.map((cells) => cells.map(quote).join(',')).join(end));
        for (const [text = '', translation = ''] of rows) {
          const expected = translation.trim();
          assert.equal(catalog.find({ text: text.trim() }), expected === '' ? undefined : expected);
        }
      },
    ),
  );
});

test('any text is read or refused with its line, in linear time', () => {
  forAll(
    property(string({ unit: constantFrom('a', '"', ',', '\n', '\r', ' ') }), (text) => {
      try {
        parse(text);
      } catch (error) {
        assert.match(String(error), /de\.csv:\d+: /);
      }
    }),
  );
  assert.throws(() => parse(`"${'""'.repeat(500_000)}`), /no closing quote/);
});
