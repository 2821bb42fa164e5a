/** Messages, handlers and broken rules on an open connection. Closing, heartbeat and backpressure have separate tests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../test/support/eventually.ts';
import { closeOf, openNodeClient } from '../../test/support/websocket/node-client.ts';
import { bytes, clientFrame } from '../../test/support/websocket/websocket-bytes.ts';
import { connectPeer, upgradeRequest } from '../../test/support/websocket/websocket-peer.ts';
import { serve } from '../../test/support/websocket/websocket-server.ts';
import { HttpServer } from '../http/server.ts';
import { acceptWebSocket } from './accept.ts';
import { opcodes } from './protocol/frame.ts';
import { readHandshake } from './protocol/handshake.ts';
import { broadcast } from './sending.ts';
import { prepareMessage } from './writing/prepared-message.ts';

function thrown(): never {
  throw new Error('handler');
}

test("exchanges text, binary, empty, large and Chinese messages with Node's client", async (t) => {
  const server = await serve(t, {
    on: {
      onMessage(message) {
        this.connection.send(message);
      },
    },
  });
  const { client, received } = await openNodeClient(server.url);
  const large = 'äß世😀'.repeat(80_000);
  const binary = new Uint8Array(70_000).map((_, index) => index);
  for (const message of ['Hello', '', '世界😀', large, binary, new Uint8Array(0)]) client.send(message);
  await eventually(() => received.length === 6);
  assert.deepEqual(received.slice(0, 4), ['Hello', '', '世界😀', large]);
  assert.deepEqual(new Uint8Array(received[4] as ArrayBuffer), binary);
  assert.equal((received[5] as ArrayBuffer).byteLength, 0);
  client.close(3001, 'bye');
  assert.deepEqual(await closeOf(client), { code: 3001, reason: 'bye', wasClean: true });
  assert.equal(server.served[0]!.lines.at(-1), 'close 3001 bye');
  assert.deepEqual([server.served[0]!.connection.closeCode, server.served[0]!.connection.closeReason], [3001, 'bye']);
});

test('agrees on the chosen subprotocol and declines compression by default', async (t) => {
  const server = await serve(t, { choose: (protocols) => protocols.find((name) => name === 'b') });
  const { client } = await openNodeClient(server.url, ['a', 'b']);
  assert.deepEqual([client.protocol, client.extensions], ['b', '']);
  client.close();
  await closeOf(client);
});

test('sends messages of onOpen with the 101 response and delivers early frames after onOpen', async (t) => {
  const opened = Promise.withResolvers<void>();
  const server = await serve(t, {
    on: {
      async onOpen(connection) {
        connection.send('welcome');
        await opened.promise;
      },
    },
  });
  const peer = await connectPeer(
    server.port,
    Buffer.concat([Buffer.from(upgradeRequest), clientFrame(opcodes.text, 'early')]),
  );
  await peer.saw('text welcome');
  assert.deepEqual(peer.reads, [1]);
  assert.match(peer.responseHead, /^HTTP\/1\.1 101 /);
  const served = await server.connected(1);
  peer.send(opcodes.text, 'later');
  await eventually(() => served.connection.bufferedAmount === 0);
  assert.deepEqual(served.lines, ['open']);
  opened.resolve();
  await served.noted('message later');
  assert.deepEqual(served.lines, ['open', 'message early', 'message later']);
});

test('writes all messages of one turn at once', async (t) => {
  const server = await serve(t);
  const peer = await connectPeer(server.port);
  const { connection } = await server.connected(1);
  for (let i = 0; i < 50; i++) connection.send(`message ${i}`);
  await peer.saw('text message 49');
  assert.ok(peer.reads.includes(50), JSON.stringify(peer.reads));
});

test('pauses the socket until the promise of onMessage settles', async (t) => {
  let running = 0;
  let most = 0;
  const first = Promise.withResolvers<void>();
  const server = await serve(t, {
    on: {
      async onMessage() {
        most = Math.max(most, ++running);
        await first.promise;
        await new Promise((resolve) => setImmediate(resolve));
        running--;
      },
    },
    options: { maxMessageBytes: 2 ** 20 },
  });
  const peer = await connectPeer(server.port);
  const message = clientFrame(opcodes.binary, Buffer.alloc(2 ** 16));
  const count = 400;
  for (let i = 0; i < count; i++) peer.write(message);
  const served = await server.connected(1);
  await eventually(() => served.socket.isPaused());
  assert.ok(served.socket.bytesRead < 2 ** 20, `${served.socket.bytesRead} bytes were read`);
  assert.equal(served.lines.length, 2);
  first.resolve();
  await eventually(() => served.lines.length === count + 1);
  assert.equal(most, 1);
});

test('reports an error of a handler to onError, closes with 1011 and calls onClose once', async (t) => {
  for (const on of [
    { onMessage: (): void => thrown() },
    { onMessage: async (): Promise<void> => thrown() },
    { onOpen: (): void => thrown() },
    { onOpen: async (): Promise<void> => thrown() },
    { onPing: (): void => thrown() },
    { onPong: async (): Promise<void> => thrown() },
  ]) {
    const server = await serve(t, { on });
    const peer = await connectPeer(server.port);
    peer.send(opcodes.ping, '');
    peer.send(opcodes.pong, '');
    peer.send(opcodes.text, 'A');
    await peer.saw('close 1011');
    peer.close(1011);
    peer.socket.end();
    const served = await server.connected(1);
    await served.noted('close 1011');
    await eventually(() => peer.closed);
    assert.equal(served.lines.filter((line) => line.startsWith('close')).length, 1);
    assert.equal(served.lines.filter((line) => line === 'error Error: handler').length, 1);
  }
});

test('awaits a promise of a handler and ignores other return values', async (t) => {
  const begun: string[] = [];
  const server = await serve(t, {
    on: {
      onOpen: () => 1,
      onMessage(message) {
        begun.push(String(message));
        return message === 'fails' ? Promise.reject(new Error('late')) : 2;
      },
      onPing: () => null,
      onClose() {
        return this.connection.sent();
      },
    },
  });
  const peer = await connectPeer(server.port);
  peer.send(opcodes.text, 'a');
  peer.send(opcodes.ping, '');
  peer.send(opcodes.text, 'fails');
  await peer.saw('close 1011');
  peer.close(1011);
  const served = await server.connected(1);
  await served.noted('close 1011');
  assert.deepEqual(begun, ['a', 'fails']);
  assert.deepEqual(
    served.lines.filter((line) => line.startsWith('error')),
    ['error Error: late'],
  );
  peer.socket.destroy();
});

test('reports an error of onClose to onError', async (t) => {
  for (const onClose of [
    (): never => {
      throw new Error('at the end');
    },
    async (): Promise<never> => {
      throw new Error('at the end');
    },
  ]) {
    const server = await serve(t, { on: { onClose } });
    const peer = await connectPeer(server.port);
    peer.close(1000);
    await (await server.connected(1)).noted('error Error: at the end');
    peer.socket.end();
  }
});

const violations = [
  { name: 'a reserved bit', hex: 'f1 80 00000000', code: 1002, error: 'WS_RESERVED_BITS' },
  { name: 'an unmasked frame', hex: '81 01 41', code: 1002, error: 'WS_MASK' },
  { name: 'a stray continuation', hex: '80 80 00000000', code: 1002, error: 'WS_FRAGMENT' },
  { name: 'a close with 1006', hex: '88 82 00000000 03ee', code: 1002, error: 'WS_CLOSE_PAYLOAD' },
  { name: 'text that is no UTF-8', hex: '81 81 00000000 ff', code: 1007, error: 'WS_UTF8' },
  { name: 'a message over the limit', hex: '82 fe 03e9 00000000', code: 1009, error: 'WS_MESSAGE_TOO_BIG' },
  { name: 'a binary message where text is wanted', hex: '82 81 00000000 41', code: 1003, error: 'WS_MESSAGE_TYPE' },
];

for (const { name, hex, code, error } of violations) {
  test(`closes with ${code} after ${name}, reports it once and reads nothing more`, async (t) => {
    const messageTypes = error === 'WS_MESSAGE_TYPE' ? 'text' : 'any';
    const server = await serve(t, { options: { maxMessageBytes: 1000, messageTypes } });
    const peer = await connectPeer(server.port);
    peer.write(Buffer.concat([clientFrame(opcodes.text, 'good'), bytes(hex), clientFrame(opcodes.text, 'after')]));
    await peer.saw(new RegExp(`^close ${code} .`));
    await eventually(() => peer.ended);
    peer.send(opcodes.text, 'later');
    peer.socket.end();
    const served = await server.connected(1);
    await served.noted(new RegExp(`^close ${code} .`));
    await eventually(() => peer.closed);
    assert.equal(served.lines.length, 4);
    assert.deepEqual(served.lines.slice(0, 3), ['open', 'message good', `error ${error}`]);
  });
}

test('delivers all messages received before the peer ended, to a slow handler too', async (t) => {
  const handler = Promise.withResolvers<void>();
  const server = await serve(t, { on: { onMessage: () => handler.promise } });
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  peer.send(opcodes.text, 'one');
  peer.send(opcodes.text, 'two');
  peer.send(opcodes.text, 'three');
  peer.close(1001);
  peer.socket.end();
  await served.noted('message one');
  await eventually(() => peer.ended);
  assert.deepEqual(served.lines, ['open', 'message one']);
  handler.resolve();
  await served.noted('close 1001');
  assert.deepEqual(served.lines, ['open', 'message one', 'message two', 'message three', 'close 1001']);
});

test('delivers broadcasts and single messages to every connection in order', async (t) => {
  const server = await serve(t);
  const peers = await Promise.all(Array.from({ length: 20 }, () => connectPeer(server.port)));
  await server.connected(20);
  const connections = server.served.map(({ connection }) => connection);
  broadcast(connections, 'one');
  connections[3]!.send('only you');
  broadcast(connections, Buffer.from('two'));
  broadcast(connections.slice(5), prepareMessage('three'));
  broadcast(connections, 'four');
  await Promise.all(peers.map((peer) => peer.saw('text four')));
  const tally = new Map<string, number>();
  for (const peer of peers) tally.set(peer.events.join(), (tally.get(peer.events.join()) ?? 0) + 1);
  assert.deepEqual(Object.fromEntries(tally), {
    'text one,binary 74776f,text three,text four': 15,
    'text one,binary 74776f,text four': 4,
    'text one,text only you,binary 74776f,text four': 1,
  });
  for (const peer of peers) peer.socket.destroy();
});

test('calls onOpen first on a server that began to stop before the response', async (t) => {
  const allowed = Promise.withResolvers<void>();
  const lines: string[] = [];
  let isAsked = false;
  const server = new HttpServer((request) => {
    isAsked = true;
    void allowed.promise.then(() => {
      acceptWebSocket(request, readHandshake(request), {
        onOpen: () => void lines.push('open'),
        onMessage: () => undefined,
        onClose: (code) => void lines.push(`close ${code}`),
      });
    });
  });
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen(0, '127.0.0.1');
  const peer = await connectPeer(port);
  await eventually(() => isAsked);
  const closed = server.close({ graceMs: 5000 });
  allowed.resolve();
  await peer.saw('close 1001 the server stops');
  peer.close(1001);
  peer.socket.end();
  await closed;
  assert.deepEqual(lines, ['open', 'close 1001']);
});
