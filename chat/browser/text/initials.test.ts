import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initials, tint, tintCount } from './initials.ts';

for (const [name, letters] of [
  ['张三', '张'],
  ['王老师', '王'],
  ['小明87', '小'],
  ['欧阳 娜娜', '欧'],
  ['老王 🐳', '老'],
  ['김민수', '김'],
  ['さくら', 'さ'],
  ['张三 Zhang', '张'],
  ['Ada Lovelace', 'AL'],
  ['ada', 'A'],
  ['Guest 87', 'G'],
  ['87', '8'],
  ['(Bob)', 'B'],
  ['Ada 张', 'A'],
  ['Maximiliane von Hohenfels-Schwarzenberg', 'MS'],
  ['jean_luc.picard', 'JP'],
  ['🐳 Whale', '🐳'],
  ['👨‍👩‍👧', '👨‍👩‍👧'],
  ['🇨🇳 中国', '🇨🇳'],
  ['e\u0301mile', 'E\u0301'],
  ['नमस्ते', 'न'],
  ['עדה לב', 'על'],
  ['---', '-'],
] as const) {
  test(`${name} is shortened to ${letters}`, () => assert.equal(initials(name), letters));
}

test('the colour depends only on the id, and all colours are used', () => {
  const all = new Set(Array.from({ length: 200 }, (_, index) => tint(`person-${index}`)));
  assert.deepEqual(
    [...all].sort((a, b) => a - b),
    Array.from({ length: tintCount }, (_, index) => index),
  );
  assert.equal(tint('ada'), tint('ada'));
});
