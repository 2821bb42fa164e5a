import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentChecks } from './recent-checks.ts';

test('a check is valid for 10 seconds, for one person and one room', () => {
  let now = 0;
  const checks = new RecentChecks(() => now);
  assert.equal(checks.has('ada', 'tea'), false);
  checks.add('ada', 'tea');
  assert.equal(checks.has('ada', 'tea'), true);
  assert.equal(checks.has('bob', 'tea'), false);
  assert.equal(checks.has('ada', 'lobby'), false);
  now = 9999;
  assert.equal(checks.has('ada', 'tea'), true);
  now = 10_000;
  assert.equal(checks.has('ada', 'tea'), false);
});

test('the check of a person who left is forgotten', () => {
  const checks = new RecentChecks(() => 0);
  for (const person of ['ada', 'bob']) checks.add(person, 'tea');
  checks.forget('ada', 'tea');
  assert.deepEqual([checks.has('ada', 'tea'), checks.has('bob', 'tea')], [false, true]);
});

test('at most 20,000 checks are remembered', () => {
  const checks = new RecentChecks(() => 0);
  for (let person = 0; person <= 20_000; person += 1) checks.add(`person-${person}`, 'tea');
  assert.equal(checks.has('person-0', 'tea'), false);
  assert.equal(checks.has('person-20000', 'tea'), true);
});
