import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { resolveRoomsClientOptions } from './client-options.ts';
import { ClientConnection, type ClientState, type Waiter } from './connection.ts';

/** A socket whose other side is the test. */
class HandSocket extends EventTarget {
  readonly sent: string[] = [];

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {}

  say(frame: object): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(frame) }));
  }
}

const ignored: Waiter = { onReply() {}, onError() {} };

test('a line that says nothing while a command waits is given up after the reply timeout, not at the next heartbeat', (t) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  t.after(() => mock.timers.reset());
  const sockets: HandSocket[] = [];
  const states: ClientState[] = [];
  const connection = new ClientConnection(
    resolveRoomsClientOptions({
      url: 'ws://test',
      webSocket: () => {
        sockets.push(new HandSocket());
        return sockets.at(-1) as unknown as WebSocket;
      },
    }),
    { onState: (state) => states.push(state), onWelcome() {}, onFrame() {}, onEnded() {} },
  );
  connection.connect();
  sockets[0]?.say({ type: 'welcome' });
  connection.request('unsubscribe', { room: 'lobby' }, ignored);
  mock.timers.tick(9_000);
  // Anything that is heard shows that the line lives, also if the answer takes long.
  sockets[0]?.say({ type: 'message', room: 'lobby' });
  mock.timers.tick(9_000);
  assert.equal(connection.state, 'open');
  mock.timers.tick(11_000);
  assert.notEqual(connection.state, 'open');
  assert.deepEqual(states.slice(0, 3), ['connecting', 'open', 'waiting']);
  connection.close();
});

test('a line on which every command was answered waits for its heartbeat', (t) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  t.after(() => mock.timers.reset());
  const socket = new HandSocket();
  const connection = new ClientConnection(
    resolveRoomsClientOptions({ url: 'ws://test', webSocket: () => socket as unknown as WebSocket }),
    { onState() {}, onWelcome() {}, onFrame() {}, onEnded() {} },
  );
  connection.connect();
  socket.say({ type: 'welcome' });
  connection.request('unsubscribe', { room: 'lobby' }, ignored);
  socket.say({ type: 'reply', ref: 1 });
  mock.timers.tick(24_000);
  assert.equal(connection.state, 'open');
  assert.equal(socket.sent.length, 1);
  mock.timers.tick(2_000);
  assert.match(socket.sent[1] ?? '', /"ping"/);
  connection.close();
});

test('notifies a waiter once, whatever happens on later connections', (t) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  t.after(() => mock.timers.reset());
  const sockets: HandSocket[] = [];
  const events: string[] = [];
  const connection = new ClientConnection(
    resolveRoomsClientOptions({
      url: 'ws://test',
      webSocket: () => sockets[sockets.push(new HandSocket()) - 1] as unknown as WebSocket,
    }),
    { onState() {}, onWelcome() {}, onFrame: ({ type }) => events.push(type), onEnded() {} },
  );
  t.after(() => connection.close());
  connection.connect();
  for (const attempt of [0, 1]) {
    sockets[attempt]?.say({ type: 'welcome' });
    if (attempt === 0) {
      connection.request(
        'ping',
        {},
        { onReply: () => events.push('replied'), onError: ({ code }) => events.push(code) },
      );
    } else sockets[attempt]?.say({ type: 'reply', ref: 1 });
    sockets[attempt]?.dispatchEvent(Object.assign(new Event('close'), { code: 1006 }));
    connection.retryNow();
  }
  assert.deepEqual(events, ['ROOM_CONNECTION_LOST']);
});
