import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as forAll, property, string } from 'fast-check';
import { directionOf, toLanguageTag, truncations } from './language-tag.ts';

test('reads codes as files, cookies and browsers write them', () => {
  for (const [code, tag] of [
    ['en', 'en'],
    ['zh_CN', 'zh-CN'],
    ['ZH-cn', 'zh-CN'],
    ['zh_hant_tw', 'zh-Hant-TW'],
    ['de_DE.UTF-8', 'de-DE'],
    ['sr_RS@latin', 'sr-Latn-RS'],
    ['es-419', 'es-419'],
    ['iw', 'he'],
  ] as const) {
    assert.equal(toLanguageTag(code), tag, code);
  }
});

test('other texts are no code', () => {
  for (const code of [
    '',
    'e',
    'C',
    '../en',
    'en/../de',
    'en US',
    'sr@unknown',
    '-',
    'en-',
    'a'.repeat(9),
    `en${'-aa'.repeat(20)}`,
  ]) {
    assert.equal(toLanguageTag(code), undefined, code);
  }
  forAll(
    property(string(), (code) => {
      const tag = toLanguageTag(code);
      assert.equal(tag === undefined ? undefined : toLanguageTag(tag), tag);
    }),
  );
});

test('knows the languages that are written from right to left', () => {
  for (const tag of ['ar', 'he-IL', 'fa', 'ur', 'ckb', 'pa-Arab', 'dv', 'yi'])
    assert.equal(directionOf(tag), 'rtl', tag);
  for (const tag of ['en', 'zh-CN', 'pa', 'az-Latn', 'tr']) assert.equal(directionOf(tag), 'ltr', tag);
});

test('shortens a tag from its end, with the letter before a subtag', () => {
  // The example of RFC 4647 §3.4.
  assert.deepEqual(truncations('zh-Hant-CN-x-private1-private2'), [
    'zh-Hant-CN-x-private1-private2',
    'zh-Hant-CN-x-private1',
    'zh-Hant-CN',
    'zh-Hant',
    'zh',
  ]);
});
