import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as forAll, integer, property } from 'fast-check';
import { parsePluralExpression } from './plural-expression.ts';
import { readPluralRule, unicodePluralRule } from './plural-rule.ts';

/** Headers as the manual of gettext and translators' tools have them. */
const headers = {
  ja: 'nplurals=1; plural=0;',
  en: 'nplurals=2; plural=(n != 1);',
  fr: 'nplurals=2; plural=n>1;',
  lv: 'nplurals=3; plural=n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2;',
  ru: 'nplurals=3; plural=n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2;',
  pl: 'nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);',
  sl: 'nplurals=4; plural=n%100==1 ? 0 : n%100==2 ? 1 : n%100==3 || n%100==4 ? 2 : 3;',
  ar: 'nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5;',
} as const;

const formsOf = (tag: keyof typeof headers, ...counts: readonly number[]): number[] => {
  const rule = readPluralRule(tag, headers[tag]);
  return counts.map((count) => rule.indexFor(count));
};

test('computes the forms of many languages as gettext does', () => {
  assert.deepEqual(formsOf('ja', 0, 1, 2, 100), [0, 0, 0, 0]);
  assert.deepEqual(formsOf('en', 0, 1, 2, 11), [1, 0, 1, 1]);
  assert.deepEqual(formsOf('fr', 0, 1, 2), [0, 0, 1]);
  assert.deepEqual(formsOf('lv', 0, 1, 11, 21, 22), [2, 0, 1, 0, 1]);
  assert.deepEqual(formsOf('ru', 0, 1, 2, 5, 11, 12, 21, 22, 25, 111, 122), [2, 0, 1, 2, 2, 2, 0, 1, 2, 2, 1]);
  assert.deepEqual(formsOf('pl', 0, 1, 2, 5, 12, 21, 22), [2, 0, 1, 2, 2, 2, 1]);
  assert.deepEqual(formsOf('sl', 1, 2, 3, 4, 5, 101, 102), [0, 1, 2, 2, 3, 0, 1]);
  assert.deepEqual(formsOf('ar', 0, 1, 2, 3, 10, 11, 99, 100, 102, 103), [0, 1, 2, 3, 3, 4, 4, 5, 5, 3]);
});

test('a count for which the expression has no form has the first one', () => {
  const rule = readPluralRule('en', 'nplurals=2; plural=n>5000000 ? 7 : n!=1;');
  assert.deepEqual(
    [1, 2, 6_000_000].map((count) => rule.indexFor(count)),
    [0, 1, 0],
  );
});

test('a fraction has the form of its category, a negative count that of its size', () => {
  assert.deepEqual(formsOf('en', 1.5, -1, -2), [1, 0, 1]);
  // 1.5 is "one" in French, "other" in Russian and Polish, which no integer of Polish has.
  assert.deepEqual(formsOf('fr', 1.5), [0]);
  assert.equal(formsOf('ar', 3.5)[0], 5);
  for (const tag of Object.keys(headers) as (keyof typeof headers)[]) {
    const { formCount } = readPluralRule(tag, headers[tag]);
    const [form = -1] = formsOf(tag, 2.5);
    assert.ok(form >= 0 && form < formCount, tag);
  }
});

test('without a header the categories of Unicode are the forms, which the header of the language has too', () => {
  for (const tag of ['ja', 'en', 'ru', 'pl', 'sl', 'ar'] as const) {
    const byHeader = readPluralRule(tag, headers[tag]);
    const byCategory = unicodePluralRule(tag);
    assert.equal(byCategory.formCount, byHeader.formCount, tag);
    forAll(
      property(integer({ min: 0, max: 2_000 }), (count) => {
        assert.equal(byCategory.indexFor(count), byHeader.indexFor(count), `${tag}: ${count}`);
      }),
    );
  }
});

test('knows precedence, association and all operators of C', () => {
  for (const [source, count, expected] of [
    ['2+3*4', 0, 14],
    ['10-4-3', 0, 3],
    ['20/3/2', 0, 3],
    ['n%10%4', 27, 3],
    ['1+1==2&&3>2||0', 0, 1],
    ['!n', 0, 1],
    ['!!n', 7, 1],
    ['!n+1', 0, 2],
    ['n<=2', 2, 1],
    ['n>=3', 2, 0],
    ['n?1:0?2:3', 0, 3],
    ['(n?1:0)?2:3', 5, 2],
    ['n||0&&0', 4, 1],
    [' ( n ) ', 9, 9],
  ] as const) {
    assert.equal(parsePluralExpression(source)(count), expected, source);
  }
});

test('refuses everything that is no expression, and evaluates nothing as code', () => {
  for (const source of [
    '',
    '(',
    ')',
    'n n',
    'n?1',
    'n?1:',
    '1+',
    'x',
    'n=1',
    'n&1',
    'n|1',
    'process',
    'n;n',
    '[]',
    '"a"',
    'n.n',
    '0x1',
    '1e3',
    'n++',
    '-1',
    '9999999999',
  ]) {
    assert.throws(() => parsePluralExpression(source), SyntaxError, source);
  }
  assert.throws(
    () => parsePluralExpression(`${'('.repeat(600)}n${')'.repeat(600)}`),
    /has 1201 characters; the limit is 1000/,
  );
});

test('refuses headers that are malformed or give a form that does not exist', () => {
  for (const [header, reason] of [
    ['plural=n', /nplurals=NUMBER/],
    ['nplurals=2', /nplurals=NUMBER/],
    ['nplurals=0; plural=0;', /from 1 to 10/],
    ['nplurals=99; plural=0;', /from 1 to 10/],
    ['nplurals=2; plural=n;', /the form of n = 2 is 2, but nplurals is 2/],
    ['nplurals=2; plural=n-1;', /the form of n = 0 is -1/],
    ['nplurals=2; plural=1/n;', /the form of n = 0 is Infinity/],
    ['nplurals=2; plural=n%0;', /the form of n = 0 is NaN/],
    ['nplurals=2; plural=n != ;', /unexpected the end/],
    ['nplurals=2; plural=n=1;', /unexpected `=` at character 2 of `n=1`/],
  ] as const) {
    assert.throws(() => readPluralRule('en', header), reason, header);
  }
});
