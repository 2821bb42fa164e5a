import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConnection } from '../../../test/support/rooms/client-connection.ts';
import type { TestConnection } from '../../../test/support/rooms/client-connection.ts';
import type { Waiter } from './connection.ts';

const ignored: Waiter = { onReply() {}, onError() {} };

test('reconnects after the reply timeout without a frame, not at the next heartbeat', (t) => {
  const { connection, sockets, events, pass } = createConnection(t);
  connection.connect();
  sockets[0]?.receive({ type: 'welcome' });
  connection.request('unsubscribe', { room: 'lobby' }, ignored);
  pass(9_000);
  // Any frame shows that the connection is alive, even if the response is late.
  sockets[0]?.receive({ type: 'message', room: 'lobby' });
  pass(9_000);
  assert.equal(connection.state, 'open');
  pass(11_000);
  assert.notEqual(connection.state, 'open');
  assert.deepEqual(events.slice(0, 5), ['connecting', 'open', 'welcome', 'frame message', 'waiting']);
});

test('waits for the heartbeat if every command has its response', (t) => {
  const { connection, sockets, pass } = createConnection(t);
  connection.connect();
  const [socket] = sockets;
  socket?.receive({ type: 'welcome' });
  connection.request('unsubscribe', { room: 'lobby' }, ignored);
  socket?.receive({ type: 'reply', ref: 1 });
  for (let second = 0; second < 24; second++) pass(1_000);
  assert.equal(connection.state, 'open');
  assert.equal(socket?.sent.length, 1);
  pass(2_000);
  assert.equal(socket?.sent[1]?.['type'], 'ping');
});

test('notifies a waiter once, whatever happens on later connections', (t) => {
  const { connection, sockets, events } = createConnection(t);
  connection.connect();
  sockets[0]?.receive({ type: 'welcome' });
  connection.request('ping', {}, { onReply: () => events.push('replied'), onError: ({ code }) => events.push(code) });
  sockets[0]?.cut();
  connection.retryNow();
  sockets[1]?.receive({ type: 'welcome' }, { type: 'reply', ref: 1 });
  sockets[1]?.cut();
  connection.retryNow();
  const opened = ['connecting', 'open', 'welcome'];
  assert.deepEqual(events, [...opened, 'ROOM_CONNECTION_LOST', 'waiting', ...opened, 'waiting', 'connecting']);
});

test('ignores frames before the welcome, and takes only the first welcome as one', (t) => {
  const { connection, sockets, events } = createConnection(t);
  connection.connect();
  sockets[0]?.receive({ type: 'message' });
  sockets[0]?.receive({ type: 'welcome' });
  sockets[0]?.receive({ type: 'welcome' });
  assert.deepEqual(events, ['connecting', 'open', 'welcome', 'frame welcome']);
});

test('reconnects after an error event without a close event', (t) => {
  const { connection, sockets } = createConnection(t);
  connection.connect();
  sockets[0]?.dispatchEvent(new Event('error'));
  assert.equal(connection.state, 'waiting');
});

test('makes no socket if a listener of the state closed the connection', (t) => {
  const atConnecting: TestConnection = createConnection(t, { onState: () => atConnecting.connection.close() });
  atConnecting.connection.connect();
  assert.deepEqual(atConnecting.events, ['connecting', 'closed']);
  assert.equal(atConnecting.sockets.length, 0);
});

test('reports no welcome if a listener of the state closed the connection', (t) => {
  const opened: TestConnection = createConnection(t, {
    onState: (state) => {
      if (state === 'open') opened.connection.close();
    },
  });
  opened.connection.connect();
  opened.sockets[0]?.receive({ type: 'welcome' });
  assert.deepEqual(opened.events, ['connecting', 'open', 'closed']);
});

test('checks whether the person is signed in only if the connection was not open', (t) => {
  let checks = 0;
  const { connection, sockets } = createConnection(t, {
    isSignedIn: () => {
      checks++;
      return Promise.resolve(true);
    },
  });
  connection.connect();
  sockets[0]?.receive({ type: 'welcome' });
  sockets[0]?.cut();
  assert.equal(checks, 0);
  connection.retryNow();
  sockets[1]?.cut();
  assert.equal(checks, 1);
});

test('ignores an old result of the sign-in check if a later attempt succeeded', async (t) => {
  const results: ((isSignedIn: boolean) => void)[] = [];
  const { connection, sockets } = createConnection(t, {
    isSignedIn: () => new Promise((resolve) => results.push(resolve)),
  });
  connection.connect();
  sockets[0]?.cut();
  connection.retryNow();
  sockets[1]?.cut();
  connection.retryNow();
  sockets[2]?.receive({ type: 'welcome' });
  sockets[2]?.cut();
  results[1]?.(false);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(connection.state, 'waiting');
});

test('is not open while it notifies waiters of the loss', (t) => {
  const { connection, sockets, events } = createConnection(t);
  connection.connect();
  sockets[0]?.receive({ type: 'welcome' });
  connection.request('ping', {}, { onReply() {}, onError: () => events.push(`lost while ${connection.state}`) });
  sockets[0]?.cut();
  assert.deepEqual(events, ['connecting', 'open', 'welcome', 'lost while connecting', 'waiting']);
});
