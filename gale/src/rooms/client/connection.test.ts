import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { TestContext } from 'node:test';
import { resolveRoomsClientOptions } from './client-options.ts';
import { ClientConnection, type ClientState, type Waiter } from './connection.ts';

/** A socket whose other side is the test. */
class HandSocket extends EventTarget {
  readonly sent: string[] = [];

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {}

  receive(frame: object): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(frame) }));
  }
}

const ignored: Waiter = { onReply() {}, onError() {} };

test('reconnects after the reply timeout without a frame, not at the next heartbeat', (t) => {
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
  sockets[0]?.receive({ type: 'welcome' });
  connection.request('unsubscribe', { room: 'lobby' }, ignored);
  mock.timers.tick(9_000);
  // Any frame shows that the connection is alive, even if the response is late.
  sockets[0]?.receive({ type: 'message', room: 'lobby' });
  mock.timers.tick(9_000);
  assert.equal(connection.state, 'open');
  mock.timers.tick(11_000);
  assert.notEqual(connection.state, 'open');
  assert.deepEqual(states.slice(0, 3), ['connecting', 'open', 'waiting']);
  connection.close();
});

test('waits for the heartbeat if every command has its response', (t) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  t.after(() => mock.timers.reset());
  const socket = new HandSocket();
  const connection = new ClientConnection(
    resolveRoomsClientOptions({ url: 'ws://test', webSocket: () => socket as unknown as WebSocket }),
    { onState() {}, onWelcome() {}, onFrame() {}, onEnded() {} },
  );
  connection.connect();
  socket.receive({ type: 'welcome' });
  connection.request('unsubscribe', { room: 'lobby' }, ignored);
  socket.receive({ type: 'reply', ref: 1 });
  for (let second = 0; second < 24; second++) mock.timers.tick(1_000);
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
    sockets[attempt]?.receive({ type: 'welcome' });
    if (attempt === 0) {
      connection.request(
        'ping',
        {},
        { onReply: () => events.push('replied'), onError: ({ code }) => events.push(code) },
      );
    } else sockets[attempt]?.receive({ type: 'reply', ref: 1 });
    sockets[attempt]?.dispatchEvent(Object.assign(new Event('close'), { code: 1006 }));
    connection.retryNow();
  }
  assert.deepEqual(events, ['ROOM_CONNECTION_LOST']);
});

interface Opened {
  readonly connection: ClientConnection;
  readonly sockets: HandSocket[];
  readonly events: string[];
}

/** A connection with mocked timers. `onState` is called after each state was recorded. */
function openConnection(
  t: TestContext,
  { isSignedIn, onState }: { isSignedIn?: () => Promise<boolean>; onState?: (state: ClientState) => void } = {},
): Opened {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const sockets: HandSocket[] = [];
  const events: string[] = [];
  const connection = new ClientConnection(
    resolveRoomsClientOptions({
      url: 'ws://test',
      webSocket: () => sockets[sockets.push(new HandSocket()) - 1] as unknown as WebSocket,
      ...(isSignedIn ? { isSignedIn } : {}),
    }),
    {
      onState(state) {
        events.push(state);
        onState?.(state);
      },
      onWelcome: () => events.push('welcome'),
      onFrame: ({ type }) => events.push(`frame ${type}`),
      onEnded: () => events.push('ended'),
    },
  );
  t.after(() => connection.close());
  return { connection, sockets, events };
}

function lose(socket: HandSocket | undefined): void {
  socket?.dispatchEvent(Object.assign(new Event('close'), { code: 1006 }));
}

test('ignores frames before the welcome, and takes only the first welcome as one', (t) => {
  const { connection, sockets, events } = openConnection(t);
  connection.connect();
  sockets[0]?.receive({ type: 'message' });
  sockets[0]?.receive({ type: 'welcome' });
  sockets[0]?.receive({ type: 'welcome' });
  assert.deepEqual(events, ['connecting', 'open', 'welcome', 'frame welcome']);
});

test('reconnects after an error event without a close event', (t) => {
  const { connection, sockets } = openConnection(t);
  connection.connect();
  sockets[0]?.dispatchEvent(new Event('error'));
  assert.equal(connection.state, 'waiting');
});

test('makes no socket if a listener of the state closed the connection', (t) => {
  const atConnecting: Opened = openConnection(t, { onState: () => atConnecting.connection.close() });
  atConnecting.connection.connect();
  assert.deepEqual(atConnecting.events, ['connecting', 'closed']);
  assert.equal(atConnecting.sockets.length, 0);
});

test('reports no welcome if a listener of the state closed the connection', (t) => {
  const opened: Opened = openConnection(t, {
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
  const { connection, sockets } = openConnection(t, {
    isSignedIn: () => {
      checks++;
      return Promise.resolve(true);
    },
  });
  connection.connect();
  sockets[0]?.receive({ type: 'welcome' });
  lose(sockets[0]);
  assert.equal(checks, 0);
  connection.retryNow();
  lose(sockets[1]);
  assert.equal(checks, 1);
});

test('ignores an old result of the sign-in check if a later attempt succeeded', async (t) => {
  const results: ((isSignedIn: boolean) => void)[] = [];
  const { connection, sockets } = openConnection(t, {
    isSignedIn: () => new Promise((resolve) => results.push(resolve)),
  });
  connection.connect();
  lose(sockets[0]);
  connection.retryNow();
  lose(sockets[1]);
  connection.retryNow();
  sockets[2]?.receive({ type: 'welcome' });
  lose(sockets[2]);
  results[1]?.(false);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(connection.state, 'waiting');
});

test('is not open while it notifies waiters of the loss', (t) => {
  const { connection, sockets, events } = openConnection(t);
  connection.connect();
  sockets[0]?.receive({ type: 'welcome' });
  connection.request('ping', {}, { onReply() {}, onError: () => events.push(`lost while ${connection.state}`) });
  lose(sockets[0]);
  assert.deepEqual(events, ['connecting', 'open', 'welcome', 'lost while connecting', 'waiting']);
});
