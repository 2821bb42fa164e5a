import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readName } from '../name.ts';
import { mixesScripts } from './scripts.ts';

for (const name of [
  'Ada',
  'Ада Лавлейс',
  'Αθηνά',
  '张三',
  '张三 Ann',
  'Ann 张三 2024 👍',
  '小林さくら',
  'アキラ Tanaka',
  '김 민준 Kim',
  'ㄅㄆ 班 A',
  'ー々〆ヶ',
  'José Ñandú',
  "O'Neil",
  'علی‌رضا',
  'مريم ٣',
  'नाम १',
  'ไทย',
  'ශ්‍රී',
  '👩🏽‍🚀',
  '1234',
  '①',
  '阿凡提·艾山',
  'e\u0301',
  '\u0438\u0306',
  'Ａｄａ',
]) {
  test(`${JSON.stringify(name)} does not mix scripts`, () => {
    assert.equal(mixesScripts(name), false);
  });
}

for (const name of [
  'Аda',
  'Adа',
  'Ada Иванова',
  'αda',
  'Оля Lee',
  '张三 Аня',
  'さくら 김',
  '김さくら',
  'ㄅ김',
  'नाम Ann',
  'مريم Ann',
  '\u{1d7d9} Ада Ann',
  'pаypаl',
  'Ԍoogle',
  'Ωmega',
  'ᏟᎪᏢᎪ Ann',
]) {
  test(`${JSON.stringify(name)} mixes scripts and is refused`, () => {
    assert.equal(mixesScripts(name), true);
    assert.deepEqual(readName(name, 32), { problem: 'nameScripts' });
  });
}

const letters = {
  latin: /^[[\p{Script_Extensions=Latin}&&\p{L}]--[\p{Script_Extensions=Cyrillic}\p{Script_Extensions=Greek}]]$/v,
  cyrillic: /^[[\p{Script_Extensions=Cyrillic}&&\p{L}]--\p{Script_Extensions=Latin}]$/v,
  greek: /^[[\p{Script_Extensions=Greek}&&\p{L}]--\p{Script_Extensions=Latin}]$/v,
  han: /^[\p{Script_Extensions=Han}&&\p{L}]$/v,
  hangul: /^[[\p{Script_Extensions=Hangul}&&\p{L}]--[\p{Script_Extensions=Han}\p{Script_Extensions=Latin}]]$/v,
  kana: /^[[[\p{Script_Extensions=Hiragana}\p{Script_Extensions=Katakana}]&&\p{L}]--[\p{Script_Extensions=Han}\p{Script_Extensions=Hangul}]]$/v,
};
const all = Array.from({ length: 0x11_0000 }, (_, codePoint) => String.fromCodePoint(codePoint));
const arbitraryOf = (script: keyof typeof letters): fc.Arbitrary<string> =>
  fc.constantFrom(...all.filter((character) => letters[script].test(character)));
const arbitraries = {
  latin: arbitraryOf('latin'),
  cyrillic: arbitraryOf('cyrillic'),
  greek: arbitraryOf('greek'),
  han: arbitraryOf('han'),
  hangul: arbitraryOf('hangul'),
  kana: arbitraryOf('kana'),
};
const scripts = Object.keys(letters) as (keyof typeof letters)[];
const withLatin = [
  ['latin', 'han', 'kana'],
  ['latin', 'han', 'hangul'],
];

test('two letters of different scripts are allowed together only in a Chinese, Japanese or Korean name', () => {
  const pair = fc
    .tuple(fc.constantFrom(...scripts), fc.constantFrom(...scripts))
    .chain(([one, other]) => fc.tuple(fc.constant([one, other]), arbitraries[one], arbitraries[other]));
  fc.assert(
    fc.property(pair, fc.constantFrom('', ' ', '1', '-', '👍'), ([used, one, other], between) => {
      const isAllowed = used[0] === used[1] || withLatin.some((set) => used.every((script) => set.includes(script)));
      assert.equal(mixesScripts(`${one}${between}${other}`), !isAllowed, `${used.join(' and ')}: ${one}${other}`);
    }),
    { numRuns: 5000 },
  );
});

test('the order of characters, and how often each occurs, do not change the result', () => {
  const texts = fc.array(fc.oneof(...Object.values(arbitraries), fc.constantFrom('1', ' ', '.', '·', 'ー')), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(texts, (characters) => {
      const result = mixesScripts(characters.join(''));
      assert.equal(mixesScripts(characters.toReversed().join('')), result);
      assert.equal(mixesScripts([...characters, ...characters].join('')), result);
    }),
    { numRuns: 2000 },
  );
});

test(
  'the table agrees with the JavaScript engine if both have the same version of Unicode',
  { skip: process.versions.unicode !== '17.0' },
  () => {
    for (const character of all) {
      if (/^[\p{C}]$/u.test(character)) continue;
      const isCyrillic = /^\p{Script_Extensions=Cyrillic}$/u.test(character);
      const isAny = /^[\p{Script_Extensions=Common}\p{Script_Extensions=Inherited}]$/u.test(character);
      assert.equal(mixesScripts(`Ж${character}`), !isCyrillic && !isAny, character.codePointAt(0)!.toString(16));
    }
  },
);
