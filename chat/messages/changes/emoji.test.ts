import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEmoji } from './emoji.ts';

test('accepts one emoji, also flags, keycaps, skin tones and families', () => {
  for (const text of ['👍', '❤️', '🇨🇳', '1️⃣', '👍🏽', '👨‍👩‍👧‍👦', '👩🏽‍❤️‍💋‍👨🏿', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '🏳️‍🌈']) assert.equal(isEmoji(text), true, text);
});

test('rejects texts, several emoji, parts of emoji and other forms of one', () => {
  const wrong = ['', ' ', '1', '好', 'ok', ':)', '👍👍', '👍 ', '\u{1F1E8}', '\u{FE0F}', '\u{200D}', '❤', '🏽👍'];
  for (const text of [...wrong, '👍'.repeat(100_000), '👍\u{200D}'.repeat(10)]) {
    assert.equal(isEmoji(text), false, text.slice(0, 20));
  }
});
