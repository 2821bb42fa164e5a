/** The connection of a client, its calls and its listeners. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient, message, openClient } from '../../../test/support/rooms/scripted-client.ts';
import { ScriptedSocket } from '../../../test/support/rooms/scripted-socket.ts';
import { RoomError } from '../room-error.ts';
import { RoomsClient } from './rooms-client.ts';

/** Timers of this process that are not mocked. */
function countTimers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

test('is open after the welcome', (t) => {
  const opened = createClient(t);
  assert.equal(opened.client.state, 'closed');
  opened.client.connect();
  opened.client.connect();
  assert.equal(opened.sockets.length, 1);
  opened.socket.welcome();
  assert.deepEqual(opened.events, ['connecting', 'open']);
});

test('reconnects after eight short delays, then after delays that double up to a ceiling', (t) => {
  const opened = openClient(t);
  const waits: number[] = [];
  for (let failure = 0; failure < 15; failure++) {
    opened.socket.cut();
    waits.push((opened.client.retryAt ?? 0) - Date.now());
    assert.equal(opened.client.state, 'waiting');
    opened.pass(waits.at(-1) ?? 0);
    assert.equal(opened.client.state, 'connecting');
    assert.equal(opened.client.retryAt, undefined);
  }
  const quick = Array.from({ length: 8 }, () => 375);
  assert.deepEqual(waits, [...quick, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  opened.socket.welcome();
  opened.socket.cut();
  assert.equal((opened.client.retryAt ?? 0) - Date.now(), 375);
  opened.client.retryNow();
  assert.equal(opened.client.state, 'connecting');
});

test('abandons a connection without a welcome', (t) => {
  const opened = createClient(t);
  opened.client.connect();
  opened.pass(10_000);
  assert.deepEqual(opened.events, ['connecting', 'waiting']);
  assert.equal(opened.socket.isClosed, true);
});

test('sends a ping after 25 s without a frame, and reconnects without a response', (t) => {
  const opened = openClient(t);
  opened.pass(20_000);
  opened.socket.receive({ type: 'presence' });
  opened.pass(24_999);
  assert.equal(opened.socket.commands('ping').length, 0);
  opened.pass(1);
  assert.equal(opened.socket.commands('ping').length, 1);
  opened.socket.reply('ping');
  opened.pass(25_000);
  assert.equal(opened.socket.commands('ping').length, 2);
  assert.equal(opened.client.state, 'open');
  const dead = opened.socket;
  opened.pass(10_000);
  assert.equal(opened.client.state, 'waiting');
  opened.client.retryNow();
  opened.socket.welcome();
  dead.cut();
  dead.receive(message(1));
  assert.equal(opened.client.state, 'open', 'late events of a dead connection are ignored');
});

test('closes for good after close code 4401', (t) => {
  const opened = openClient(t);
  opened.socket.cut(4401, 'signed out');
  opened.pass(100_000);
  assert.deepEqual(opened.events, ['closed', 'ended signed out']);
  assert.equal(opened.sockets.length, 1);
});

test('closes for good if it cannot connect because nobody is signed in', async (t) => {
  let isSignedIn = true;
  const opened = createClient(t, { isSignedIn: () => Promise.resolve(isSignedIn) });
  opened.client.connect();
  opened.socket.cut();
  await Promise.resolve();
  assert.equal(opened.client.state, 'waiting');
  isSignedIn = false;
  opened.client.retryNow();
  opened.socket.cut();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(opened.events, ['connecting', 'waiting', 'connecting', 'waiting', 'closed', 'ended']);
});

test('takes a refused ping as a sign of life, and does not retry it', (t) => {
  const opened = openClient(t);
  void opened.client.call('make-room').catch(() => {});
  opened.socket.tooFast('make-room', 60_000);
  opened.pass(25_000);
  assert.equal(opened.socket.commands('ping').length, 1);
  opened.socket.tooFast('ping', 60_000);
  opened.pass(25_000);
  assert.equal(opened.client.state, 'open');
  assert.equal(opened.socket.commands('ping').length, 2);
});

test('settles a call by its reply, its refusal or the end of its connection', async (t) => {
  const opened = openClient(t);
  const made = opened.client.call('make-room', { name: 'Attic' });
  assert.deepEqual(opened.socket.sent, [{ name: 'Attic', type: 'make-room', ref: 1 }]);
  opened.socket.reply('make-room', { room: { id: 'r1' } });
  assert.deepEqual((await made)['room'], { id: 'r1' });
  const refused = opened.client.call('make-room', { name: '' });
  opened.socket.refuse('make-room', 'CHAT_ROOM_NAME', false);
  await assert.rejects(refused, (error: unknown) => error instanceof RoomError && error.code === 'CHAT_ROOM_NAME');
  const lost = opened.client.call('make-room', { name: 'B' });
  opened.socket.cut();
  await assert.rejects(lost, (error: unknown) => error instanceof RoomError && error.retry);
  const codes: string[] = [];
  opened.client.call('ping').catch((error: RoomError) => codes.push(error.code));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(codes, ['ROOM_CONNECTION_LOST']);
});

test('retries a call that was too fast until its reply or the end of the connection', async (t) => {
  const opened = openClient(t);
  const made = opened.client.call('make-room', { name: 'Attic' });
  opened.socket.tooFast('make-room', 50);
  opened.pass(50);
  assert.deepEqual(opened.socket.sent.at(-1), { name: 'Attic', type: 'make-room', ref: 2 });
  opened.socket.reply('make-room', { room: { id: 'r1' } });
  assert.deepEqual((await made)['room'], { id: 'r1' });
  const lost = opened.client.call('make-room', { name: 'B' });
  opened.socket.tooFast('make-room', 50);
  const waiting = opened.client.call('make-room', { name: 'C' });
  opened.socket.cut();
  for (const call of [lost, waiting]) {
    await assert.rejects(call, (error: RoomError) => error.code === 'ROOM_CONNECTION_LOST');
  }
  opened.client.retryNow();
  opened.socket.welcome();
  opened.pass(1000);
  assert.deepEqual(opened.socket.sent, []);
});

test('leaves no timer after close, and sends the outbox after the next connect', (t) => {
  const before = countTimers();
  const sockets: ScriptedSocket[] = [];
  const client = new RoomsClient({
    url: 'ws://test',
    webSocket: () => sockets[sockets.push(new ScriptedSocket()) - 1] as unknown as WebSocket,
  });
  t.after(() => client.close());
  client.connect();
  sockets[0]?.welcome();
  client.publish('lobby', 'one', 'a');
  sockets[0]?.refuse('publish', 'ROOM_UNAVAILABLE', true);
  assert.ok(countTimers() > before);
  client.close();
  assert.equal(countTimers(), before);
  client.connect();
  sockets[1]?.welcome();
  assert.equal(sockets[1]?.commands('publish').length, 1);
});

test('calls a listener until it is removed', (t) => {
  const opened = openClient(t);
  const types: string[] = [];
  const remove = opened.client.on('event', ({ type }) => types.push(type));
  opened.socket.receive({ type: 'one' });
  remove();
  opened.socket.receive({ type: 'two' });
  assert.deepEqual(types, ['one']);
});

test('emits cursors and signals with their fields, and the frames of the application as they are', (t) => {
  const opened = openClient(t);
  const frames: object[] = [];
  for (const name of ['read', 'signal', 'event'] as const) opened.client.on(name, (event) => frames.push(event));
  opened.socket.receive(
    { type: 'read', room: 'lobby', epoch: 'e', offset: 3, life: 'k' },
    { type: 'signal', room: 'lobby', data: 'typing' },
    { type: 'count', count: 5 },
    { type: 'constructor' },
  );
  assert.deepEqual(opened.events, ['read lobby e 3', 'signal lobby typing', 'event count', 'event constructor']);
  assert.deepEqual(frames, [
    { room: 'lobby', epoch: 'e', offset: 3, life: 'k' },
    { room: 'lobby', data: 'typing' },
    { type: 'count', count: 5 },
    { type: 'constructor' },
  ]);
});

test('ignores invalid frames', (t) => {
  const opened = openClient(t);
  opened.socket.dispatchEvent(new MessageEvent('message', { data: 'no json' }));
  opened.socket.dispatchEvent(new MessageEvent('message', { data: '5' }));
  opened.socket.receive({ type: 7 }, { type: 'reply', ref: 99 }, { type: 'message', room: 'nowhere' }, { type: 'new' });
  assert.deepEqual(opened.events, ['event new']);
});
