import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatError } from '../errors.ts';
import { checkText } from './text.ts';

for (const text of [
  'a',
  'line one\nline two\twith a tab',
  '你好 👋🏽',
  '👨‍👩‍👧',
  '<script>alert(1)</script>',
  'a'.repeat(10_000),
  '😀'.repeat(10_000),
  `😀${'a'.repeat(9999)}`,
]) {
  test(`${JSON.stringify(text.slice(0, 40))} (${text.length} units) is valid and stays unchanged`, () => {
    assert.equal(checkText(text), text);
  });
}

test('accepts as many line breaks as code points are allowed', () => {
  assert.equal(checkText(`${'\r\n'.repeat(9999)}a`), `${'\n'.repeat(9999)}a`);
});

test('converts CR LF and CR to line feeds', () => {
  assert.equal(checkText('a\r\nb\rc'), 'a\nb\nc');
});

for (const [code, text] of [
  ['CHAT_TEXT_EMPTY', ''],
  ['CHAT_TEXT_EMPTY', ' \n\t\u3000'],
  ['CHAT_TEXT_EMPTY', '\u200b\u2060'],
  ['CHAT_TEXT_EMPTY', '\u{1d159}\u{13441}\u{16fe4}\u3164'],
  ['CHAT_TEXT_TOO_LONG', 'a'.repeat(10_001)],
  ['CHAT_TEXT_TOO_LONG', '\r\n'.repeat(10_001)],
  ['CHAT_TEXT_TOO_LONG', '😀'.repeat(10_001)],
  ['CHAT_TEXT_TOO_LONG', '\u{10ffff}'.repeat(12_289)],
  ['CHAT_TEXT_CHARACTERS', 'a\u0000'],
  ['CHAT_TEXT_CHARACTERS', 'a\u001b[31m'],
  ['CHAT_TEXT_CHARACTERS', 'a\u0085'],
  ['CHAT_TEXT_CHARACTERS', 'a\ud83d'],
] as const) {
  test(`${JSON.stringify(text.slice(0, 20))} (${text.length} units) is refused: ${code}`, () => {
    assert.throws(
      () => checkText(text),
      (error) => error instanceof ChatError && error.code === code,
    );
  });
}
