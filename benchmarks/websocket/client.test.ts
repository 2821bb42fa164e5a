import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { WebSocketServer, type WebSocket } from 'ws';
import { Client, clientSetting } from './client.ts';
import { echoWorks } from './works.ts';

/** A server of `ws` with a connected client of the load. */
async function open(
  t: TestContext,
  dialect: string | undefined,
  greet: (socket: WebSocket) => void,
): Promise<{ client: Client; socket: WebSocket; failure: Promise<Error>; messages: () => Promise<void> }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  t.after(() => server.close());
  await once(server, 'listening');
  const connected = once(server, 'connection') as Promise<[WebSocket]>;
  void connected.then(([socket]) => greet(socket));
  const [work] = echoWorks;
  assert.ok(work);
  const failed = Promise.withResolvers<Error>();
  let arrived = Promise.withResolvers<void>();
  const setting = clientSetting(work, (server.address() as AddressInfo).port, dialect);
  const client = new Client(setting, () => arrived.resolve(), failed.resolve);
  t.after(() => client.reset());
  await client.open();
  const [socket] = await connected;
  const messages = async (): Promise<void> => {
    await arrived.promise;
    arrived = Promise.withResolvers();
  };
  return { client, socket, failure: failed.promise, messages };
}

test('a client replies to pings with their payload, and counts the messages around them', async (t) => {
  const { client, socket, messages } = await open(t, undefined, () => undefined);
  socket.on('message', (data, binary) => socket.send(data, { binary }));
  client.send(1);
  await messages();
  socket.ping('still there?');
  const [data] = (await once(socket, 'pong')) as [Buffer];
  assert.equal(data.toString(), 'still there?');
  client.send(1);
  await messages();
  assert.equal(client.received, 2);
});

test('a client greets like Socket.IO and replies to its heartbeat', async (t) => {
  const said: string[] = [];
  const { socket } = await open(t, 'socket.io', (socket) => {
    socket.send('0{"sid":"a"}');
    socket.on('message', (data: Buffer) => {
      said.push(data.toString());
      if (said.length === 1) socket.send('40{"sid":"b"}');
    });
  });
  const received = once(socket, 'message');
  socket.send('2');
  await received;
  assert.deepEqual(said, ['40', '3']);
});

test('an unexpected message and a closed connection are failures', async (t) => {
  const stray = await open(t, undefined, () => undefined);
  stray.socket.send('hello');
  assert.match((await stray.failure).message, /Unexpected frame \(opcode 1\): hello/);
  const ended = await open(t, undefined, () => undefined);
  ended.socket.terminate();
  assert.match((await ended.failure).message, /The server closed a connection/);
});
