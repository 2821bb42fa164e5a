import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { WebSocketServer, type WebSocket } from 'ws';
import { Member, memberSetting } from './member.ts';

/** A server of `ws` with a connected member. */
async function open(t: TestContext): Promise<{
  member: Member;
  socket: WebSocket;
  joined: Promise<void>;
  failure: Promise<Error>;
  messages: () => number;
}> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  t.after(() => server.close());
  await once(server, 'listening');
  const connected = once(server, 'connection') as Promise<[WebSocket]>;
  const failed = Promise.withResolvers<Error>();
  let messages = 0;
  const { port } = server.address() as AddressInfo;
  const onMessage = (): void => void (messages += 1);
  const setting = memberSetting({ port, room: 'hall', onMessage, onFailure: failed.resolve });
  const member = new Member(setting, 'p1');
  t.after(() => member.reset());
  const joined = member.join();
  const [socket] = await connected;
  return { member, socket, joined, failure: failed.promise, messages: () => messages };
}

async function frameOf(socket: WebSocket): Promise<unknown> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return JSON.parse(data.toString());
}

const send = (socket: WebSocket, frame: object): void => socket.send(JSON.stringify(frame));

test('a member subscribes after the welcome, and has joined after the reply', async (t) => {
  const { socket, joined } = await open(t);
  send(socket, { type: 'welcome', protocol: 1 });
  assert.deepEqual(await frameOf(socket), { type: 'subscribe', ref: 1, room: 'hall' });
  send(socket, { type: 'reply', ref: 1, epoch: 'e' });
  await joined;
});

test('a member counts messages and people, with frames split at any byte, and replies to pings', async (t) => {
  const { member, socket, joined, messages } = await open(t);
  send(socket, { type: 'welcome', protocol: 1 });
  send(socket, { type: 'people', room: 'hall', count: 1, people: [{ id: 'p1', name: 'x'.repeat(40_000) }] });
  for (let count = 2; count <= 300; count += 1) send(socket, { type: 'presence', room: 'hall', count });
  send(socket, { type: 'message', room: 'hall', data: { text: '"count":7' } });
  const pong = once(socket, 'pong') as Promise<[Buffer]>;
  socket.ping('still there?');
  send(socket, { type: 'reply', ref: 1 });
  await joined;
  assert.equal((await pong)[0].toString(), 'still there?');
  assert.deepEqual([member.peopleCount, member.presenceEvents, member.messages, messages()], [300, 300, 1, 1]);
});

test('an error and a closed connection are failures', async (t) => {
  const { socket, failure } = await open(t);
  send(socket, { type: 'error', ref: 1, code: 'ROOM_FAILED' });
  assert.match((await failure).message, /ROOM_FAILED/);
  const other = await open(t);
  other.socket.terminate();
  assert.ok((await other.failure) instanceof Error);
});
