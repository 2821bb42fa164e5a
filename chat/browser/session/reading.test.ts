/** The read position and the announcements of new messages. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unreadCount } from '../state/reading.ts';
import { ada, me, wireRoom } from '../state/support.ts';
import { messageFrame, openLobby, subscribed } from './support.ts';

test('reports the read position once for a burst, and again after a lost connection', (t) => {
  const { chat, socket, sockets, room } = openLobby(t);
  chat.readToEnd('lobby');
  assert.deepEqual(socket.of('read'), [], 'nothing new was read');
  for (const offset of [4, 5, 6]) {
    socket.receive(messageFrame(offset));
    chat.readToEnd('lobby');
  }
  t.mock.timers.tick(300);
  assert.deepEqual(
    socket.of('read').map(({ offset }) => offset),
    [4, 6],
  );
  assert.equal(unreadCount(room(), me.id), 0);

  socket.cut();
  t.mock.timers.tick(20_000);
  const next = sockets[1]!;
  next.welcome(wireRoom({ top: 6, cursor: { epoch: 'e1', offset: 4 } }));
  next.reply(next.of('subscribe')[0], subscribed(6, 4));
  assert.deepEqual(
    next.of('read').map(({ offset }) => offset),
    [6],
  );
});

test('reads messages on screen only while the window has attention, and all messages with an own one', (t) => {
  const { chat, socket, room } = openLobby(t);
  for (const offset of [4, 5, 6]) socket.receive(messageFrame(offset));
  chat.setAttentive(false);
  chat.readSeen('lobby', { first: 2, last: 5 });
  assert.equal(room().cursor, 3);
  chat.setAttentive(true);
  chat.readSeen('lobby', { first: 5, last: 6 });
  assert.equal(room().cursor, 3, 'message 4 was not on screen');
  chat.readSeen('lobby', { first: 2, last: 5 });
  assert.equal(room().cursor, 5);
  chat.send('lobby', 'answer');
  assert.equal(room().cursor, 6);
  t.mock.timers.tick(300);
  assert.deepEqual(
    socket.of('read').map(({ offset }) => offset),
    [5, 6],
  );
});

test('reports a waiting read position when the page is unloaded, and not again', (t) => {
  const { chat, socket } = openLobby(t);
  for (const offset of [4, 5]) {
    socket.receive(messageFrame(offset));
    chat.readToEnd('lobby');
  }
  chat.reportReads();
  t.mock.timers.tick(1000);
  assert.deepEqual(
    socket.of('read').map(({ offset }) => offset),
    [4, 5],
  );
});

test('a read position of another device clears the unread count', (t) => {
  const { socket, room } = openLobby(t);
  socket.receive(messageFrame(4));
  assert.equal(unreadCount(room(), me.id), 1);
  socket.receive({ type: 'read', room: 'lobby', epoch: 'e1', offset: 4 });
  assert.equal(unreadCount(room(), me.id), 0);
});

test('announces new messages of others to a screen reader, but not the history', (t) => {
  const { chat, socket } = openLobby(t);
  assert.deepEqual(chat.announcements.value, []);
  socket.receive(messageFrame(4, me));
  socket.receive(messageFrame(5));
  assert.deepEqual(chat.announcements.value, [{ name: 'Ada', text: 'text 5', key: 1 }]);
});

for (const [awayMs, unreadAfter] of [
  [600, undefined],
  [5000, 3],
] as const) {
  test(`messages missed while disconnected for ${awayMs} ms are ${unreadAfter === undefined ? 'not ' : ''}marked as unread`, (t) => {
    const { socket, sockets, room } = openLobby(t);
    socket.cut();
    t.mock.timers.tick(awayMs);
    const next = sockets.at(-1)!;
    next.welcome(wireRoom({ top: 5, cursor: { epoch: 'e1', offset: 3 } }));
    next.reply(next.of('subscribe')[0], subscribed(5, 3));
    assert.equal(room().view?.unreadAfter, unreadAfter);
  });
}

test('does not report a read position to a stream that was reset', (t) => {
  const { socket, sockets } = openLobby(t);
  socket.cut();
  t.mock.timers.tick(20_000);
  const next = sockets.at(-1)!;
  next.welcome(wireRoom({ top: 3, cursor: { epoch: 'e1', offset: 3 } }));
  next.reply(next.of('subscribe')[0], { ...subscribed(1, 0), epoch: 'e2', reset: true, cursor: null });
  assert.deepEqual(next.of('read'), []);
});

test('reports a read position with the life of its message', (t) => {
  const { chat, socket } = openLobby(t);
  socket.receive({ ...messageFrame(4), life: 'k' });
  chat.readToEnd('lobby');
  const [report] = socket.of('read');
  assert.deepEqual([report?.['epoch'], report?.['offset'], report?.['life']], ['e1', 4, 'k']);
});

test('after a reset the read position is that of the server, also in the same epoch', (t) => {
  const { socket, sockets, room } = openLobby(t);
  socket.cut();
  t.mock.timers.tick(20_000);
  const next = sockets.at(-1)!;
  next.welcome(wireRoom({ top: 2, cursor: { epoch: 'e1', offset: 1 } }));
  next.reply(next.of('subscribe')[0], { ...subscribed(2, 1), reset: true, recovered: false });
  for (const offset of [1, 2]) next.receive(messageFrame(offset, ada, `other${offset}`));
  assert.deepEqual([room().cursor, unreadCount(room(), me.id)], [1, 1]);
  assert.deepEqual(next.of('read'), []);
});

test('after a reset without a subscription the page asks for the read position', async (t) => {
  const { socket, room } = openLobby(t);
  socket.receive({ type: 'reset', room: 'lobby', epoch: 'e2', top: 2, first: 1, life: '' });
  for (const offset of [1, 2]) socket.receive({ ...messageFrame(offset), epoch: 'e2' });
  const [question] = socket.of('read');
  assert.deepEqual([question?.['epoch'], question?.['offset']], ['e2', 0]);
  assert.equal(room().cursor, 0);
  socket.reply(question, { cursor: { epoch: 'e2', offset: 2 } });
  await Promise.resolve();
  assert.deepEqual([room().cursor, unreadCount(room(), me.id)], [2, 0]);
});
