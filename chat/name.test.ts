import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameKey, readName, shownTypedName, storedNameKeys } from './name.ts';
import { normalizedLengths, quadraticText } from './test/support/normalized-lengths.ts';

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
  test(`${JSON.stringify(name)} is a valid name`, () => {
    assert.deepEqual(readName(name, 32), { name });
  });
}

test('removes white space around a name, and collapses runs of it', () => {
  assert.deepEqual(readName(' \t Ann \u3000\u00a0 Lee\n', 32), { name: 'Ann Lee' });
});

test('returns a name in composed form', () => {
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
  ['STRAẞE', 'straße'],
  ['ẞ', 'ss'],
  ['علی‌رضا', 'علیرضا'],
  ['ශ්‍රී', 'ශ්රී'],
] as const) {
  test(`${one} and ${other} are the same name`, () => {
    assert.equal(nameKey(one), nameKey(other));
  });
}

test('ignores a second dot on i and j in a key', () => {
  const pairs: readonly (readonly [string, string])[] = [
    ['Mia', 'Mi\u0307a'],
    ['Mia', 'Mi\u0307\u0307a'],
    ['irem', 'İrem'],
    ['jo', 'j\u0307o'],
    ['į', 'į\u0307'],
    ['i\u0323', 'i\u0323\u0307'],
    ['Mi\u0301a', 'Mi\u0307\u0301a'],
  ];
  for (const [one, other] of pairs) {
    assert.deepEqual(readName(other, 32), { name: other.normalize('NFC') });
    assert.equal(nameKey(other), nameKey(one), JSON.stringify(other));
    assert.equal(nameKey(nameKey(other)), nameKey(other));
  }
  assert.notEqual(nameKey('a\u0307'), nameKey('a'));
});

test('different names have different keys', () => {
  assert.equal(new Set(['ann', 'anna', 'jose', 'josé', '张三', '張三'].map(nameKey)).size, 6);
});

test('accepts joiners inside emoji sequences, and rejects them elsewhere', () => {
  assert.deepEqual(readName('👨‍👩‍👧‍👦 family', 32), { name: '👨‍👩‍👧‍👦 family' });
  assert.deepEqual(readName('👩🏽‍🚀', 32), { name: '👩🏽‍🚀' });
  assert.deepEqual(readName('❤️‍🔥', 32), { name: '❤️‍🔥' });
  for (const name of ['a\u200Db', '👨\u200D', '\u200D👨', '👨\u200D\u200D👩']) {
    assert.deepEqual(readName(name, 32), { problem: 'nameCharacters' }, JSON.stringify(name));
  }
});

/** Code points of each class of invisible characters. */
const blanks: readonly (readonly [what: string, ...codePoints: number[]])[] = [
  ['the musical null notehead', 0x1d159],
  ['hieroglyphic controls and blanks', 0x13430, 0x13440, 0x13441, 0x13442, 0x13446, 0x13447, 0x13455],
  ['the Khitan filler', 0x16fe4],
  ['Hangul fillers', 0x115f, 0x1160, 0x3164, 0xffa0],
  ['the Braille blank', 0x2800],
  ['interlinear annotation and the object character', 0xfff9, 0xfffa, 0xfffb, 0xfffc],
  ['Duployan and shorthand controls', 0x1bc9d, 0x1bca0, 0x1bca3],
  ['musical controls', 0x1d173, 0x1d17a],
  ['tags', 0xe0001, 0xe0041, 0xe007f],
  ['variation selectors', 0xfe00, 0xfe0d, 0xe0100, 0xe01ef, 0x180b, 0x180f],
  ['invisible operators', 0x2061, 0x2064, 0x034f],
  ['Khmer inherent vowels', 0x17b4, 0x17b5],
  ['zero-width characters', 0x200b, 0x200c, 0x200d, 0x2060, 0xfeff, 0x00ad, 0x180e],
  ['bidi controls', 0x061c, 0x200e, 0x202e, 0x2066, 0x2069],
  ['stacking marks without their letters', 0x1039, 0x17d2, 0x1a60, 0x1bab, 0x2d7f, 0xaaf6, 0x10a3f, 0x1107f, 0x11133],
  ['more stacking marks', 0x113d0, 0x1193e, 0x11a47, 0x11a99, 0x11d45, 0x11d97, 0x11f42],
  ['modifiers of SignWriting', 0x1da9b, 0x1da9f, 0x1daa1, 0x1daaf],
];
for (const [what, ...codePoints] of blanks) {
  test(`ignores ${what} in a key, and rejects them in a name`, () => {
    for (const codePoint of codePoints) {
      const blank = String.fromCodePoint(codePoint);
      for (const name of [`Ada${blank}`, `${blank}Ada`, `A${blank}da`, `Ada${blank}${blank}`]) {
        const label = `${codePoint.toString(16)} in ${JSON.stringify(name)}`;
        assert.equal(nameKey(name), 'ada', label);
        const read = readName(name, 32);
        // Characters that JavaScript treats as white space are removed at the ends.
        assert.ok('problem' in read || read.name === 'Ada', label);
      }
      assert.ok('problem' in readName(blank, 32));
    }
  });
}

