/** The close handshake: by the application, by the peer, and on server shutdown. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { eventually } from '../../test/support/eventually.ts';
import { closeOf, openNodeClient } from '../../test/support/websocket/node-client.ts';
import { bytes, clientFrame } from '../../test/support/websocket/websocket-bytes.ts';
import { connectPeer, upgradeRequest, WebSocketPeer } from '../../test/support/websocket/websocket-peer.ts';
import { serve } from '../../test/support/websocket/websocket-server.ts';
import type { ServeOptions } from '../../test/support/websocket/websocket-server.ts';
import { HttpServer } from '../http/server.ts';
import { acceptWebSocket } from './accept.ts';
import { opcodes } from './protocol/frame.ts';
import { readHandshake } from './protocol/handshake.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`../../test/fixtures/tls/${name}`, import.meta.url));

/** Its handler never settles. */
const hung = {
  on: {
    onMessage: () => new Promise(() => {}),
  },
} satisfies ServeOptions;

test("sends code and reason of close() to Node's client and passes them to onClose", async (t) => {
  const server = await serve(t);
  const { client } = await openNodeClient(server.url);
  const served = await server.connected(1);
  served.connection.close(4001, 'room closed');
  assert.equal(served.connection.isOpen, false);
  assert.deepEqual(await closeOf(client), { code: 4001, reason: 'room closed', wasClean: true });
  await served.noted('close 4001 room closed');
  assert.deepEqual(served.lines, ['open', 'close 4001 room closed']);
  served.connection.close(4002);
  served.connection.send('nothing');
  assert.equal(served.connection.closeCode, 4001);
});

test('responds to an empty close frame with an empty one and reports 1005', async (t) => {
  const server = await serve(t);
  const peer = await connectPeer(server.port);
  peer.send(opcodes.close, '');
  await peer.saw('close 1005');
  await eventually(() => peer.ended);
  peer.socket.end();
  await (await server.connected(1)).noted('close 1005');
});

test('delivers nothing after close(), even before the peer responds', async (t) => {
  const server = await serve(t, {
    on: {
      onMessage() {
        this.connection.close(4000);
      },
    },
  });
  const peer = await connectPeer(server.port);
  peer.write(Buffer.concat(['one', 'two', 'three'].map((text) => clientFrame(opcodes.text, text))));
  await peer.saw('close 4000');
  peer.send(opcodes.text, 'four');
  peer.send(opcodes.ping, 'five');
  peer.close(4000);
  const served = await server.connected(1);
  await served.noted('close 4000');
  await eventually(() => peer.ended);
  peer.socket.end();
  assert.deepEqual(served.lines, ['open', 'message one', 'close 4000']);
  assert.deepEqual(peer.events, ['close 4000']);
});

test('completes close() while a handler is busy', async (t) => {
  const server = await serve(t, { on: { onMessage: () => new Promise(() => undefined) } });
  const peer = await connectPeer(server.port);
  peer.send(opcodes.text, 'busy');
  const served = await server.connected(1);
  await served.noted('message busy');
  peer.send(opcodes.binary, Buffer.alloc(200_000));
  peer.send(opcodes.text, 'not delivered');
  peer.close(4001, 'left first');
  await eventually(() => served.socket.isPaused());
  served.connection.close(4000);
  await peer.saw('close 4000');
  await served.noted('close 4001 left first');
  assert.deepEqual(served.lines, ['open', 'message busy', 'close 4001 left first']);
  peer.socket.end();
});

test('resets a peer that never responds to a close after closeTimeoutMs and reports its own code', async (t) => {
  const server = await serve(t, { options: { closeTimeoutMs: 5000 } });
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  served.connection.close(4000, 'go');
  await peer.saw('close 4000 go');
  server.time.pass(4900);
  assert.equal(served.lines.length, 1);
  server.time.pass(400);
  await served.noted('close 4000 go');
  await eventually(() => peer.ended);
  peer.socket.destroy();
  await eventually(() => server.time.wheel.size === 0);
});

