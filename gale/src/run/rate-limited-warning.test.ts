import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateLimitedWarning } from './rate-limited-warning.ts';

test('warns immediately, then at most once per minute with the count of events, and only if there were events', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const lines: object[] = [];
  const log = { debug() {}, info() {}, error() {}, warn: (fields: object) => void lines.push(fields) };
  const warning = new RateLimitedWarning(log, 'It happened.');
  for (let index = 1; index <= 5; index++) warning.note({ index });
  assert.deepEqual(lines, [{ index: 1, count: 1 }]);
  t.mock.timers.tick(59_000);
  assert.equal(lines.length, 1);
  t.mock.timers.tick(1_000);
  assert.deepEqual(lines.slice(1), [{ index: 5, count: 4 }]);
  t.mock.timers.tick(600_000);
  assert.equal(lines.length, 2);
  warning.note({ index: 6 });
  warning.note({ index: 7 });
  assert.deepEqual(lines.slice(2), [{ index: 6, count: 1 }]);
  warning.stop();
  assert.deepEqual(lines.slice(3), [{ index: 7, count: 1 }]);
});
