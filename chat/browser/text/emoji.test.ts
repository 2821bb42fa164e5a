import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFewEmoji } from './emoji.ts';

/** Keycaps, skin tones, families, flags. */
const whole = ['1️⃣ #️⃣', '✌🏽', '👩🏽‍❤️‍💋‍👨🏿', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '🏳️‍🌈', '👨‍👩‍👧‍👦'];

test('accepts one to three emoji alone, and rejects text, digits and more emoji', () => {
  for (const text of ['🐳', '👨‍👩‍👧 🎉', '👍🏽👍🏽👍🏽', '🇨🇳', '❤️', ...whole]) assert.ok(isFewEmoji(text), text);
  for (const text of [
    '',
    ' ',
    '🐳🐳🐳🐳',
    '好🐳',
    '1',
    '123',
    '#',
    '1️',
    '\u{1F1E8}',
    '\u{FE0F}',
    '\u{200D}',
    '❤',
    '©',
    '👍\u{200D}',
    ':)',
    `🐳${' '.repeat(200)}`,
  ])
    assert.ok(!isFewEmoji(text), text);
});
