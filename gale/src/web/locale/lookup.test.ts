import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as forAll, constantFrom, property, uniqueArray } from 'fast-check';
import { truncations } from './language-tag.ts';
import { Lookup } from './lookup.ts';

const find = (range: string, ...tags: readonly string[]): string | undefined => new Lookup(tags).find(range);

test('finds the range itself, then its shorter forms, in any case', () => {
  assert.equal(find('zh-hant-tw', 'zh', 'zh-Hant', 'zh-Hant-TW'), 'zh-Hant-TW');
  assert.equal(find('ZH-Hant-HK', 'zh', 'zh-Hant'), 'zh-Hant');
  assert.equal(find('de-CH-1996', 'de', 'en'), 'de');
  assert.equal(find('fr', 'de', 'en'), undefined);
});

test('knows the usual script and region of a language', () => {
  assert.equal(find('zh', 'zh-TW', 'zh-CN'), 'zh-CN');
  assert.equal(find('zh-Hans', 'zh-TW', 'zh-CN'), 'zh-CN');
  assert.equal(find('zh-Hant', 'zh-CN', 'zh-TW'), 'zh-TW');
  assert.equal(find('zh-HK', 'zh-CN', 'zh-TW'), 'zh-TW');
  assert.equal(find('zh-SG', 'zh-TW', 'zh-CN'), 'zh-CN');
  assert.equal(find('en-US', 'en-GB', 'en'), 'en');
  assert.equal(find('pt', 'pt-PT', 'pt-BR'), 'pt-BR');
  assert.equal(find('sr-Latn-RS', 'sr', 'sr-Latn'), 'sr-Latn');
  assert.equal(find('sr', 'sr-Latn', 'sr'), 'sr');
});

test('finds another variety of a language rather than nothing', () => {
  assert.equal(find('zh-HK', 'zh-CN', 'en'), 'zh-CN');
  assert.equal(find('en', 'en-GB', 'de'), 'en-GB');
  assert.equal(find('en-AU', 'de', 'en-GB', 'en-IE'), 'en-GB');
});

test('what lookup of RFC 4647 finds, it finds too', () => {
  const tags = ['en', 'en-GB', 'zh', 'zh-CN', 'zh-TW', 'zh-Hant', 'zh-Hant-HK', 'sr', 'sr-Latn', 'de-CH', 'pt-PT'];
  forAll(
    property(
      uniqueArray(constantFrom(...tags), { minLength: 1 }),
      array(constantFrom(...tags, 'fr'), { minLength: 1 }),
      (available, ranges) => {
        const lookup = new Lookup(available);
        for (const range of ranges) {
          const expected = available.includes(range) ? range : undefined;
          if (expected !== undefined) assert.equal(lookup.find(range), expected);
          else if (truncations(range).some((tag) => available.includes(tag)))
            assert.notEqual(lookup.find(range), undefined);
        }
      },
    ),
  );
});
