import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameKey, readName } from './name.ts';

for (const name of [
  'Ann',
  '张三',
  "O'Neil",
  'José Ñandú',
  '👩 dev',
  '❤️',
  'x',
  'ไทย',
  'नाम',
  'a'.repeat(32),
  '😀'.repeat(32),
]) {
  test(`${JSON.stringify(name)} is a name`, () => {
    assert.deepEqual(readName(name, 32), { name });
  });
}

test('space around a name goes and runs of space become one', () => {
  assert.deepEqual(readName(' \t Ann \u3000\u00a0 Lee\n', 32), { name: 'Ann Lee' });
});

test('a name is kept in its composed form', () => {
  assert.deepEqual(readName('Jose\u0301', 4), { name: 'José' });
});

for (const [problem, typed] of [
  ['nameEmpty', ''],
  ['nameEmpty', ' \u3000\t'],
  ['nameTooLong', 'a'.repeat(33)],
  ['nameTooLong', '张'.repeat(33)],
  ['nameTooLong', '😀'.repeat(33)],
  ['nameCharacters', 'a\u0000b'],
  ['nameCharacters', 'a\nb'],
  ['nameCharacters', 'a\u0007b'],
  ['nameCharacters', 'a\u200bb'],
  ['nameCharacters', 'a\u200db'],
  ['nameCharacters', '\u202eabc'],
  ['nameCharacters', 'a\u2066b'],
  ['nameCharacters', '\u00adabc'],
  ['nameCharacters', 'a\u2028b'],
  ['nameCharacters', 'a\ud800b'],
  ['nameCharacters', '\ue000'],
  ['nameCharacters', '\u3164'],
  ['nameCharacters', '\u2800'],
  ['nameCharacters', '\u{e0041}x'],
  ['nameCharacters', '\u0301'],
] as const) {
  test(`${JSON.stringify(typed)} is refused: ${problem}`, () => {
    assert.deepEqual(readName(typed, 32), { problem });
  });
}

for (const [one, other] of [
  ['Ann', 'aNN'],
  ['Ａｎｎ', 'ann'],
  ['Straße', 'STRASSE'],
  ['Σας', 'ΣΑΣ'],
  ['ﬁne', 'Fine'],
  ['❤️', '❤'],
  ['José', 'JOSE\u0301'],
  ['a b', 'a\u3000b'],
] as const) {
  test(`${one} and ${other} are the same name`, () => {
    assert.equal(nameKey(one), nameKey(other));
  });
}

test('different names have different keys', () => {
  assert.equal(new Set(['ann', 'anna', 'jose', 'josé', '张三', '張三'].map(nameKey)).size, 6);
});

test('an emoji that is joined of several is one picture and may stand in a name; a joiner elsewhere may not', () => {
  assert.deepEqual(readName('👨‍👩‍👧‍👦 family', 32), { name: '👨‍👩‍👧‍👦 family' });
  assert.deepEqual(readName('👩🏽‍🚀', 32), { name: '👩🏽‍🚀' });
  assert.deepEqual(readName('❤️‍🔥', 32), { name: '❤️‍🔥' });
  for (const name of ['a\u200Db', '👨\u200D', '\u200D👨', '👨\u200D\u200D👩']) {
    assert.deepEqual(readName(name, 32), { problem: 'nameCharacters' }, JSON.stringify(name));
  }
});
