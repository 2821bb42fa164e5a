/** Peers that read more slowly than the server sends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../test/support/eventually.ts';
import { bytes } from '../../test/support/websocket/websocket-bytes.ts';
import { connectPeer } from '../../test/support/websocket/websocket-peer.ts';
import { serve } from '../../test/support/websocket/websocket-server.ts';
import type { WebSocketConnection } from './connection.ts';
import { opcodes } from './protocol/frame.ts';
import { broadcast } from './sending.ts';
import { prepareMessage } from './writing/prepared-message.ts';

test('closes a peer that stops reading with 4008 and delivers everything to the others', async (t) => {
  const server = await serve(t, { options: { maxBufferedBytes: 200_000 } });
  const slow = await connectPeer(server.port);
  const slowServed = await server.connected(1);
  const quick = await connectPeer(server.port);
  const quickServed = await server.connected(2);
  slow.socket.pause();
  const connections = new Set<WebSocketConnection>([slowServed.connection, quickServed.connection]);
  const message = prepareMessage('x'.repeat(50_000));
  let sent = 0;
  while (slowServed.connection.isOpen) {
    broadcast(connections, message);
    sent++;
    assert.deepEqual(slowServed.lines, ['open'], 'no callback runs in the middle of a broadcast');
    await quickServed.connection.drained();
    assert.ok(slowServed.connection.bufferedAmount <= 250_000);
    assert.ok(sent < 1000);
  }
  await slowServed.noted('close 4008 too slow; reconnect and recover');
  assert.equal(slowServed.lines.length, 2);
  await eventually(() => quick.events.length === sent);
  assert.ok(quickServed.connection.isOpen);
  slow.socket.resume();
  await slow.saw('close 4008 too slow; reconnect and recover');
  // The last broadcast was not queued, and the pending data of the server was dropped.
  assert.ok(slow.events.length - 1 < sent - 1, 'what waited was dropped');
  slow.close(4008);
  await eventually(() => slow.ended);
  slow.socket.end();
});

test('resets a peer closed as too slow that never reads again after closeTimeoutMs', async (t) => {
  const server = await serve(t, { options: { maxBufferedBytes: 200_000, closeTimeoutMs: 5_000 } });
  const slow = await connectPeer(server.port);
  const served = await server.connected(1);
  slow.socket.pause();
  while (served.connection.isOpen) {
    served.connection.send('x'.repeat(50_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await served.noted(/^close 4008/);
  assert.equal(server.time.wheel.size, 1);
  server.time.pass(5_300);
  await eventually(() => server.time.wheel.size === 0);
  slow.socket.destroy();
});

test('whenBufferFull drop omits messages without room and keeps the connection open', async (t) => {
  const server = await serve(t, { options: { maxBufferedBytes: 200_000, whenBufferFull: 'drop' } });
  const peer = await connectPeer(server.port);
  const { connection, lines } = await server.connected(1);
  peer.socket.pause();
  const taken: number[] = [];
  let number = 0;
  for (let dropped = 0; dropped < 3; number++) {
    if (connection.send(`${number} ${'x'.repeat(50_000)}`)) taken.push(number);
    else dropped++;
    assert.ok(connection.bufferedAmount <= 250_000);
    assert.ok(number < 1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(taken.length < number);
  peer.socket.resume();
  await connection.drained();
  assert.equal(connection.send('last'), true);
  await peer.saw('text last');
  const came = peer.events.slice(0, -1).map((event) => Number(event.split(' ')[1]));
  assert.deepEqual(came, taken);
  assert.deepEqual(lines, ['open']);
});

test('sent() is true when the peer has taken all, false when the connection ends first', async (t) => {
  const server = await serve(t, { options: { maxBufferedBytes: 64_000_000 } });
  const peer = await connectPeer(server.port);
  const { connection } = await server.connected(1);
  connection.send('first');
  assert.equal(await connection.sent(), true);
  peer.socket.pause();
  for (let i = 0; i < 32; i++) connection.send('x'.repeat(1_000_000));
  const large = connection.sent();
  let hasLeft: boolean | undefined;
  void large.then((left) => (hasLeft = left));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(hasLeft, undefined);
  peer.socket.resume();
  assert.equal(await large, true);
  peer.socket.pause();
  for (let i = 0; i < 32; i++) connection.send('x'.repeat(1_000_000));
  const lost = connection.sent();
  peer.socket.destroy();
  assert.equal(await lost, false);
  assert.equal(connection.send('after the end'), false);
  assert.equal(await connection.sent(), false);
});

test('sends pings and pongs ahead of pending data', async (t) => {
  const server = await serve(t, { options: { maxBufferedBytes: 2 ** 26 } });
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  peer.socket.pause();
  // The first turns fill the buffers of the system, the rest waits in the server.
  let sent = 0;
  while (served.connection.bufferedAmount < 2 ** 22) {
    served.connection.send('x'.repeat(50_000));
    sent++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  peer.send(opcodes.ping, 'p');
  await served.noted('ping p');
  served.connection.send('last');
  peer.socket.resume();
  await peer.saw('text last');
  const at = peer.events.indexOf(`pong ${Buffer.from('p').toString('hex')}`);
  assert.ok(at > 0 && at < sent - 10, `pong came as event ${at} of ${sent}`);
  assert.equal(peer.events.length, sent + 2);
});

test('drained() refuses a number of bytes that no buffer can have', async (t) => {
  const server = await serve(t);
  await connectPeer(server.port);
  const { connection } = await server.connected(1);
  for (const maxBytes of [Number.NaN, Infinity, -1, '5'] as number[]) {
    assert.throws(() => connection.drained(maxBytes), {
      code: 'OPTION_VALUE',
      message: /^maxBytes must be an integer from 0 to 9007199254740991; got /,
    });
  }
});

test('drained() settles when the peer has taken all and when the connection is lost', async (t) => {
  const server = await serve(t, { options: { maxBufferedBytes: 2 ** 26 } });
  const peer = await connectPeer(server.port);
  const { connection } = await server.connected(1);
  peer.socket.pause();
  while (connection.bufferedAmount < 2 ** 20) {
    connection.send(Buffer.alloc(50_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const settled: string[] = [];
  const all = connection.drained().then(() => settled.push('all'));
  const half = connection.drained(2 ** 19).then(() => settled.push('half'));
  assert.deepEqual(settled, []);
  peer.socket.resume();
  await Promise.all([all, half]);
  assert.equal(connection.bufferedAmount, 0);
  assert.deepEqual(settled, ['half', 'all']);

  peer.socket.pause();
  while (connection.bufferedAmount < 2 ** 20) {
    connection.send(Buffer.alloc(50_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const gone = connection.drained();
  peer.socket.destroy();
  await gone;
});

test('reports nothing after onClose of a peer closed as too slow that breaks a rule', async (t) => {
  const server = await serve(t, { options: { maxBufferedBytes: 1000 } });
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  peer.socket.pause();
  while (served.connection.send(Buffer.alloc(900)));
  await served.noted(/^close 4008/);
  peer.write(bytes('ff ff'));
  peer.socket.resume();
  await eventually(() => peer.ended);
  assert.deepEqual(served.lines, ['open', 'close 4008 too slow; reconnect and recover']);
  peer.socket.destroy();
});
