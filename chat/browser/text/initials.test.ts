import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initials, tint } from './initials.ts';

for (const [name, letters] of [
  ['张三', '张三'],
  ['张三丰', '三丰'],
  ['欧阳 娜娜', '欧阳'],
  ['Ada Lovelace', 'AL'],
  ['ada', 'A'],
  ['Maximiliane von Hohenfels-Schwarzenberg', 'MS'],
  ['jean_luc.picard', 'JP'],
  ['🐳 Whale', '🐳'],
  ['👨‍👩‍👧', '👨‍👩‍👧'],
  ['e\u0301mile', 'E\u0301'],
  ['नमस्ते', 'न'],
  ['김민수', '민수'],
  ['---', '-'],
] as const) {
  test(`${name} is shortened to ${letters}`, () => assert.equal(initials(name), letters));
}

test('the colour depends only on the id, and all colours are used', () => {
  const all = new Set(Array.from({ length: 200 }, (_, index) => tint(`person-${index}`)));
  assert.deepEqual([...all].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(tint('ada'), tint('ada'));
});
