import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bannerState } from './banner-delay.ts';

test('the banner appears three seconds after the connection is lost', () => {
  assert.deepEqual(bannerState(undefined, undefined, 5000), { isShown: false, changesInMs: undefined });
  assert.deepEqual(bannerState(5000, undefined, 5000), { isShown: false, changesInMs: 3000 });
  assert.deepEqual(bannerState(5000, undefined, 7999), { isShown: false, changesInMs: 1 });
  for (const now of [8000, 99_000]) {
    assert.deepEqual(bannerState(5000, undefined, now), { isShown: true, changesInMs: undefined });
  }
});

test('a banner that is visible stays for a second after it appeared, also if the connection is open again', () => {
  assert.deepEqual(bannerState(undefined, 8000, 8010), { isShown: true, changesInMs: 990 });
  assert.deepEqual(bannerState(undefined, 8000, 8999), { isShown: true, changesInMs: 1 });
  assert.deepEqual(bannerState(undefined, 8000, 9000), { isShown: false, changesInMs: undefined });
  assert.deepEqual(bannerState(8500, 8000, 8600), { isShown: true, changesInMs: undefined }, 'lost again meanwhile');
});
