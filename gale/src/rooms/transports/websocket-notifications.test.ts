/** What all connections of one person are notified of: cursors, notifications and their end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../../test/support/eventually.ts';
import { publishMany } from '../../../test/support/rooms/lobby.ts';
import { openRooms } from '../../../test/support/rooms/room-server.ts';
import type { RoomSocket } from './room-socket.ts';

test('notifies other windows of a moved cursor, and returns it on later connections', async (t) => {
  const server = await openRooms(t);
  await publishMany(server.rooms, 5);
  const windows = [await server.connect('ada'), await server.connect('ada')] as const;
  const start = await windows[0].ask('subscribe', { room: 'lobby' });
  const { epoch } = start;
  assert.equal(start['cursor'], null);
  const { life } = await windows[0].takeType('message');
  const { cursor } = await windows[0].ask('read', { room: 'lobby', epoch, offset: 4, life });
  assert.deepEqual(cursor, { epoch, offset: 4, life });
  for (const window of windows) {
    assert.deepEqual(await window.takeType('read'), { type: 'read', room: 'lobby', epoch, offset: 4, life });
  }
  await windows[0].ask('read', { room: 'lobby', epoch, offset: 5 });
  await windows[0].ask('publish', { room: 'lobby', id: 'own', data: 1 });
  const later = await server.connect('ada');
  assert.deepEqual((await later.ask('subscribe', { room: 'lobby' }))['cursor'], { epoch, offset: 6, life });
});

test('notifies all windows of a person, and lets the application end a subscription', async (t) => {
  const server = await openRooms(t, {
    hooks: {
      onNotification(this: RoomSocket, event) {
        const { type, room } = event as { type: string; room: string };
        if (type === 'left') this.endSubscription(room);
        if (type === 'bye') this.endSession();
        else this.sendEvent(event);
      },
    },
  });
  const ada = await server.connect('ada');
  const ben = await server.connect('ben');
  for (const connection of [ada, ben]) await connection.ask('subscribe', { room: 'lobby' });
  await server.rooms.notify('ada', { type: 'left', room: 'lobby' });
  await server.rooms.notifyEveryone({ type: 'news' });
  await ada.takeType('left');
  await ada.takeType('news');
  await ben.takeType('news');
  await publishMany(server.rooms, 1);
  await ben.takeType('message');
  await ada.ask('ping');
  assert.ok(!ada.frames.some(({ type }) => type === 'message'));
  assert.ok(!ben.frames.some(({ type }) => type === 'left'));
  await server.rooms.signal('lobby', 'typing');
  assert.deepEqual(await ben.takeType('signal'), { type: 'signal', room: 'lobby', data: 'typing' });
  await server.rooms.notify('ben', { type: 'bye' });
  await eventually(() => ben.closeCode === 4401);
});

test('sends notifications that arrive during the welcome after it', async (t) => {
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
  const { promise: allowed, resolve: allow } = Promise.withResolvers<object>();
  const server = await openRooms(t, {
    hooks: {
      welcome() {
        onAsked();
        return allowed;
      },
    },
  });
  const connection = await server.connect('ada');
  await asked;
  await server.rooms.notify('ada', { type: 'news' });
  allow({});
  assert.equal((await connection.take(() => true)).type, 'welcome');
  assert.equal((await connection.take(() => true)).type, 'news');
});
