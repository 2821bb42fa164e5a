import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { serveChat } from '../test/support/app.ts';
import { RawSocket } from '../test/support/raw-socket.ts';

test('a session that ends after the handshake and before the welcome closes its socket with 4401', async (t) => {
  const { store, person } = await serveChat(t);
  const ann = await person('Ann');
  const { sessions } = store;
  const find = sessions.find.bind(sessions);
  // The handshake finds the session, which then ends without a notification.
  sessions.find = async (id) => {
    const session = await find(id);
    if (session) await sessions.delete(id);
    return session;
  };
  const [event] = (await once(ann.socket(), 'close')) as [CloseEvent];
  assert.equal(event.code, 4401);
});

test('rejects a command field that is not a string, and names the field', async (t) => {
  const { person } = await serveChat(t);
  const window = await RawSocket.open(await person('Ann'));
  for (const [type, field] of [
    ['make-room', 'name'],
    ['join-room', 'room'],
    ['leave-room', 'room'],
  ] as const) {
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
