/**
 * While the store or the broker is unavailable, the operator finds a log line for each kind of refusal, and people get a response.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { GaleError, type Logger } from 'gale';
import { serveChat, type ServedChat } from './support/app.ts';
import { password } from './support/chat-server.ts';
import { RawSocket } from './support/raw-socket.ts';

const unavailable = (): Promise<never> => Promise.reject(new GaleError('ROOM_UNAVAILABLE', 'The store is down.'));

/** A chat, and the messages of its warnings and errors. */
async function serveLogged(
  t: TestContext,
  more: Parameters<typeof serveChat>[1] = {},
): Promise<ServedChat & { readonly messages: string[] }> {
  const messages: string[] = [];
  const collect = (_: object, message: string): void => void messages.push(message);
  const log: Logger = { debug() {}, info() {}, warn: collect, error: collect };
  return { ...(await serveChat(t, { log, ...more })), messages };
}

test('pages and forms of an unavailable store are 503, and the first of each is logged; others are counted', async (t) => {
  const served = await serveLogged(t);
  const ann = await served.person('Ann');
  const stranger = served.visitor();
  await stranger.get('/login');
  served.messages.length = 0;
  t.mock.method(served.store.sessions, 'load', unavailable);
  assert.equal((await ann.get('/')).status, 503);
  assert.equal((await ann.get('/settings')).status, 503);
  assert.deepEqual(served.messages, ['The store of the sessions fails', 'The store is unavailable for pages']);
  t.mock.method(served.store.accounts, 'findByNameKey', unavailable);
  for (let count = 0; count < 3; count++)
    assert.equal((await stranger.submit('/login', { name: 'Ann', password })).status, 503);
  assert.deepEqual(served.messages.slice(2), ['The store is unavailable for forms']);
});

test('a page is shown although the session cannot be extended, and that is logged', async (t) => {
  let now = Date.now();
  const served = await serveLogged(t, { now: () => now });
  const ann = await served.person('Ann');
  now += 2 * 86_400_000;
  t.mock.method(served.store.sessions, 'save', unavailable);
  served.messages.length = 0;
  assert.equal((await ann.get('/')).status, 200);
  assert.deepEqual(served.messages, ['The store of the sessions fails']);
});

test('a log-out and a new room take effect although other servers cannot be notified, and that is logged', async (t) => {
  const served = await serveLogged(t);
  const ann = await served.person('Ann');
  const window = await RawSocket.open(ann);
  served.messages.length = 0;
  t.mock.method(served.broker, 'signal', unavailable);
  await window.do('make-room', { name: 'Tea' });
  assert.deepEqual(new Set(served.messages), new Set(['A notification of a change of rooms failed']));
  served.messages.length = 0;
  assert.equal((await ann.submit('/logout', {}, '/')).status, 303);
  assert.equal((await window.closed).code, 4401);
  assert.equal(await untilLogged(served, /end of a session/), 'A notification of the end of a session failed');
});

test('a chat without rate limits logs a warning when it is created', async (t) => {
  const served = await serveLogged(t, { limits: 'off' });
  assert.ok(
    served.messages.includes('The chat has no rate limits: sign-in, registration and room creation are not limited'),
  );
});

/** Waits for a log line: a log-out responds before it notifies other servers. */
async function untilLogged({ messages }: { readonly messages: readonly string[] }, pattern: RegExp): Promise<string> {
  for (;;) {
    const found = messages.find((message) => pattern.test(message));
    if (found !== undefined) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
