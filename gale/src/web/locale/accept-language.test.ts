import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAcceptLanguage } from './accept-language.ts';

test('sorts ranges by their weight, equal ones as they are written', () => {
  assert.deepEqual(readAcceptLanguage('da, en-gb;q=0.8, en;q=0.7'), ['da', 'en-gb', 'en']);
  assert.deepEqual(readAcceptLanguage('en;q=0.1, de;q=0.9, fr, it'), ['fr', 'it', 'de', 'en']);
  assert.deepEqual(readAcceptLanguage('zh-CN,zh;q=0.9,en-US;q=0.8'), ['zh-CN', 'zh', 'en-US']);
});

test('ignores the weight 0, malformed weights, * and what is no range', () => {
  for (const member of [
    'de;q=0',
    'de;q=0.000',
    'de;q=-1',
    'de;q=2',
    'de;q=x',
    'de;q=',
    'de;q=.5',
    '*',
    '*;q=0.5',
    '',
    'a b',
    'dé',
    'languages1',
    'de;x=1',
  ]) {
    assert.deepEqual(readAcceptLanguage(`${member}, en`), ['en'], member);
  }
});

test('a long field costs no more than its first 1,000 characters and 20 languages', () => {
  assert.equal(readAcceptLanguage('en,'.repeat(1_000_000)).length, 20);
  const cut = `${'x'.repeat(994)},fr,de;q=0.1`;
  assert.deepEqual(readAcceptLanguage(cut), ['fr'], 'a member that is cut is not used');
});