test('resets a peer that closes but never ends its side after closeTimeoutMs', async (t) => {
  const server = await serve(t, { options: { closeTimeoutMs: 5000 } });
  const peer = await connectPeer(server.port);
  peer.close(1001);
  await peer.saw('close 1001');
  await eventually(() => peer.ended);
  const served = await server.connected(1);
  assert.deepEqual(served.lines, ['open', 'close 1001']);
  assert.equal(server.time.wheel.size, 1);
  server.time.pass(5300);
  await eventually(() => server.time.wheel.size === 0);
  await eventually(() => {
    peer.write('x');
    return peer.closed;
  });
});

test('rejects an invalid close code and stays open', async (t) => {
  const server = await serve(t);
  const peer = await connectPeer(server.port);
  const { connection } = await server.connected(1);
  for (const code of [0, 999, 1004, 1006, 1015, 2000, 5000]) {
    assert.throws(() => connection.close(code), { code: 'WS_CLOSE_CODE' });
  }
  assert.ok(connection.isOpen);
  peer.socket.destroy();
});

test('closes every WebSocket with 1001 on server shutdown, after all pending messages', async (t) => {
  const server = await serve(t);
  const clients = [await openNodeClient(server.url), await openNodeClient(server.url)];
  const closes = clients.map(({ client }) => closeOf(client));
  await server.connected(2);
  for (const { connection } of server.served) connection.send('the last');
  await server.close(20_000);
  for (const close of closes) assert.deepEqual(await close, { code: 1001, reason: 'the server stops', wasClean: true });
  for (const { received } of clients) assert.deepEqual(received, ['the last']);
  for (const { lines } of server.served) assert.equal(lines.at(-1), 'close 1001 the server stops');
});

test('waits at most closeTimeoutMs for a peer on server shutdown', async (t) => {
  const server = await serve(t, { options: { closeTimeoutMs: 300 } });
  const peer = await connectPeer(server.port);
  t.after(() => peer.socket.destroy());
  const { lines } = await server.connected(1);
  const closed = server.close(2 ** 31 - 1);
  await peer.saw('close 1001 the server stops');
  server.time.pass(400);
  await closed;
  assert.deepEqual(lines.slice(-1), ['close 1001 the server stops']);
});

test('keeps its own close code on server shutdown', async (t) => {
  const server = await serve(t);
  const { client } = await openNodeClient(server.url);
  const close = closeOf(client);
  const { connection } = await server.connected(1);
  connection.close(1012, 'back soon');
  await server.close(20_000);
  assert.deepEqual(await close, { code: 1012, reason: 'back soon', wasClean: true });
});

test('leaves no deadline when messages are delivered after the socket has closed', async (t) => {
  const handler = Promise.withResolvers<void>();
  const server = await serve(t, { on: { onMessage: () => handler.promise } });
  const peer = await connectPeer(server.port);
  peer.send(opcodes.text, 'A');
  peer.close(1000);
  peer.socket.end();
  const served = await server.connected(1);
  await eventually(() => served.socket.closed && server.time.wheel.size === 0);
  handler.resolve();
  await served.noted('close 1000');
  assert.equal(server.time.wheel.size, 0);
});

test('reports its own code when the peer ends instead of responding, while a handler hangs', async (t) => {
  const server = await serve(t, hung);
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  peer.send(opcodes.text, 'hello');
  await served.noted('message hello');
  served.connection.close(4000, 'enough');
  await peer.saw('close 4000 enough');
  peer.socket.end();
  await served.noted('close 4000 enough');
  assert.deepEqual(served.lines, ['open', 'message hello', 'close 4000 enough']);
});

test('responds to a close frame over TLS when the client ends in the same packet', async (t) => {
  const server = new HttpServer(
    (request) => {
      acceptWebSocket(request, readHandshake(request), { onMessage: () => undefined, onClose: () => undefined });
    },
    { tls: { key: fixture('first-key.pem'), cert: fixture('first-cert.pem') } },
  );
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen(0, '127.0.0.1');
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    ca: fixture('first-cert.pem'),
    checkServerIdentity: () => undefined,
  });
  const peer = new WebSocketPeer(socket);
  const close = clientFrame(opcodes.close, Buffer.from([0x03, 0xe8]));
  socket.end(Buffer.concat([Buffer.from(upgradeRequest), close]));
  await eventually(() => peer.closed);
  assert.deepEqual(peer.events, ['close 1000']);
});

