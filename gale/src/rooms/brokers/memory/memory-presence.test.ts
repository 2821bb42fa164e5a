import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryPresence } from './memory-presence.ts';

const lease = (connection: string): { room: string; person: { id: string; name: string }; connection: string } => ({
  room: 'lobby',
  person: { id: 'ada', name: 'Ada' },
  connection,
});

test('expires a lease exactly after its time', async () => {
  let now = 0;
  const presence = new MemoryPresence(() => now);
  await presence.enter(lease('tab 1'), 10);
  now = 9;
  assert.equal((await presence.list('lobby')).length, 1);
  assert.deepEqual(await presence.sweep('lobby'), []);
  now = 10;
  assert.deepEqual(await presence.list('lobby'), []);
  assert.deepEqual(await presence.sweep('lobby'), [lease('').person]);
});

test('keeps each lease of a person until its own time', async () => {
  let now = 0;
  const presence = new MemoryPresence(() => now);
  await presence.enter(lease('tab 1'), 10);
  await presence.enter(lease('tab 2'), 30);
  await presence.enter(lease('tab 3'), 20);
  now = 5;
  await presence.renew([lease('tab 1')], 10);
  now = 20;
  assert.equal(await presence.leave(lease('tab 1')), false, 'it expired at 15');
  assert.equal(await presence.leave(lease('tab 3')), false, 'it expired at 20');
  assert.equal(await presence.leave(lease('tab 2')), true);
});
