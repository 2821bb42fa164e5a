import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../test/support/eventually.ts';
import { ada, follow, openTwoServers } from '../../test/support/rooms/two-servers.ts';

test('sends a signal to subscribers on all servers, and never treats it as presence', async (t) => {
  const { rooms, others } = openTwoServers(t);
  const { subscriber } = await follow(rooms, 'lobby');
  await eventually(() => subscriber.here !== undefined);
  await others.signal('lobby', { presence: 'enter', person: ada });
  await others.signal('lobby', 'typing');
  await eventually(() => subscriber.signals.length === 2);
  assert.deepEqual(subscriber.signals, [{ presence: 'enter', person: ada }, 'typing']);
  assert.deepEqual(await rooms.people('lobby'), []);
  assert.deepEqual(subscriber.changes, []);
  assert.deepEqual(subscriber.told, []);
});

test('notifies one person, or everyone, on all servers', async (t) => {
  const { rooms, others } = openTwoServers(t);
  const heard: unknown[] = [];
  const heardByBen: unknown[] = [];
  const stop = await rooms.hear('ada', (event) => heard.push(event));
  await rooms.hear('ben', (event) => heardByBen.push(event));
  await others.tell('ada', { type: 'joined' });
  await others.tellEveryone({ type: 'room-made' });
  await eventually(() => heard.length === 2 && heardByBen.length === 1);
  assert.deepEqual(heard, [{ type: 'joined' }, { type: 'room-made' }]);
  stop();
  await others.tellEveryone({ type: 'again' });
  await eventually(() => heardByBen.length === 2);
  assert.equal(heard.length, 2);
});
