import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBuckets } from './token-bucket.ts';

/** Buckets with a clock that the test moves. */
function world(burst: number, perSecond: number): { buckets: TokenBuckets; clock: { ms: number } } {
  const clock = { ms: 5000 };
  return { buckets: new TokenBuckets({ burst, perSecond }, () => clock.ms), clock };
}

function takeAll(buckets: TokenBuckets, key: string): number {
  let count = 0;
  while (buckets.take(key) === 0) count++;
  return count;
}

test('gives the burst of a full bucket at once, then refuses', () => {
  const { buckets } = world(10, 2);
  assert.equal(takeAll(buckets, 'ada'), 10);
  assert.equal(buckets.take('ada'), 500);
  assert.equal(buckets.waitMs('ada'), 500, 'a refusal takes nothing');
});

test('refills tokens at the rate, up to the burst', () => {
  const { buckets, clock } = world(10, 2);
  takeAll(buckets, 'ada');
  clock.ms += 499;
  assert.equal(buckets.take('ada'), 1);
  clock.ms += 1;
  assert.equal(buckets.take('ada'), 0);
  assert.equal(buckets.take('ada'), 500);
  clock.ms += 1700;
  assert.equal(takeAll(buckets, 'ada'), 3);
  assert.equal(buckets.take('ada'), 300);
  clock.ms += 1_000_000;
  assert.equal(takeAll(buckets, 'ada'), 10);
});

test('several tokens are taken together or not at all; a full bucket has enough for any number', () => {
  const { buckets, clock } = world(10, 2);
  assert.equal(buckets.take('ada', 4), 0);
  assert.equal(buckets.take('ada', 4), 0);
  assert.equal(buckets.take('ada', 4), 1000);
  assert.equal(takeAll(buckets, 'ada'), 2, 'a refusal takes nothing');
  clock.ms += 2000;
  assert.equal(buckets.take('ada', 4), 0);
  assert.equal(buckets.take('ada'), 500);
  assert.equal(buckets.take('bo', 25), 0);
  clock.ms += 12_500;
  assert.equal(takeAll(buckets, 'bo'), 10);
  assert.equal(buckets.take('bo', 25), 5000);
});

test('never refuses after the wait of a refusal, at any rate', () => {
  for (const perSecond of [0.001, 0.3, 1, 3, 7, 20, 999, 1_000_000]) {
    const { buckets, clock } = world(1, perSecond);
    clock.ms = 123_456_789.123;
    for (let round = 0; round < 200; round++) {
      assert.equal(buckets.take('ada'), 0, `${perSecond} per second, round ${round}`);
      clock.ms += buckets.waitMs('ada');
    }
  }
});

test('never gives more than the burst and the rate over a long time', () => {
  const { buckets, clock } = world(60, 20);
  let given = 0;
  const startMs = clock.ms;
  for (let round = 0; round < 5000; round++) {
    clock.ms += (round * 7919) % 23;
    for (let tries = 0; tries <= (round * 104_729) % 4; tries++) if (buckets.take('ada') === 0) given++;
  }
  const most = 60 + ((clock.ms - startMs) * 20) / 1000;
  assert.ok(given <= most, `${given} of ${most}`);
  assert.ok(given >= most - 61, `${given} of ${most}`);
});

test('keeps the buckets of keys separate', () => {
  const { buckets } = world(10, 2);
  takeAll(buckets, 'ada');
  assert.equal(takeAll(buckets, 'ben'), 10);
});

test('keeps no bucket for a check', () => {
  const { buckets } = world(10, 2);
  for (let key = 0; key < 1000; key++) assert.equal(buckets.waitMs(String(key)), 0);
  assert.equal(buckets.size, 0);
});

test('drops full buckets of 100,000 unused keys, and keeps the others', () => {
  const { buckets, clock } = world(10, 2);
  for (let key = 0; key < 100_000; key++) buckets.take(String(key));
  assert.equal(buckets.size, 100_000);
  clock.ms += 60_000;
  takeAll(buckets, 'ada');
  for (let round = 0; round < 60_000; round++) buckets.take('ada');
  assert.equal(buckets.take('ada'), 500);
  for (let round = 0; round < 55_000; round++) {
    clock.ms += 500;
    assert.equal(buckets.take('ada'), 0);
  }
  assert.equal(buckets.size, 1);
});

test('keeps only buckets of the last seconds for keys used once', () => {
  const { buckets, clock } = world(10, 2);
  let most = 0;
  for (let key = 0; key < 200_000; key++) {
    // 1,000 people in a second; each bucket is full again after half a second.
    clock.ms += 1;
    buckets.take(String(key));
    most = Math.max(most, buckets.size);
  }
  assert.ok(most < 3000, `${most} buckets`);
});

test('a token that is given back can be taken again, and a full bucket gets no more', () => {
  const { buckets, clock } = world(10, 2);
  takeAll(buckets, 'ada');
  buckets.give('ada');
  assert.equal(takeAll(buckets, 'ada'), 1);
  clock.ms += 5000;
  buckets.give('ada');
  buckets.give('new');
  assert.equal(takeAll(buckets, 'ada'), 10);
  assert.equal(takeAll(buckets, 'new'), 10);
});
