/** How a connection ends whose handler does not come back, or ends it in the middle. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { eventually } from '../../test/support/eventually.ts';
import { clientFrame } from '../../test/support/websocket/websocket-bytes.ts';
import { connectPeer, upgradeRequest, WebSocketPeer } from '../../test/support/websocket/websocket-peer.ts';
import { serve } from '../../test/support/websocket/websocket-server.ts';
import type { ServeOptions } from '../../test/support/websocket/websocket-server.ts';
import { HttpServer } from '../http/server.ts';
import { acceptWebSocket } from './accept.ts';
import { opcodes } from './protocol/frame.ts';
import { readHandshake } from './protocol/handshake.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`../../test/fixtures/tls/${name}`, import.meta.url));

const hung = {
  on: {
    onMessage: () => new Promise(() => {}),
  },
} satisfies ServeOptions;

test('after terminate() nothing that came before is told: a close frame in the same packet does not make it a good end', async (t) => {
  const server = await serve(t, {
    on: {
      onMessage() {
        this.connection.terminate();
      },
    },
  });
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  const close = clientFrame(opcodes.close, Buffer.from([0x03, 0xe8]));
  peer.write(Buffer.concat([clientFrame(opcodes.text, 'one'), clientFrame(opcodes.text, 'two'), close]));
  await served.noted('close 1006 the connection was cut');
  assert.deepEqual(served.lines, ['open', 'message one', 'close 1006 the connection was cut']);
  await eventually(() => peer.closed || peer.ended);
  peer.socket.destroy();
});

test('a peer that ends instead of answering close() has ended, though a handler never comes back', async (t) => {
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

test('terminate() is told also where the peer has ended before, and a handler never comes back', async (t) => {
  const server = await serve(t, hung);
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  peer.send(opcodes.text, 'hello');
  await served.noted('message hello');
  peer.socket.end();
  await eventually(() => peer.closed);
  await eventually(() => served.socket.closed);
  assert.deepEqual(served.lines, ['open', 'message hello']);
  served.connection.terminate();
  await served.noted(/^close 1006/);
  assert.equal(served.lines.length, 3);
});

test('a peer that takes nothing any more is cut, though a handler waits for it to do so and nothing is read meanwhile', async (t) => {
  const part = Buffer.alloc(64 * 1024);
  const taken = new Map<unknown, number>();
  const server = await serve(t, {
    options: { pingIntervalMs: 1000, pongTimeoutMs: 500 },
    on: {
      async onMessage() {
        for (let count = 1; this.connection.send(part) && (await this.connection.sent()); count++)
          taken.set(this, count);
      },
    },
  });
  const stopped = await connectPeer(server.port);
  stopped.socket.pause();
  const toStopped = await server.connected(1);
  const reading = await connectPeer(server.port);
  const toReading = await server.connected(2);
  for (const [peer, served] of [
    [stopped, toStopped],
    [reading, toReading],
  ] as const) {
    peer.send(opcodes.text, 'go');
    await served.noted('message go');
    // What comes while the handler is busy makes the server stop reading.
    peer.send(opcodes.text, 'on');
    await eventually(() => served.socket.isPaused());
  }
  await eventually(() => toStopped.socket.writableLength > 0);
  for (let step = 0; step < 200 && toStopped.connection.isOpen; step++) {
    const before = taken.get(toReading) ?? 0;
    await eventually(() => (taken.get(toReading) ?? 0) > before);
    server.time.pass(500);
  }
  assert.deepEqual(toStopped.lines.slice(2), ['close 1006 it took nothing of what it was sent for 1000 ms']);
  assert.ok(toReading.connection.isOpen);
  for (const peer of [stopped, reading]) peer.socket.destroy();
});

test('over TLS a close frame is answered, though the client ends in the same packet', async (t) => {
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

test('who takes one large message steadily is not given up for the pong that cannot come before its end', async (t) => {
  const server = await serve(t, {
    options: { pingIntervalMs: 1000, pongTimeoutMs: 500 },
    on: {
      onOpen: (connection) => void connection.send(Buffer.alloc(48 * 2 ** 20)),
    },
  });
  const socket = connectTcp({ port: server.port, host: '127.0.0.1' });
  socket.on('data', () => socket.pause());
  socket.write(upgradeRequest);
  const { connection } = await server.connected(1);
  await eventually(() => connection.progress !== undefined);
  for (let step = 0; step < 10; step++) {
    const before = connection.progress;
    await eventually(() => {
      socket.resume();
      return connection.progress !== before;
    });
    server.time.pass(500);
  }
  assert.ok(connection.isOpen && connection.progress !== undefined);
  socket.destroy();
});
