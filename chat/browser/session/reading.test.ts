/** The read position and the announcements of new messages. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mentionCount } from '../state/own-mentions.ts';
import { unreadCount } from '../state/reading.ts';
import { me, wireRoom } from '../state/support.ts';
import { MemoryStorage } from '../storage/memory-storage.ts';
import { messageFrame, openLobby, openPage, subscribed } from './support.ts';

test('reports the read position once for a burst, and again after a lost connection', (t) => {
  const { chat, socket, sockets, room } = openLobby(t);
  chat.readToEnd('lobby');
  assert.deepEqual(socket.of('seen'), [], 'nothing new was read');
  for (const offset of [4, 5, 6]) {
    socket.receive(messageFrame(offset));
    chat.readToEnd('lobby');
  }
  t.mock.timers.tick(600);
  assert.deepEqual(
    socket.of('seen').map(({ seq }) => seq),
    [4, 6],
  );
  assert.equal(unreadCount(room(), me.id), 0);

  socket.cut();
  t.mock.timers.tick(20_000);
  const next = sockets[1]!;
  next.welcome(wireRoom({ top: 6, readSeq: 4 }));
  next.reply(next.of('subscribe')[0], subscribed(6, 4));
  assert.deepEqual(
    next.of('seen').map(({ seq }) => seq),
    [6],
  );
});

test('reads messages on screen only while the window has attention, and all messages with an own one', (t) => {
  const { chat, socket, room } = openLobby(t);
  for (const offset of [4, 5, 6]) socket.receive(messageFrame(offset));
  chat.setAttentive(false);
  chat.readSeen('lobby', { first: 2, last: 5 });
  assert.equal(room().readSeq, 3);
  chat.setAttentive(true);
  chat.readSeen('lobby', { first: 5, last: 6 });
  assert.equal(room().readSeq, 3, 'message 4 was not on screen');
  chat.readSeen('lobby', { first: 2, last: 5 });
  assert.equal(room().readSeq, 5);
  chat.send('lobby', 'answer');
  assert.equal(room().readSeq, 6);
  t.mock.timers.tick(600);
  assert.deepEqual(
    socket.of('seen').map(({ seq }) => seq),
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
    socket.of('seen').map(({ seq }) => seq),
    [4, 5],
  );
});

test('a read position of another device clears the unread count', (t) => {
  const { socket, room } = openLobby(t);
  socket.receive(messageFrame(4));
  assert.equal(unreadCount(room(), me.id), 1);
  socket.receive({ type: 'seen', room: 'lobby', seq: 4 });
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
    next.welcome(wireRoom({ top: 5, readSeq: 3 }));
    next.reply(next.of('subscribe')[0], subscribed(5, 3));
    assert.equal(room().view?.unreadAfter, unreadAfter);
  });
}

test('a read position that was set by hand in another window moves back, and nothing is read after it', (t) => {
  const { chat, socket, room } = openLobby(t);
  socket.receive({ type: 'seen', room: 'lobby', seq: 1, exact: true });
  assert.deepEqual([room().readSeq, unreadCount(room(), me.id)], [1, 2]);
  chat.readSeen('lobby', { first: 1, last: 3 });
  assert.equal(room().readSeq, 1);
  chat.readToEnd('lobby');
  assert.equal(room().readSeq, 3);
});

test('a read position goes back with the welcome, since it may have been set elsewhere', (t) => {
  const { socket, sockets, room } = openLobby(t);
  socket.cut();
  t.mock.timers.tick(20_000);
  const next = sockets.at(-1)!;
  next.welcome(wireRoom({ top: 3, readSeq: 1 }));
  assert.equal(room().readSeq, 1);
  assert.deepEqual(next.of('seen'), []);
});

for (const awayMs of [600, 20_000]) {
  test(`a position confirmed just before the connection was lost for ${awayMs} ms stays, although the next server has an older one`, async (t) => {
    const { chat, socket, sockets, room } = openLobby(t);
    socket.receive(messageFrame(4));
    chat.readToEnd('lobby');
    socket.reply(socket.of('seen')[0]);
    await Promise.resolve();
    socket.cut();
    t.mock.timers.tick(awayMs);
    const next = sockets.at(-1)!;
    assert.notEqual(next, socket);
    next.welcome(wireRoom({ top: 4, readSeq: 3 }));
    assert.equal(room().readSeq, 4);
    t.mock.timers.tick(500);
    assert.deepEqual(
      next.of('seen').map(({ seq }) => seq),
      [4],
    );
  });
}

test('a position set back by hand in another window stays after a lost connection, although a later one was just confirmed', async (t) => {
  const { chat, socket, sockets, room } = openLobby(t);
  socket.receive(messageFrame(4));
  chat.readToEnd('lobby');
  socket.reply(socket.of('seen')[0]);
  await Promise.resolve();
  socket.receive({ type: 'seen', room: 'lobby', seq: 1, exact: true });
  socket.cut();
  t.mock.timers.tick(600);
  const next = sockets.at(-1)!;
  next.welcome(wireRoom({ top: 4, readSeq: 1 }));
  assert.equal(room().readSeq, 1);
  assert.deepEqual(next.of('seen'), []);
});

test('a position confirmed long before the connection was lost may have been set back elsewhere', async (t) => {
  const { chat, socket, sockets, room } = openLobby(t);
  socket.receive(messageFrame(4));
  chat.readToEnd('lobby');
  socket.reply(socket.of('seen')[0]);
  await Promise.resolve();
  t.mock.timers.tick(5000);
  socket.cut();
  t.mock.timers.tick(20_000);
  const next = sockets.at(-1)!;
  next.welcome(wireRoom({ top: 4, readSeq: 1 }));
  assert.equal(room().readSeq, 1);
});

test('what was marked as unread stays unread after a reload, until the person leaves the room', (t) => {
  const storage = new MemoryStorage();
  const before = openLobby(t, storage);
  before.socket.receive({ type: 'seen', room: 'lobby', seq: 1, exact: true });
  const reload = (): ReturnType<typeof openPage> => {
    t.mock.timers.reset();
    const page = openPage(t, storage);
    const socket = page.sockets[0]!;
    page.chat.show('lobby');
    socket.welcome(wireRoom({ top: 3, readSeq: 1 }), wireRoom({ id: 'tea', name: 'Tea' }));
    socket.reply(socket.of('subscribe')[0], subscribed(3, 0));
    for (const offset of [1, 2, 3]) socket.receive(messageFrame(offset));
    return page;
  };
  const page = reload();
  page.chat.readSeen('lobby', { first: 1, last: 3 });
  assert.equal(page.room().readSeq, 1);
  page.chat.show(undefined);
  const again = reload();
  again.chat.readSeen('lobby', { first: 1, last: 3 });
  assert.equal(again.room().readSeq, 3);
});

test('an edit that mentions the person counts if the message is unread, and not if it was read', (t) => {
  const { chat, socket, room } = openLobby(t);
  chat.setAttentive(false);
  socket.receive(messageFrame(4));
  for (const seq of [3, 4]) chat.messages.apply('lobby', seq, { text: `<@${me.id}>`, change: 1, mentions: [me.id] });
  assert.equal(mentionCount(room()), 1);
});
