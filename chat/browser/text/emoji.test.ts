import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFewEmoji } from './emoji.ts';

test('accepts one to three emoji alone, and rejects text, digits and more emoji', () => {
  for (const text of ['🐳', '👨‍👩‍👧 🎉', '👍🏽👍🏽👍🏽', '🇨🇳', '❤️']) assert.ok(isFewEmoji(text), text);
  for (const text of ['', ' ', '🐳🐳🐳🐳', '好🐳', '1', '123', '#', ':)', `🐳${' '.repeat(200)}`])
    assert.ok(!isFewEmoji(text), text);
});
