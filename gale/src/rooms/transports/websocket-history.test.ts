/** The command `history`, and the client's method. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRooms } from '../../../test/support/rooms/room-server.ts';
import { eventually } from '../../../test/support/eventually.ts';

const author = { id: 'ada', name: 'Ada', secret: 'not sent' };

test('a client reads the history in pages', async (t) => {
  const server = await openRooms(t, { rooms: { historyCount: 50 } });
  for (let id = 1; id <= 60; id++) await server.rooms.publish('lobby', { id: `m${id}`, author, data: id });
  const client = server.client('ben');
  client.subscribe('lobby', await server.rooms.position('lobby'));
  client.connect();
  await eventually(() => client.state === 'open');
  const newest = await client.history('lobby', { limit: 20 });
  const { epoch, top, first, messages } = newest;
  assert.deepEqual([top, first, messages.length], [60, 11, 20]);
  assert.deepEqual(Object.keys(messages[0] ?? {}), ['offset', 'life', 'id', 'author', 'time', 'data']);
  assert.deepEqual(messages[0]?.author, { id: 'ada', name: 'Ada' });
  const older = await client.history('lobby', { before: { epoch, offset: messages[0]?.offset ?? 0 } });
  assert.deepEqual(
    older.messages.map(({ data }) => data),
    Array.from({ length: 30 }, (_, index) => 11 + index),
  );
  await assert.rejects(client.history('lobby', { before: { epoch, offset: 10 } }), {
    name: 'RoomError',
    code: 'ROOM_POSITION_GONE',
    retry: false,
  });
});

test('history is for subscribers, and its fields are validated', async (t) => {
  const server = await openRooms(t);
  const connection = await server.connect('ada');
  assert.equal((await connection.ask('history', { room: 'lobby' }))['code'], 'ROOM_NOT_MEMBER');
  const { epoch } = await connection.ask('subscribe', { room: 'lobby' });
  assert.deepEqual((await connection.ask('history', { room: 'lobby' }))['messages'], []);
  for (const [fields, field] of [
    [{ limit: 0 }, 'limit'],
    [{ limit: 101 }, 'limit'],
    [{ before: 'x' }, 'before'],
    [{ before: { epoch } }, 'before.offset'],
    [{ before: { offset: 1 } }, 'before.epoch'],
  ] as const) {
    const { code, message } = await connection.ask('history', { room: 'lobby', ...fields });
    assert.equal(code, 'ROOM_BAD_COMMAND');
    assert.ok(String(message).startsWith(`${field} must be `), String(message));
  }
});

test('a reply has at most 256 KiB of messages, and waits for a slow reader', async (t) => {
  const server = await openRooms(t, { websocket: { maxBufferedBytes: 600_000 } });
  const data = 'x'.repeat(60_000);
  for (let id = 1; id <= 30; id++) await server.rooms.publish('lobby', { id: `m${id}`, author, data });
  const connection = await server.connect('ben');
  await connection.ask('subscribe', { room: 'lobby', after: await server.rooms.position('lobby') });
  const replies = await Promise.all(Array.from({ length: 20 }, () => connection.ask('history', { room: 'lobby' })));
  for (const { messages } of replies) {
    const offsets = (messages as { offset: number }[]).map(({ offset }) => offset);
    assert.deepEqual(offsets, [27, 28, 29, 30]);
  }
  assert.deepEqual(server.closeCodes, []);
});
