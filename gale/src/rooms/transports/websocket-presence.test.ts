/** Who is in a room, as sockets are notified of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRooms } from '../../../test/support/rooms/room-server.ts';
import type { RoomSocket } from './room-socket.ts';

test('counts a person once over several windows, a reconnect and a short unsubscribe', async (t) => {
  const server = await openRooms(t, { rooms: { presenceGraceMs: 800, presenceBatchMs: 1 } });
  const ben = await server.connect('ben');
  await ben.ask('subscribe', { room: 'lobby' });
  assert.deepEqual((await ben.takeType('people'))['people'], [{ id: 'ben', name: 'Ben' }]);
  const windows = [await server.connect('ada'), await server.connect('ada')];
  for (const window of windows) await window.ask('subscribe', { room: 'lobby' });
  assert.equal((await windows[1]?.takeType('people'))?.['count'], 2);
  const ada = { id: 'ada', name: 'Ada' };
  assert.deepEqual(await ben.takeType('presence'), {
    type: 'presence',
    room: 'lobby',
    count: 2,
    entered: [ada],
    left: [],
  });
  for (const window of windows) window.close();
  const again = await server.connect('ada');
  await again.ask('subscribe', { room: 'lobby' });
  await again.ask('unsubscribe', { room: 'lobby' });
  await again.ask('subscribe', { room: 'lobby' });
  const cleo = await server.connect('cleo');
  await cleo.ask('subscribe', { room: 'lobby' });
  assert.deepEqual((await ben.takeType('presence'))['count'], 3);
  await cleo.ask('unsubscribe', { room: 'lobby' });
  assert.deepEqual(await ben.takeType('presence'), {
    type: 'presence',
    room: 'lobby',
    count: 2,
    entered: [],
    left: [{ id: 'cleo', name: 'Cleo' }],
  });
  again.close();
  assert.deepEqual((await ben.takeType('presence'))['left'], [ada]);
});

test('sends one frame to each of 300 sockets for 100 subscribes and unsubscribes', async (t) => {
  const server = await openRooms(t, { rooms: { presenceBatchMs: 20, limits: 'off' } });
  const connections = await Promise.all(Array.from({ length: 300 }, (_, index) => server.connect(`p${index % 150}`)));
  await Promise.all(connections.map((connection) => connection.ask('subscribe', { room: 'lobby' })));
  /** Lets a person enter. When everyone has received that change, all earlier ones were sent. */
  const allKnow = async (id: string): Promise<void> => {
    await server.rooms.enter('lobby', { id, name: id }, id);
    for (const connection of connections) {
      await connection.take(({ entered }) => Array.isArray(entered) && entered.some((person) => person.id === id));
    }
  };
  await allKnow('first');
  for (const connection of connections) connection.frames.length = 0;
  const ada = await server.connect('ada');
  for (let round = 0; round < 100; round++) {
    await ada.ask('subscribe', { room: 'lobby' });
    await ada.ask('unsubscribe', { room: 'lobby' });
  }
  await allKnow('ada');
  await allKnow('last');
  // Each connection has taken the frame with Ada and the last one.
  assert.deepEqual(
    connections.flatMap((connection) => connection.frames),
    [],
  );
  assert.equal(ada.frames.filter(({ type }) => type === 'people').length, 100);
});

test('ends a subscription and its presence at once for the application', async (t) => {
  const sockets = new Set<RoomSocket>();
  const server = await openRooms(t, {
    rooms: { presenceBatchMs: 1, presenceGraceMs: 600_000 },
    hooks: {
      async onCommand(this: RoomSocket) {
        this.endSubscription('lobby');
        sockets.add(this);
        return {};
      },
    },
  });
  const ada = await server.connect('ada');
  const ben = await server.connect('ben');
  for (const connection of [ada, ben]) await connection.ask('subscribe', { room: 'lobby' });
  await ben.take((frame) => frame.type === 'people' && frame['count'] === 2);
  await ada.ask('be-removed');
  await ben.take((frame) => frame.type === 'presence' && frame['count'] === 1);
  assert.equal(sockets.size, 1);
});

test('sends counts in a room above presenceNamesMax, and names by page to subscribers', async (t) => {
  const server = await openRooms(t, { rooms: { presenceBatchMs: 1, presenceNamesMax: 10, presenceGraceMs: 0 } });
  const connections = await Promise.all(Array.from({ length: 25 }, (_, index) => server.connect(`p${index + 10}`)));
  for (const connection of connections) await connection.ask('subscribe', { room: 'lobby' });
  const [first, last] = [connections[0]!, connections[24]!];
  assert.deepEqual(await last.takeType('people'), { type: 'people', room: 'lobby', count: 25 });
  await first.take((frame) => frame.type === 'presence' && frame['count'] === 25);
  assert.ok(first.frames.every((frame) => Number(frame['count']) <= 10 || !('entered' in frame || 'left' in frame)));

  const ids: string[] = [];
  for (let after: unknown; after !== null;) {
    const page = await last.ask('people', { room: 'lobby', limit: 10, after });
    assert.equal(page['count'], 25);
    ids.push(...(page['people'] as { id: string }[]).map(({ id }) => id));
    after = page['next'];
  }
  assert.deepEqual(
    ids,
    Array.from({ length: 25 }, (_, index) => `p${index + 10}`),
  );
  const whole = await last.ask('people', { room: 'lobby' });
  assert.deepEqual([(whole['people'] as object[]).length, whole['next']], [25, null]);
  assert.deepEqual((whole['people'] as object[])[0], { id: 'p10', name: 'P10' });

  const stranger = await server.connect('stranger');
  assert.equal((await stranger.ask('people', { room: 'lobby' }))['code'], 'ROOM_NOT_MEMBER');
  for (const bad of [{ limit: 0 }, { limit: 201 }, { limit: 1.5 }, { after: 5 }, { room: '' }]) {
    assert.equal(
      (await last.ask('people', { room: 'lobby', ...bad }))['code'],
      'ROOM_BAD_COMMAND',
      JSON.stringify(bad),
    );
  }

  for (const connection of connections.slice(0, 16)) await connection.ask('unsubscribe', { room: 'lobby' });
  const again = await last.take((frame) => frame.type === 'people');
  assert.deepEqual([again['count'], (again['people'] as object[]).length], [9, 9]);
});
