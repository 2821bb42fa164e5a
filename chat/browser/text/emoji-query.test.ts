import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emojiSet } from '../view/actions/emoji-set.ts';
import { emojiNames, findEmoji } from './emoji-names.ts';
import { findEmojiQuery } from './emoji-query.ts';

const found = (text: string): string[] => findEmoji(text).map(({ emoji }) => emoji);

test('a name of an emoji begins with a colon at the start, after a blank and after a Chinese character', () => {
  for (const text of [':th', 'so :th', '好:th', '(:th', 'one\n:th'])
    assert.deepEqual(findEmojiQuery(text, text.length), { at: text.length - 3, text: 'th', isComplete: false }, text);
  assert.deepEqual(findEmojiQuery(':TADA: and more', 6), { at: 0, text: 'tada', isComplete: true });
  assert.deepEqual(findEmojiQuery(':+1', 3), { at: 0, text: '+1', isComplete: false });
});

test('one letter, the full-width colon, times, addresses, code, two colons and text after the name are no name', () => {
  for (const text of [
    ':t',
    '：th',
    'at 10:30',
    'https://th',
    'C::th',
    'a:th',
    ':th ',
    ': th',
    ':)',
    ':-',
    ':点赞',
    'at :10',
  ])
    assert.equal(findEmojiQuery(text, text.length), undefined, text);
  assert.equal(findEmojiQuery('`a :th`', 6), undefined);
  const long = `:${'a'.repeat(100_000)}`;
  assert.equal(findEmojiQuery(long, long.length), undefined);
});

test('each offered emoji has an English name, a Chinese one and its pinyin, and is found by all of them', () => {
  assert.deepEqual(
    emojiNames.map(({ emoji }) => emoji),
    emojiSet,
  );
  for (const { emoji, en, zh, pinyin } of emojiNames) {
    assert.match(en, /^[a-z0-9_+-]+(?: [a-z0-9_+-]+)*$/);
    assert.match(zh, /^\p{Script=Han}+$/u);
    assert.equal(pinyin.split(' ').length, [...zh].length, zh);
    for (const name of [...en.split(' '), pinyin.replaceAll(' ', '')])
      assert.ok(
        findEmoji(name).some((found) => found.emoji === emoji),
        `${emoji} by ${name}`,
      );
  }
  const names = emojiNames.flatMap(({ en }) => en.split(' '));
  assert.equal(new Set(names).size, names.length, 'no name stands for two');
});

test('emoji are found by the beginning of a name first, by a later word, by pinyin and by its initials', () => {
  assert.equal(found('tada')[0], '🎉');
  assert.equal(found('thumb')[0], '👍');
  assert.ok(found('eyes').includes('👀'));
  assert.equal(found('dianz')[0], '👍');
  assert.equal(found('dz')[0], '👍');
  assert.deepEqual(found('zzzz'), []);
  assert.ok(found('ha').length <= 8);
  assert.ok(found('blown').includes('🤯'));
  // Enter must not choose what nobody meant.
  assert.deepEqual(found('on'), []);
});
