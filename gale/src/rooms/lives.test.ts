import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isPartOf,
  lifeAt,
  maxLives,
  parseLives,
  provesLoss,
  recordLife,
  toLivesText,
  topOf,
  withLife,
} from './lives.ts';
import type { Lives } from './lives.ts';

const lives: Lives = [
  { name: 'c', first: 31 },
  { name: 'b', first: 21 },
  { name: 'a', first: 5 },
];
const stream = { epoch: 'e', top: 40, lives };

test('a life covers the offsets from its first to the one before the next life', () => {
  assert.deepEqual(
    [0, 4, 5, 20, 21, 30, 31, 40].map((offset) => lifeAt(lives, offset)),
    ['', '', 'a', 'a', 'b', 'b', 'c', 'c'],
  );
  assert.deepEqual(topOf(stream), { epoch: 'e', offset: 40, life: 'c' });
});

for (const [position, isPart, isProof] of [
  [{ epoch: 'e', offset: 40, life: 'c' }, true, false],
  [{ epoch: 'e', offset: 20, life: 'a' }, true, false],
  [{ epoch: 'e', offset: 21, life: 'a' }, false, true],
  [{ epoch: 'e', offset: 30, life: 'c' }, false, true],
  [{ epoch: 'e', offset: 41, life: 'c' }, false, true],
  [{ epoch: 'e', offset: 30, life: 'lost' }, false, true],
  // The record of this life was dropped.
  [{ epoch: 'e', offset: 4, life: 'older' }, false, false],
  [{ epoch: 'e', offset: 4, life: '' }, false, false],
  [{ epoch: 'e', offset: 0, life: '' }, true, false],
  [{ epoch: 'e', offset: 0, life: 'lost' }, true, false],
  [{ epoch: 'other', offset: 0, life: '' }, false, false],
  [{ epoch: 'other', offset: 40, life: 'c' }, false, false],
  // Of a client of an earlier version.
  [{ epoch: 'e', offset: 30 }, true, false],
  [{ epoch: 'e', offset: 41 }, false, true],
  [{ epoch: 'other', offset: 30 }, false, false],
] as const) {
  test(`${JSON.stringify(position)} is ${isPart ? '' : 'not '}part of the stream, ${isProof ? 'and proves a loss' : 'and proves no loss'}`, () => {
    assert.deepEqual([isPartOf(stream, position), provesLoss(stream, position)], [isPart, isProof]);
  });
}

test('records a life once, and keeps the newest lives', () => {
  let recorded: Lives = [];
  for (let first = 1; first <= 100; first++) {
    recorded = recordLife(recorded, `life${first}`, first);
    assert.equal(recordLife(recorded, `life${first}`, first + 1), recorded);
  }
  assert.equal(recorded.length, maxLives);
  assert.deepEqual(
    [recorded[0], recorded.at(-1)],
    [
      { name: 'life100', first: 100 },
      { name: 'life37', first: 37 },
    ],
  );
});

test('parses the text of lives as it was written', () => {
  for (const each of [[], lives.slice(2), lives]) assert.deepEqual(parseLives(toLivesText(each)), each);
});

test('adds the life to a cursor of the same epoch only', () => {
  assert.deepEqual(withLife({ epoch: 'e', offset: 21 }, stream), { epoch: 'e', offset: 21, life: 'b' });
  assert.deepEqual(withLife({ epoch: 'other', offset: 21 }, stream), { epoch: 'other', offset: 21 });
});
