import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CatchUpTurns } from './catch-up-turns.ts';

test('gives turns one after the other, in order', async () => {
  const turns = new CatchUpTurns();
  const order: string[] = [];
  const take = (name: string): Promise<void> => turns.take().then(() => void order.push(name));
  const taking = [take('first'), take('second')];
  await nextTurn();
  assert.deepEqual(order, ['first']);
  taking.push(take('third'));
  turns.end();
  await nextTurn();
  assert.deepEqual(order, ['first', 'second']);
  // A new caller does not overtake a waiting one.
  taking.push(take('fourth'));
  turns.end();
  await nextTurn();
  assert.deepEqual(order, ['first', 'second', 'third']);
  turns.end();
  await Promise.all(taking);
  turns.end();
  await take('fifth');
  assert.deepEqual(order, ['first', 'second', 'third', 'fourth', 'fifth']);
});
