/** The client of Gale with the server of `ws`. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { WebSocketServer } from 'ws';
import type { ServerOptions, WebSocket } from 'ws';
import { eventually } from '../../../test/support/eventually.ts';
import { connectWebSocket } from './client.ts';

interface Served {
  readonly url: string;
  readonly sockets: WebSocket[];
  readonly requests: IncomingMessage[];
}

/** A server of `ws` that echoes. */
async function serveEcho(t: TestContext, options: ServerOptions = {}): Promise<Served> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options });
  const sockets: WebSocket[] = [];
  const requests: IncomingMessage[] = [];
  server.on('connection', (socket, request) => {
    sockets.push(socket);
    requests.push(request);
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.terminate();
    server.close();
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, sockets, requests };
}

/** Texts and bytes of boundary lengths that compress well, badly and not at all. */
function* manyMessages(): Generator<string | Buffer> {
  for (const length of [0, 1, 125, 126, 127, 1023, 1024, 65_535, 65_536, 1024 * 1024]) {
    yield 'x'.repeat(length);
    yield Buffer.from(Uint8Array.from({ length }, (_, index) => (index * index * 31 + (index >> 3)) & 0xff));
  }
  for (let i = 0; i < 50; i++) yield JSON.stringify({ room: 'lobby', offset: i, text: 'Grüße, 世界 😀'.repeat(i * 3) });
}

test('sends subprotocols, headers and origin', async (t) => {
  const server = await serveEcho(t, { handleProtocols: (offered) => [...offered].at(-1) ?? false });
  const client = await connectWebSocket(`${server.url}room?a=1`, {
    protocols: ['v1', 'v2'],
    headers: { Cookie: 'user=ada', 'User-Agent': 'tool' },
    origin: 'https://page.test',
  });
  assert.equal(client.protocol, 'v2');
  const [request] = server.requests;
  assert.equal(request?.url, '/room?a=1');
  assert.deepEqual(
    [request.headers.cookie, request.headers['user-agent'], request.headers.origin],
    ['user=ada', 'tool', 'https://page.test'],
  );
  await client.close();
});

for (const [how, compress, contextTakeover, maxWindowBits, perMessageDeflate] of [
  ['without compression', false, false, 15, true],
  ['when the server declines compression', true, true, 15, false],
  ['with compression, message by message', true, false, 15, { threshold: 0 }],
  ['with compression and context takeover', true, true, 15, { threshold: 0 }],
  ['with compression in windows of 1 KiB', true, true, 10, { threshold: 0 }],
  ['with compression in a smaller window of the server', true, true, 15, { threshold: 0, serverMaxWindowBits: 9 }],
  ['with compression in a smaller window of the client', true, true, 15, { threshold: 0, clientMaxWindowBits: 9 }],
  ['when the server forgets context', true, true, 15, { threshold: 0, serverNoContextTakeover: true }],
  ['when the server wants context forgotten', true, true, 15, { threshold: 0, clientNoContextTakeover: true }],
] as const) {
  test(`${how} receives text, binary, empty and large messages back unchanged`, async (t) => {
    const server = await serveEcho(t, { perMessageDeflate });
    const websocket = { compress, contextTakeover, maxWindowBits, compressFromBytes: 0, maxBufferedBytes: 2 ** 24 };
    const client = await connectWebSocket(server.url, { websocket });
    const isCompressed = compress && perMessageDeflate !== false;
    assert.equal(server.sockets[0]?.extensions, isCompressed ? 'permessage-deflate' : '');
    for (const message of manyMessages()) {
      assert.equal(await client.writeMessage(message), true);
      const echoed = await client.readMessage();
      if (typeof message === 'string') assert.equal(echoed, message);
      else assert.ok(Buffer.isBuffer(echoed) && echoed.equals(message), `${message.length} bytes`);
    }
    // Many at once: those compressed in the thread pool must keep their order.
    const all = [...manyMessages()].filter((message) => message.length < 100_000);
    for (const message of all) void client.writeMessage(message);
    for (const message of all) assert.deepEqual(await client.readMessage(), message);
    assert.deepEqual(await client.close(), { code: 1000, reason: '' });
  });
}

test('joins fragments of the server', async (t) => {
  const server = await serveEcho(t);
  const client = await connectWebSocket(server.url);
  const socket = server.sockets[0]!;
  socket.send('Hel', { fin: false });
  socket.ping('between');
  socket.send('lo', { fin: true });
  assert.equal(await client.readMessage(), 'Hello');
  await client.close();
});

test('responds to pings both ways', async (t) => {
  const pongs: string[] = [];
  const pings: string[] = [];
  const server = await serveEcho(t);
  const client = await connectWebSocket(server.url, {
    onPong: (data) => void pongs.push(data.toString()),
    onPing: (data) => void pings.push(data.toString()),
  });
  const socket = server.sockets[0]!;
  const ponged = once(socket, 'pong');
  socket.ping('theirs');
  client.ping('ours');
  assert.equal(String((await ponged)[0]), 'theirs');
  await eventually(() => pongs.length > 0);
  assert.deepEqual([pongs, pings], [['ours'], ['theirs']]);
  await client.close();
});

test('exchanges close code and reason both ways', async (t) => {
  const server = await serveEcho(t);
  for (const [code, reason] of [
    [1000, ''],
    [1001, 'gone'],
    [3000, 'ü'.repeat(61)],
    [4999, 'last'],
  ] as const) {
    const ours = await connectWebSocket(server.url);
    const received = once(server.sockets.at(-1)!, 'close');
    assert.deepEqual(await ours.close(code, reason), { code, reason });
    const [receivedCode, receivedReason] = (await received) as [number, Buffer];
    assert.deepEqual([receivedCode, receivedReason.toString()], [code, reason]);

    const theirs = await connectWebSocket(server.url);
    const socket = server.sockets.at(-1)!;
    const closed = once(socket, 'close');
    socket.close(code, reason);
    assert.deepEqual(await theirs.closed, { code, reason });
    const [echoedCode] = (await closed) as [number];
    assert.equal(echoedCode, code);
  }
});

test('reports 1009 when the server has a smaller limit', async (t) => {
  const server = await serveEcho(t, { maxPayload: 1000 });
  const client = await connectWebSocket(server.url);
  void client.writeMessage('x'.repeat(1001));
  assert.equal((await client.closed).code, 1009);
});

test('a hundred clients at once receive their own messages', async (t) => {
  const server = await serveEcho(t);
  const clients = await Promise.all(Array.from({ length: 100 }, () => connectWebSocket(server.url)));
  const received = await Promise.all(
    clients.map(async (client, index) => {
      for (let i = 0; i < 10; i++) void client.writeMessage(`${index}.${i}`);
      const read: unknown[] = [];
      while (read.length < 10) read.push(await client.readMessage());
      return read;
    }),
  );
  assert.deepEqual(
    received,
    clients.map((_, index) => Array.from({ length: 10 }, (_, i) => `${index}.${i}`)),
  );
  await Promise.all(clients.map((client) => client.close()));
});
