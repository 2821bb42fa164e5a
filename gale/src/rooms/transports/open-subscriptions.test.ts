import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenSubscriptions } from './open-subscriptions.ts';
import type { Subscription } from '../subscription.ts';

const [a, b, c] = [{}, {}, {}] as unknown as [Subscription, Subscription, Subscription];

test('rooms have one subscription each, which a later one replaces', () => {
  const open = new OpenSubscriptions();
  open.set('a', a);
  open.set('b', b);
  open.set('a', c);
  assert.deepEqual([open.size, open.get('a') === c, open.get('b') === b, open.get('c')], [2, true, true, undefined]);
  open.set('b', c);
  assert.deepEqual([open.size, open.get('b') === c], [2, true]);
});

test('a removed room leaves the others, and its place is used again', () => {
  const open = new OpenSubscriptions();
  for (const [room, its] of Object.entries({ a, b, c })) open.set(room, its);
  assert.deepEqual([open.delete('a'), open.delete('a'), open.get('a'), open.size], [true, false, undefined, 2]);
  open.set('b', a);
  assert.deepEqual([open.get('b') === a, open.size], [true, 2]);
  open.set('d', b);
  assert.deepEqual([open.get('d') === b, open.size, open.delete('c')], [true, 3, true]);
  assert.deepEqual(new Map(open.clear()), new Map(Object.entries({ d: b, b: a })));
  assert.deepEqual([open.size, open.get('d'), open.clear()], [0, undefined, []]);
});
