/** What people notice while the database of a running server does not work, and afterwards. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { password, Visitor, type ServerProcess } from './chat-server.ts';
import { RawSocket } from './raw-socket.ts';

/** Sends a command again until it succeeds. Every refusal must say that a retry is useful. */
async function untilDone(window: RawSocket, type: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
  for (;;) {
    const reply = await window.ask(type, fields);
    if (reply['type'] === 'reply') return;
    assert.deepEqual([reply['code'], reply['retry']], ['ROOM_UNAVAILABLE', true], JSON.stringify(reply));
  }
}

/** Registers Ann and opens a window. */
export async function annAt(t: TestContext, server: ServerProcess): Promise<{ ann: Visitor; window: RawSocket }> {
  const ann = new Visitor(t, server.url);
  await ann.register('Ann');
  return { ann, window: await RawSocket.open(ann) };
}

/** What does not work while the database does not accept writes. */
export async function assertRefused(t: TestContext, server: ServerProcess, window: RawSocket): Promise<void> {
  const refused = await window.ask('make-room', { name: 'Tea' });
  assert.deepEqual([refused['code'], refused['retry']], ['ROOM_UNAVAILABLE', true]);
  const bob = new Visitor(t, server.url);
  assert.equal((await bob.submit('/register', { name: 'Bob', password })).status, 503);
  const health = await fetch(`${server.url}/health`);
  assert.equal(health.status, 503);
  assert.ok(((await health.json()) as { failed: string[] }).failed.includes('database'));
}

/** After it: what was refused can be done, so nothing of it was stored. */
export async function assertRepaired(t: TestContext, server: ServerProcess, window: RawSocket): Promise<void> {
  await server.healthy();
  await untilDone(window, 'make-room', { name: 'Tea' });
  await untilDone(window, 'publish', { room: 'lobby', id: 'a', data: { text: 'hello' } });
  await new Visitor(t, server.url).register('Bob');
}
