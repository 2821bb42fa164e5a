/** A connection that ends without a close handshake. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../test/support/eventually.ts';
import { clientFrame } from '../../test/support/websocket/websocket-bytes.ts';
import { connectPeer } from '../../test/support/websocket/websocket-peer.ts';
import { serve } from '../../test/support/websocket/websocket-server.ts';
import type { ServeOptions } from '../../test/support/websocket/websocket-server.ts';
import { opcodes } from './protocol/frame.ts';

/** Its handler never settles. */
const hung = {
  on: {
    onMessage: () => new Promise(() => {}),
  },
} satisfies ServeOptions;

test('reports 1006 once when the connection is lost', async (t) => {
  const server = await serve(t);
  for (const [index, lose] of (['end', 'destroy', 'resetAndDestroy'] as const).entries()) {
    const peer = await connectPeer(server.port);
    const served = await server.connected(index + 1);
    peer.write(clientFrame(opcodes.text, 'half').subarray(0, 7));
    peer.socket[lose]();
    await served.noted(/^close 1006/);
    await eventually(() => server.time.wheel.size === 0);
    assert.equal(served.lines.length, 2);
    served.connection.send('nothing');
    served.connection.close();
    served.connection.terminate();
  }
});

test('terminate() resets at once and reports 1006', async (t) => {
  const server = await serve(t);
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  served.connection.send('lost');
  served.connection.terminate();
  assert.equal(served.connection.isOpen, false);
  assert.deepEqual(served.lines, ['open']);
  await served.noted(/^close 1006/);
  await eventually(() => peer.ended || peer.closed);
  assert.deepEqual(peer.events, []);
  peer.socket.destroy();
});

test('leaves no deadline and no open connection after hundreds of connections', async (t) => {
  const server = await serve(t);
  for (let round = 0; round < 10; round++) {
    const peers = await Promise.all(Array.from({ length: 30 }, () => connectPeer(server.port)));
    await server.connected((round + 1) * 30);
    for (const [index, peer] of peers.entries()) {
      if (index % 3 === 0) peer.socket.destroy();
      else if (index % 3 === 1) peer.close(1000);
      else server.served[round * 30 + index]!.connection.terminate();
      if (index % 3 === 1) peer.socket.end();
    }
  }
  await eventually(() => server.served.every(({ lines }) => lines.at(-1)!.startsWith('close')));
  await eventually(() => server.time.wheel.size === 0);
  for (const { lines } of server.served) assert.equal(lines.length, 2);
});

test('ignores a close frame received before terminate() and reports 1006', async (t) => {
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
  await served.noted('close 1006 the connection was reset');
  assert.deepEqual(served.lines, ['open', 'message one', 'close 1006 the connection was reset']);
  await eventually(() => peer.closed || peer.ended);
  peer.socket.destroy();
});

test('terminate() reports 1006 when the peer has ended and a handler hangs', async (t) => {
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

test('reports 1006 at once when the connection is reset while a handler hangs', async (t) => {
  const server = await serve(t, hung);
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  peer.send(opcodes.text, 'hello');
  await served.noted('message hello');
  peer.socket.resetAndDestroy();
  await served.noted(/^close 1006/);
  assert.equal(served.lines.length, 3);
  assert.equal(server.time.wheel.size, 0);
});

test('terminate() reports 1006 while a handler hangs', async (t) => {
  const server = await serve(t, hung);
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  peer.send(opcodes.text, 'hello');
  await served.noted('message hello');
  served.connection.terminate();
  await served.noted('close 1006 the connection was reset');
  peer.socket.destroy();
});
