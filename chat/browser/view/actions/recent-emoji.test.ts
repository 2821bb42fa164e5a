import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEmoji } from '../../../messages/changes/emoji.ts';
import { MemoryStorage } from '../../storage/memory-storage.ts';
import { emojiSet, firstEmoji, toEmoji } from './emoji-set.ts';
import { noteEmoji, recentEmoji } from './recent-emoji.ts';

test('the server accepts every emoji that is offered', () => {
  for (const emoji of [...emojiSet, ...firstEmoji]) assert.equal(isEmoji(emoji), true, emoji);
  assert.equal(new Set(emojiSet).size, emojiSet.length);
});

test('the newest emoji is first, each once, and wrong stored values are ignored', () => {
  const storage = new MemoryStorage();
  assert.deepEqual(recentEmoji(storage), firstEmoji);
  storage.setItem('gale-chat recent-emoji', '<b> 🎂 ok');
  noteEmoji('🧧', storage);
  noteEmoji('🙏', storage);
  assert.deepEqual(recentEmoji(storage), ['🙏', '🧧', '🎂', '👍', '❤️', '😂', '🎉', '😮']);
});

test('one typed emoji is found, also without its variation selector', () => {
  assert.equal(toEmoji(' 🍜 '), '🍜');
  assert.equal(toEmoji('❤'), '❤️');
  for (const typed of ['', 'a', '🍜🍜', '1']) assert.equal(toEmoji(typed), undefined);
});
