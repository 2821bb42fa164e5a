/** Connections that close, end or stop reading while messages are compressed or inflated. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../../test/support/eventually.ts';
import { compressed, connectOffering, deflate } from '../../../test/support/websocket/compressed-frames.ts';
import { clientFrame } from '../../../test/support/websocket/websocket-bytes.ts';
import { serve } from '../../../test/support/websocket/websocket-server.ts';
import type { ServeOptions } from '../../../test/support/websocket/websocket-server.ts';
import type { WebSocketConnection } from '../connection.ts';
import { opcodes } from '../protocol/frame.ts';

const mebibyte = 2 ** 20;
const compress = { options: { compress: true } } satisfies ServeOptions;

test('close() while a message is being inflated delivers nothing more and completes', async (t) => {
  const server = await serve(t, compress);
  const peer = await connectOffering(server.port);
  const served = await server.connected(1);
  peer.write(compressed(Buffer.alloc(mebibyte)));
  await nextRead(served.connection);
  served.connection.close(4001, 'enough');
  await peer.saw('close 4001 enough');
  peer.close(4001);
  await served.noted('close 4001 enough');
  assert.deepEqual(served.lines, ['open', 'close 4001 enough']);
});

test('delivers a large message of a peer that ends after it', async (t) => {
  const server = await serve(t, compress);
  const peer = await connectOffering(server.port);
  peer.write(compressed('x'.repeat(mebibyte)));
  peer.socket.end();
  const served = await server.connected(1);
  await served.noted(/^close 1006/);
  assert.deepEqual(
    served.lines.map((line) => line.length),
    ['open'.length, 'message '.length + mebibyte, served.lines.at(-1)!.length],
  );
});

test('sends messages before the close frame, large ones too', async (t) => {
  const server = await serve(t, compress);
  const peer = await connectOffering(server.port);
  const { connection } = await server.connected(1);
  connection.send('a'.repeat(900_000));
  connection.send('b');
  connection.close(4000, 'done');
  connection.send('never');
  await peer.saw('close 4000 done');
  assert.deepEqual(
    peer.events.map((line) => line.slice(0, 6)),
    ['text a', 'text b', 'close '],
  );
  assert.equal(peer.compressed.length, 1);
});

test('closes a peer that stops reading as too slow while a message for it is being compressed', async (t) => {
  const server = await serve(t, { options: { compress: true, maxBufferedBytes: 50_000 } });
  const peer = await connectOffering(server.port);
  const served = await server.connected(1);
  served.connection.send('a'.repeat(60_000));
  served.connection.send('b');
  assert.equal(served.connection.isOpen, false);
  await peer.saw(/^close 4008 /);
  assert.deepEqual(peer.events.length, 1);
  await served.noted(/^close 4008 /);
});

test('sends the handshake response before it closes as too slow in the first turn', async (t) => {
  const server = await serve(t, {
    options: { compress: true, maxBufferedBytes: 100_000 },
    on: {
      onOpen(connection) {
        connection.send('x'.repeat(200_000));
        connection.send('y'.repeat(200_000));
      },
    },
  });
  const peer = await connectOffering(server.port);
  await peer.saw(/^close 4008/);
  assert.match(peer.responseHead, /^HTTP\/1\.1 101 /);
  peer.socket.destroy();
});

test('drained() settles for a handler that sends after its peer has ended', async (t) => {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const sent: boolean[] = [];
  const server = await serve(t, {
    options: { compress: true },
    on: {
      async onMessage() {
        await opened;
        sent.push(this.connection.send('x'.repeat(100_000)));
        await this.connection.drained();
      },
    },
  });
  const peer = await connectOffering(server.port);
  peer.send(opcodes.text, 'the last');
  peer.socket.end();
  const served = await server.connected(1);
  await eventually(() => served.socket.closed);
  open();
  await served.noted(/^close 1006/);
  assert.deepEqual(sent, [false]);
});

test('close() while an invalid message is being inflated reports no error', async (t) => {
  const server = await serve(t, compress);
  const peer = await connectOffering(server.port);
  const served = await server.connected(1);
  const invalid = Buffer.concat([deflate(Buffer.alloc(mebibyte)), Buffer.alloc(20_000, 0xff)]);
  peer.write(clientFrame(opcodes.binary, invalid, { reserved: 4 }));
  await nextRead(served.connection);
  served.connection.close(4001, 'enough');
  await peer.saw('close 4001 enough');
  peer.close(4001);
  await served.noted(/^close/);
  await eventually(() => peer.ended);
  assert.deepEqual(served.lines, ['open', 'close 4001 enough']);
  peer.socket.end();
});

/** Resolves after the connection has processed the next bytes of its socket. */
function nextRead(connection: WebSocketConnection): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { onData } = connection;
  connection.onData = (bytes) => {
    connection.onData = onData;
    connection.onData(bytes);
    resolve();
  };
  return promise;
}