test('writes nothing after the close frame', async (t) => {
  const server = await serve(t);
  const peer = await connectPeer(server.port);
  const { connection } = await server.connected(1);
  await eventually(() => peer.responseHead.endsWith('\r\n\r\n'));
  const received: Buffer[] = [];
  peer.socket.on('data', (part: Buffer) => received.push(part));
  connection.close(4000);
  connection.ping('late');
  assert.equal(connection.send('late'), false);
  await eventually(() => received.length > 0);
  peer.close(4000);
  await eventually(() => peer.ended);
  assert.deepEqual(Buffer.concat(received), bytes('88 02 0fa0'));
  peer.socket.end();
});

for (const [response, expected] of [
  [[], 'close 4000 ours'],
  [[4000, ''], 'close 4000 ours'],
  [[4000, 'theirs'], 'close 4000 theirs'],
  [[4001, ''], 'close 4001'],
] as const) {
  test(`reports '${expected}' after the response '${response.join(' ')}' to its own close`, async (t) => {
    const server = await serve(t);
    const peer = await connectPeer(server.port);
    const served = await server.connected(1);
    served.connection.close(4000, 'ours');
    await peer.saw('close 4000 ours');
    const [code, reason] = response;
    if (code === undefined) peer.send(opcodes.close, '');
    else peer.close(code, reason);
    await served.noted(/^close/);
    assert.deepEqual(served.lines, ['open', expected]);
    peer.socket.end();
  });
}

for (const [name, code, reason, sent] of [
  ['a reason of 123 bytes', 4000, 'x'.repeat(123), 'x'.repeat(123)],
  ['a reason of 124 bytes', 4000, 'x'.repeat(124), 'x'.repeat(123)],
  ['a character over the limit', 4000, `${'x'.repeat(122)}é`, 'x'.repeat(122)],
  ['a surrogate pair over the limit', 4000, `${'x'.repeat(120)}😀`, 'x'.repeat(120)],
  ['characters of three bytes', 4000, '再'.repeat(100), '再'.repeat(41)],
  ['half a surrogate pair', 4000, 'a\ud83d b', 'a\ufffd b'],
  ['a code that is not sent', 1005, 'not sent', ''],
] as const) {
  test(`reports the reason as it was sent: ${name}`, async (t) => {
    const server = await serve(t);
    const peer = await connectPeer(server.port);
    const served = await server.connected(1);
    served.connection.close(code, reason);
    await peer.saw(`close ${code} ${sent}`.trimEnd());
    assert.equal(served.connection.closeReason, sent);
    peer.send(opcodes.close, '');
    await served.noted(/^close/);
    assert.deepEqual(served.lines, ['open', `close ${code} ${sent}`.trimEnd()]);
    assert.equal(served.connection.closeReason, sent);
    peer.socket.end();
  });
}

test('reports a reason of the peer of 123 bytes unchanged', async (t) => {
  const server = await serve(t);
  const reason = `\ufeff${'é'.repeat(60)}`;
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  peer.close(4000, reason);
  await peer.saw(`close 4000 ${reason}`);
  await served.noted(`close 4000 ${reason}`);
  assert.equal(served.connection.closeReason, reason);
  peer.socket.end();
});

test('calls onServerClosing before the close, and closes if it throws', async (t) => {
  const server = await serve(t, {
    on: {
      onServerClosing() {
        this.lines.push(`closing ${this.connection.isOpen}`);
        this.connection.send('the last');
        throw new Error('a fault');
      },
    },
  });
  const { client, received } = await openNodeClient(server.url);
  const close = closeOf(client);
  const served = await server.connected(1);
  await server.close(20_000);
  assert.deepEqual(await close, { code: 1001, reason: 'the server stops', wasClean: true });
  assert.deepEqual(received, ['the last']);
  assert.deepEqual(served.lines, ['open', 'closing true', 'error Error: a fault', 'close 1001 the server stops']);
});
