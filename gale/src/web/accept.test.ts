import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as forAll, constantFrom, integer, option, property, record, string } from 'fast-check';
import { comparePreferences, preferenceFor, readAccept } from './accept.ts';

const qualityOf = (header: string, type: string): number => preferenceFor(readAccept(header), type).quality;

test('the most exact range decides, whatever its quality and place', () => {
  // RFC 9110 §12.5.1
  const header = 'text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/html, */*;q=0.5';
  assert.deepEqual(
    ['text/html', 'text/plain', 'text/css', 'image/png'].map((type) => qualityOf(header, type)),
    [1, 0.7, 0.3, 0.5],
  );
  assert.equal(qualityOf('*/*, text/html;q=0', 'text/html'), 0);
  assert.equal(qualityOf('TEXT/HTML;Q=0.25', 'text/html'), 0.25);
  assert.equal(qualityOf('text/html;level=1;q=0.4', 'text/html'), 0.4);
  assert.equal(qualityOf('text/html;q=0.4;level=1', 'text/html'), 0.4);
  assert.equal(qualityOf('text/html;', 'text/html'), 1);
  assert.equal(qualityOf('text/html;q=0.2, text/html;q=0.6', 'text/html'), 0.6);
});

test('ignores malformed members and keeps the others', () => {
  for (const member of [
    '',
    'text',
    '/',
    'text/',
    '/html',
    '*/html',
    'text/html;q=2',
    'text/html;q=.5',
    'text/html;q=',
  ]) {
    assert.deepEqual(
      readAccept(`${member}, image/png`).map(({ type }) => type),
      ['image'],
      member,
    );
  }
  assert.equal(qualityOf('text/html;q=1.001', 'text/html'), 0);
  assert.equal(qualityOf('text/html;q=0.1234', 'text/html'), 0);
});

test('a comma or semicolon in a quoted parameter separates nothing', () => {
  const ranges = readAccept(String.raw`text/html;a="x, image/png;q=0\", y";q=0.5, text/css`);
  assert.deepEqual(ranges, [
    { type: 'text', subtype: 'html', isNarrowed: true, quality: 0.5 },
    { type: 'text', subtype: 'css', isNarrowed: false, quality: 1 },
  ]);
  assert.equal(readAccept('text/css, text/html;a="x, image/png').length, 2);
});

/** Positive if JSON is preferred to HTML. */
function compare(header: string): number {
  const ranges = readAccept(header);
  return Math.sign(comparePreferences(preferenceFor(ranges, 'application/json'), preferenceFor(ranges, 'text/html')));
}

test('a type that is named comes before one that only a wildcard includes', () => {
  assert.equal(compare('application/json, text/plain, */*'), 1);
  assert.equal(compare('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'), -1);
  assert.equal(compare('application/json;q=0.9, */*'), -1);
  assert.equal(compare('application/*, text/html;q=0.9'), 1);
  assert.equal(compare('*/*'), 0);
  assert.equal(compare(''), 0);
  assert.equal(compare('application/json;q=0, text/html;q=0'), 0);
});

const types = ['text/html', 'text/css', 'application/json'];
const member = record({
  range: constantFrom('*/*', 'text/*', 'application/*', 'image/*', ...types),
  parameter: constantFrom('', ';level=1', ';a="b,c;q=0"'),
  thousandths: option(integer({ min: 0, max: 1000 })),
});

test('agrees with a naive model on every well-formed list', () => {
  forAll(
    property(array(member, { maxLength: 8 }), constantFrom(...types), (members, type) => {
      const header = members
        .map(({ range, parameter, thousandths }) => {
          return `${range}${parameter}${thousandths === null ? '' : `; q=${(thousandths / 1000).toFixed(3)}`}`;
        })
        .join(' ,');
      const candidates = members
        .map(({ range, parameter, thousandths }) => {
          const matches = range === '*/*' || range === type || range === `${type.split('/')[0]}/*`;
          const exactness = range === '*/*' ? 1 : range.endsWith('/*') ? 2 : parameter === '' ? 4 : 3;
          return { precision: matches ? exactness : 0, quality: (thousandths ?? 1000) / 1000 };
        })
        .filter(({ precision }) => precision > 0)
        .sort((left, right) => right.precision - left.precision || right.quality - left.quality);
      assert.deepEqual(preferenceFor(readAccept(header), type), candidates[0] ?? { quality: 0, precision: 0 });
    }),
  );
});

test('any text is read without an error, in linear time', () => {
  forAll(
    property(string({ unit: constantFrom('a', '/', '*', ',', ';', '=', 'q', '"', '\\', ' ', '1', '.') }), (text) => {
      for (const { quality } of readAccept(text)) assert.ok(quality >= 0 && quality <= 1);
    }),
  );
  // A quadratic reader would take minutes.
  assert.equal(readAccept('"'.repeat(500_000)).length, 0);
  assert.equal(readAccept('a/b;"\\"'.repeat(100_000)).length, 1);
});
