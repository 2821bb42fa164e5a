import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chineseFormTexts } from './chinese-form-texts.ts';
import { pageTexts, ruleTexts } from './form-texts.ts';
import { FormTranslator } from './form-translator.ts';

const english = Object.values({ ...ruleTexts, ...pageTexts }).map((text) => (typeof text === 'string' ? [text] : text));

const valuesOf = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

test('every text has a Chinese one with the same values', () => {
  assert.deepEqual(Object.keys(chineseFormTexts).toSorted(), english.map(([text]) => text).toSorted());
  for (const texts of english) {
    const [chinese = ''] = texts.map((text) => chineseFormTexts[text]);
    assert.match(chinese, /\p{Script=Han}/u);
    for (const text of texts) assert.deepEqual(valuesOf(chinese), valuesOf(text), text);
  }
});

test('selects the plural form, and formats numbers and sizes for the language', () => {
  const translator = new FormTranslator('en', undefined);
  assert.equal(translator.text(ruleTexts.tooLong, { count: 1 }), 'Please use at most 1 character.');
  assert.equal(translator.text(ruleTexts.tooLong, { count: 10_000 }), 'Please use at most 10,000 characters.');
  assert.equal(translator.text(ruleTexts.tooSmall, { min: 0.000001 }), 'Please enter 0.000001 or more.');
  assert.equal(new FormTranslator('de', undefined).text('{n}', { n: 1234.5 }), '1.234,5');
  for (const [bytes, text] of [
    [2, '2 byte'],
    [1536, '1.5 kB'],
    [5 * 1024 ** 2, '5 MB'],
  ] as const) {
    assert.equal(translator.text('{size}', { size: { bytes } }), text);
  }
});

const translate = (text: string, plural?: string, count?: number): string =>
  text === ruleTexts.required ? '这一项不能空着。' : count === 1 || plural === undefined ? text : plural;

test('a translation of the application has precedence over the built-in one', () => {
  const translator = new FormTranslator('zh-cn', translate);
  assert.equal(translator.language, 'zh-CN');
  assert.equal(translator.text(ruleTexts.required), '这一项不能空着。');
  assert.equal(translator.text(ruleTexts.tooShort, { count: 1 }), '请至少输入 1 个字符。');
  assert.equal(translator.text(ruleTexts.tooShort, { count: 8 }), '请至少输入 8 个字符。');
  assert.equal(translator.text('Nickname'), 'Nickname');
});

test('values cannot add values', () => {
  const translator = new FormTranslator('en', undefined);
  assert.equal(translator.text('{a} {b} {toString}', { a: '{b}', b: '{a}' }), '{b} {a} {toString}');
});

test('refuses a tag that is no language', () => {
  for (const language of ['', 'not a tag', 'e', 5]) {
    assert.throws(() => new FormTranslator(language as string, undefined), {
      code: 'OPTION_VALUE',
      message: /^language must be a BCP 47 tag such as "en" or "zh-CN"; got /,
    });
  }
});

test('texts with the names of properties of objects are texts', () => {
  for (const text of ['constructor', 'toString', '__proto__']) {
    assert.equal(new FormTranslator('zh-CN', undefined).text(text), text);
  }
});