test('rejects ignorable characters in a name and ignores them in a key, except the emoji selectors', () => {
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
    const character = String.fromCodePoint(codePoint);
    if (!/[\p{Default_Ignorable_Code_Point}]/u.test(character) || /[\uFE0E\uFE0F]/.test(character)) continue;
    assert.ok('problem' in readName(`A${character}da`, 32), codePoint.toString(16));
    assert.equal(nameKey(`Ada${character}`), 'ada', codePoint.toString(16));
  }
});

for (const name of [
  'علی‌رضا', // UAX #31 A1
  'क्‌ष', // A2
  'ශ්‍රී', // B
  'क्‍ष',
  'ဝိဇ္ဇာ', // stacked by U+1039
  'အင်္ဂလိပ်',
  'ភ្នំពេញ',
  '🏴󠁧󠁢󠁳󠁣󠁴󠁿',
  '🏴󠁧󠁢󠁷󠁬󠁳󠁿 Rhys',
  '🏴‍☠️',
]) {
  test(`${name} is a valid name and stays unchanged`, () => {
    assert.deepEqual(readName(name, 32), { name });
  });
}

for (const [why, name] of [
  ['a non-joiner after a letter that does not join', 'ا\u200cب'],
  ['a non-joiner at the end', 'علی\u200c'],
  ['two non-joiners', 'علی\u200c\u200cرضا'],
  ['a joiner between Arabic letters', 'علی\u200dرضا'],
  ['a joiner without virama', 'ක\u200dර'],
  ['a joiner before a vowel sign', 'ක්\u200dී'],
  ['tags without their end', '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}'],
  ['tags after another emoji', '🏳\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
  ['an end of tags alone', '🏴\u{e007f}'],
  ['more tags than a code has', `🏴${'\u{e0061}'.repeat(7)}\u{e007f}`],
] as const) {
  test(`${why} is refused`, () => {
    assert.deepEqual(readName(name, 32), { problem: 'nameCharacters' });
  });
}

test('nameKey is idempotent', () => {
  for (const name of ['STRAẞE', 'İstanbul', 'ﷺ', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', 'علی‌رضا', 'Σας', '①']) {
    assert.equal(nameKey(nameKey(name)), nameKey(name));
  }
});

test('returns also the key of the former rule, which did not fold blanks and ẞ', () => {
  assert.deepEqual(storedNameKeys(' Ada ', 32), ['ada']);
  assert.deepEqual(storedNameKeys('Ada\u{1d159}', 32), ['ada\u{1d159}', 'ada']);
  assert.deepEqual(storedNameKeys('STRAẞE', 32), ['straße', 'strasse']);
  assert.deepEqual(storedNameKeys('x'.repeat(33), 32), []);
});

test('never normalizes a text that is longer than a name can be', (t) => {
  const lengths = normalizedLengths(t);
  assert.deepEqual(readName(quadraticText, 32), { problem: 'nameTooLong' });
  assert.deepEqual(readName(' '.repeat(65_000), 32), { problem: 'nameTooLong' });
  assert.deepEqual(storedNameKeys(quadraticText, 32), []);
  assert.deepEqual(lengths, []);
  assert.deepEqual(readName('e\u0301'.repeat(32), 32), { name: 'é'.repeat(32) });
  assert.ok(Math.max(...lengths) <= 128, `${lengths}`);
});

test('truncates a typed name to the longest name, and never inside a character', () => {
  assert.equal(shownTypedName('x'.repeat(100)), 'x'.repeat(100));
  assert.equal(shownTypedName('x'.repeat(65_000)), 'x'.repeat(128));
  assert.equal(shownTypedName(`x${'😀'.repeat(100)}`), `x${'😀'.repeat(63)}`);
});
