import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untilBanner } from './banner-delay.ts';

test('the banner appears three seconds after the connection is lost', () => {
  assert.equal(untilBanner(undefined, 5000), undefined);
  assert.equal(untilBanner(5000, 5000), 3000);
  assert.equal(untilBanner(5000, 7999), 1);
  assert.equal(untilBanner(5000, 8000), 0);
  assert.equal(untilBanner(5000, 99_000), 0);
});
