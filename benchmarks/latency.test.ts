import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Latency } from './latency.ts';

test('a quantile is the upper end of its bucket', () => {
  const latency = new Latency();
  latency.record(0.104, 50);
  latency.record(2.5, 49);
  latency.record(60_000, 1);
  assert.equal(latency.at(0.5), 0.11);
  assert.equal(latency.at(0.51), 2.51);
  assert.equal(latency.at(0.99), 2.51);
  assert.equal(latency.at(1), 10_000.01);
});

test('clear removes all recorded times', () => {
  const latency = new Latency();
  latency.record(5, 1);
  latency.clear();
  latency.record(1, 1);
  assert.equal(latency.at(1), 1.01);
});
