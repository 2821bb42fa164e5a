import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, seedOfRun } from '../../../test/support/seeded-random.ts';
import { SlidingWindow } from './sliding-window.ts';

function textIn(window: SlidingWindow): string | undefined {
  return window.bytes?.toString();
}

test('is empty before the first message, after an empty one and after clear()', () => {
  const window = new SlidingWindow(9);
  assert.equal(textIn(window), undefined);
  window.slide(Buffer.alloc(0));
  assert.equal(textIn(window), undefined);
  window.slide(Buffer.from('one'));
  window.clear();
  assert.equal(textIn(window), undefined);
  window.slide(Buffer.from('two'));
  assert.equal(textIn(window), 'two');
});

test('holds the last bytes of all messages in order', (t) => {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  for (let bits = 8; bits <= 15; bits++) {
    const window = new SlidingWindow(bits);
    let all = Buffer.alloc(0);
    for (let i = 0; i < 200; i++) {
      const message = Buffer.alloc(Math.floor(2 ** (random() * 17)) - 1, Math.floor(random() * 256));
      window.slide(message);
      all = Buffer.concat([all, message]).subarray(-(2 ** bits));
      assert.ok(all.equals(window.bytes ?? Buffer.alloc(0)), `${bits} bits, message ${i}`);
    }
  }
});

test('copies its messages into little more memory than they need, at most its size', () => {
  const window = new SlidingWindow(15);
  const message = Buffer.from('mine');
  window.slide(message);
  message.fill(0);
  assert.equal(window.bytes?.toString(), 'mine');
  assert.equal(window.bytes?.buffer.byteLength, 512);
  window.slide(Buffer.alloc(600));
  assert.equal(window.bytes?.buffer.byteLength, 1024);
  for (let i = 0; i < 10; i++) window.slide(Buffer.alloc(40_000));
  assert.equal(window.bytes?.buffer.byteLength, 32_768);
});
