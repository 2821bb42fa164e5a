import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { serveChat } from '../test/support/app.ts';
import { ChatSocket } from './chat-socket.ts';
import { RawSocket } from '../test/support/raw-socket.ts';
import { within } from '../test/support/within.ts';

test('a session that ends after the handshake and before the welcome closes its socket with 4401', async (t) => {
  const { store, person } = await serveChat(t);
  const ann = await person('Ann');
  const { sessions } = store;
  const load = sessions.load.bind(sessions);
  // The handshake finds the session, which then ends without a notification.
  sessions.load = async (id, now) => {
    const session = await load(id, now);
    if (session) await sessions.end([id], now);
    return session;
  };
  const [event] = (await once(ann.socket(), 'close')) as [CloseEvent];
  assert.equal(event.code, 4401);
});

test('rejects a command field that is not a string, and names the field', async (t) => {
  const { person } = await serveChat(t);
  for (const [type, field] of [
    ['make-room', 'name'],
    ['join-room', 'room'],
    ['leave-room', 'room'],
  ] as const) {
    // Each command has a person of its own, since these commands are limited.
    const window = await RawSocket.open(await person(type));
    for (const [value, got] of [
      [undefined, 'undefined'],
      [null, 'null'],
      [1, 'number'],
      [{}, 'object'],
    ] as const) {
      const { code, message } = await window.ask(type, { [field]: value });
      assert.deepEqual([code, message], ['ROOM_BAD_COMMAND', `${field} must be a string; got ${got}.`]);
    }
  }
});

test('a closed socket is no longer watched for the end of its session, and not closed for a restart', async (t) => {
  const { person } = await serveChat(t);
  const { onClose } = ChatSocket.prototype;
  const { promise: closed, resolve: onClosed } = Promise.withResolvers<ChatSocket>();
  t.mock.method(ChatSocket.prototype, 'onClose', function (this: ChatSocket) {
    assert.equal(this.init.chat.liveSessions.isEmpty, false);
    onClose.call(this);
    onClosed(this);
  });
  const window = await RawSocket.open(await person('Ann'));
  window.close();
  const { sockets, liveSessions } = (await within(closed, () => 'the close of the socket')).init.chat;
  assert.equal(liveSessions.isEmpty, true);
  assert.equal(sockets.size, 0);
});
