import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bannerDelayMs } from '../state/banner-delay.ts';
import { ada, me, wireRoom } from '../state/support.ts';
import { openLobby, openPage } from './support.ts';

test('subscribes to joined rooms only, the open room first', (t) => {
  const { chat, sockets } = openPage(t);
  chat.show('b');
  sockets[0]?.welcome(wireRoom(), wireRoom({ id: 'a' }), wireRoom({ id: 'b' }), wireRoom({ id: 'o', member: false }));
  assert.deepEqual(
    sockets[0]?.of('subscribe').map(({ room }) => room),
    ['b', 'lobby', 'a'],
  );
  assert.equal(chat.store.value.limits.codePoints, 10);
});

test('an interruption of 2 seconds ends before the banner would appear', (t) => {
  const { chat, socket, sockets } = openLobby(t);
  socket.cut();
  const lostAt = Date.now();
  let refused = 1;
  while (Date.now() < lostAt + 2000) {
    t.mock.timers.tick(10);
    for (; refused < sockets.length; refused++) sockets[refused]!.cut();
  }
  while (sockets.length === refused) t.mock.timers.tick(10);
  sockets[refused]!.welcome(wireRoom({ top: 3, readSeq: 3 }));
  assert.equal(chat.store.value.connection.lostAt, undefined);
  assert.ok(Date.now() - lostAt < bannerDelayMs, `connected after ${Date.now() - lostAt} ms`);
});

test('subscribes to a created room and opens it; unsubscribes from a left room and opens the lobby', async (t) => {
  const { chat, socket, opened } = openLobby(t);
  const made = chat.makeRoom({ name: '读书' });
  const room = wireRoom({ id: 'r', name: '读书' });
  socket.receive({ type: 'joined', room });
  socket.reply(socket.of('make-room')[0], { room });
  await made;
  assert.deepEqual(opened, ['r']);
  assert.deepEqual(
    socket.of('subscribe').map((command) => command['room']),
    ['lobby', 'r'],
  );
  const left = chat.leaveRoom('r');
  socket.receive({ type: 'left', room: 'r' });
  socket.reply(socket.of('leave-room')[0]);
  await left;
  assert.deepEqual(opened, ['r', 'instead lobby']);
  assert.deepEqual(
    socket.of('unsubscribe').map((command) => command['room']),
    ['r'],
  );
  assert.equal(chat.store.value.rooms.get('r')?.isMember, false);
  assert.equal(chat.store.value.openRoom, 'lobby');
});

test('a late reply changes the rooms, but moves nobody who has gone elsewhere', async (t) => {
  const { chat, socket, opened, stay } = openLobby(t);
  const room = wireRoom({ id: 'r', name: '读书' });
  const made = chat.makeRoom({ name: '读书' });
  const joined = chat.joinRoom('s');
  stay.hasStayed = false;
  socket.reply(socket.of('make-room')[0], { room });
  socket.reply(socket.of('join-room')[0], { room: wireRoom({ id: 's' }) });
  await Promise.all([made, joined]);
  chat.show('r');
  const left = chat.leaveRoom('r');
  socket.reply(socket.of('leave-room')[0]);
  await left;
  assert.deepEqual(opened, []);
  const { rooms, openRoom } = chat.store.value;
  assert.deepEqual([rooms.get('r')?.isMember, rooms.get('s')?.isMember, openRoom], [false, true, 'r']);
});

test('removes a removed room from the list, and unsubscribes from it', async (t) => {
  const { chat, socket } = openLobby(t);
  const made = chat.makeRoom({ name: '读书' });
  socket.reply(socket.of('make-room')[0], { room: wireRoom({ id: 'r', name: '读书' }) });
  await made;
  socket.receive({ type: 'room-removed', room: 'r' });
  socket.receive({ type: 'room-removed', room: 'unknown' });
  assert.equal(chat.store.value.rooms.get('r')?.isRemoved, true);
  assert.equal(chat.store.value.rooms.has('unknown'), false);
  assert.deepEqual(
    socket.of('unsubscribe').map((command) => command['room']),
    ['r'],
  );
});

test('makeRoom rejects with the error code of the server', async (t) => {
  const { chat, socket, opened } = openLobby(t);
  const made = chat.makeRoom({ name: '大厅' });
  socket.refuse(socket.of('make-room')[0], 'CHAT_ROOM_NAME_TAKEN');
  await assert.rejects(made, { code: 'CHAT_ROOM_NAME_TAKEN' });
  assert.deepEqual(opened, []);
});

test('shows too many windows only while disconnected, and no longer after the reconnect', (t) => {
  const { chat, socket, sockets } = openLobby(t);
  const isShown = (): boolean => chat.store.value.connection.hasTooManyWindows;
  chat.setTooManyWindows(true);
  assert.equal(isShown(), false, 'the connection is open');
  socket.cut();
  chat.setTooManyWindows(true);
  assert.equal(isShown(), true);
  t.mock.timers.tick(20_000);
  sockets.at(-1)?.welcome(wireRoom());
  assert.equal(isShown(), false);
});

test('asks what an open room is in which the person is not, and says that it is unknown after a refusal', async (t) => {
  const { chat, socket } = openLobby(t);
  chat.show('r');
  chat.show('r');
  assert.equal(chat.store.value.looksAt, 'r');
  const [question, ...others] = socket.of('look-at-room');
  assert.deepEqual([question?.['room'], others.length], ['r', 0]);
  socket.reply(question, { room: wireRoom({ id: 'r', name: 'Tea', member: false }), size: 3 });
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual([chat.store.value.looksAt, chat.store.value.rooms.get('r')?.isMember], [undefined, false]);
  chat.show('secret');
  socket.refuse(socket.of('look-at-room').at(-1), 'ROOM_UNKNOWN');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([chat.store.value.looksAt, chat.store.value.rooms.has('secret')], [undefined, false]);
});

test('leaves a room whose subscription was refused, and subscribes again when the person joins it', (t) => {
  const { socket, room } = openLobby(t);
  socket.receive({ type: 'joined', room: wireRoom({ id: 'r', name: 'Tea' }) });
  const subscriptions = (): unknown[] => socket.of('subscribe').filter((command) => command['room'] === 'r');
  assert.equal(subscriptions().length, 1);
  socket.refuse(socket.of('subscribe').at(-1), 'ROOM_NOT_MEMBER');
  assert.equal(room('r').isMember, false);
  socket.receive({ type: 'joined', room: wireRoom({ id: 'r', name: 'Tea' }) });
  assert.equal(subscriptions().length, 2);
});

test('sends nothing to a server that knows the browser as another person, and asks for another page', (t) => {
  const { chat, client, socket, sockets, opened } = openLobby(t);
  socket.cut();
  chat.send('lobby', 'of me');
  t.mock.timers.tick(20_000);
  const next = sockets.at(-1)!;
  next.receive({
    type: 'welcome',
    person: ada,
    limits: { codePoints: 10, bytes: 40, roomName: 4 },
    rooms: [wireRoom()],
  });
  assert.deepEqual(next.sent, []);
  assert.deepEqual([client.state, opened, chat.store.value.me], ['closed', ['as another person'], me]);
});

test('ignores a welcome and events of another application', (t) => {
  const { chat, sockets } = openPage(t);
  sockets[0]?.receive({ type: 'welcome', person: me });
  assert.equal(chat.store.value.isWelcomed, false);
  const before = chat.store.value.rooms;
  sockets[0]?.receive({ type: 'unknown', room: 'lobby' });
  assert.equal(chat.store.value.rooms, before);
});
