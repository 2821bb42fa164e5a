import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as turnOfTimers } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import { startTcpServer } from '../support/tcp-server.ts';
import { Proxy } from './proxy.ts';

interface Opened {
  readonly proxy: Proxy;
  /** Number of connections that the server got. */
  readonly accepted: () => number;
  /** Connects, and collects what it receives. */
  open(): Promise<{ readonly socket: Socket; readonly received: () => string; readonly isClosed: () => boolean }>;
}

/** A proxy to a server that sends back what it gets. */
async function openEcho(t: TestContext): Promise<Opened> {
  let accepted = 0;
  const { port } = await startTcpServer(t, (socket) => {
    accepted += 1;
    socket.pipe(socket);
  });
  const proxy = await Proxy.open(port);
  t.after(() => proxy.close());
  return {
    proxy,
    accepted: () => accepted,
    async open() {
      const socket = connect(proxy.port, '127.0.0.1');
      let received = '';
      let isClosed = false;
      socket.on('data', (bytes) => (received += bytes.toString()));
      socket.on('error', () => {});
      socket.on('close', () => (isClosed = true));
      await once(socket, 'connect');
      t.after(() => socket.destroy());
      return { socket, received: () => received, isClosed: () => isClosed };
    },
  };
}

test('forwards in both directions, and closes both ends after one ended', async (t) => {
  const { open } = await openEcho(t);
  const { socket, received, isClosed } = await open();
  socket.end('hello');
  await eventually(() => received() === 'hello' && isClosed());
});

test('resets a connection after a number of bytes', async (t) => {
  const { proxy, open } = await openEcho(t);
  proxy.nextBudget = () => 3;
  const { socket, received, isClosed } = await open();
  socket.write('hello');
  await eventually(isClosed);
  assert.equal(received(), 'hel');
  assert.equal(proxy.cuts, 1);
});

test('holds bytes without closing, and forwards them after it heals', async (t) => {
  const { proxy, open } = await openEcho(t);
  const { socket, received, isClosed } = await open();
  socket.write('a');
  await eventually(() => received() === 'a');
  proxy.hold(['toClient']);
  socket.write('b');
  const other = await open();
  other.socket.write('c');
  proxy.heal();
  await eventually(() => received() === 'ab' && other.received() === 'c');
  assert.equal(isClosed(), false);
});

test('the server does not see clients that connect while both directions are blocked', async (t) => {
  const { proxy, accepted, open } = await openEcho(t);
  proxy.hold();
  const { isClosed } = await open();
  proxy.heal();
  await eventually(isClosed);
  assert.equal(accepted(), 0);
});

for (const [name, close] of [
  ['reset', (socket: Socket | undefined) => socket?.resetAndDestroy()],
  ['end', (socket: Socket | undefined) => socket?.end()],
] as const) {
  test(`a held connection does not deliver the ${name} of its server before it heals`, async (t) => {
    const serverSockets: Socket[] = [];
    const { port } = await startTcpServer(t, (socket) => {
      serverSockets.push(socket);
      socket.pipe(socket);
    });
    const proxy = await Proxy.open(port);
    t.after(() => proxy.close());
    const open = async (text: string): Promise<{ readonly isClosed: () => boolean }> => {
      const client = connect(proxy.port, '127.0.0.1');
      let isClosed = false;
      let received = '';
      client.on('error', () => {});
      client.on('close', () => (isClosed = true));
      client.on('data', (bytes) => (received += bytes.toString()));
      client.write(text);
      t.after(() => client.destroy());
      await eventually(() => received === text);
      return { isClosed: () => isClosed };
    };
    const held = await open('held');
    proxy.hold(['toClient', 'toServer'], 'held');
    close(serverSockets[0]);
    // The proxy gets it before it serves these.
    for (let count = 0; count < 3; count++) await open('free');
    assert.equal(held.isClosed(), false);
    proxy.heal();
    await eventually(held.isClosed);
  });
}

test('holds only connections that began with a text', async (t) => {
  const { proxy, open } = await openEcho(t);
  const [held, free] = [await open(), await open()];
  held.socket.write('SUBSCRIBE');
  free.socket.write('GET');
  await eventually(() => held.received() === 'SUBSCRIBE' && free.received() === 'GET');
  proxy.hold(['toClient'], 'SUBSCRIBE');
  held.socket.write('!');
  free.socket.write('!');
  await eventually(() => free.received() === 'GET!');
  assert.equal(held.received(), 'SUBSCRIBE');
});

test('keeps the order of bytes when a delay ends', async (t) => {
  const { proxy, open } = await openEcho(t);
  const { socket, received } = await open();
  proxy.delayMs = 40;
  const letters = [...'abcdefghijklmnopqrst'];
  for (const [index, letter] of letters.entries()) {
    if (index === 10) proxy.heal();
    socket.write(letter);
    await turnOfTimers(4);
  }
  await eventually(() => received().length === letters.length);
  assert.equal(received(), letters.join(''));
});

test('delays bytes, and throttles those to the client', async (t) => {
  const { proxy, open } = await openEcho(t);
  const { socket, received } = await open();
  proxy.delayMs = 30;
  const beganAt = performance.now();
  socket.write('a');
  await eventually(() => received() === 'a');
  assert.ok(performance.now() - beganAt >= 55, 'once to the server and once back');
  proxy.heal();
  proxy.bytesPerSecond = 100_000;
  const throttledAt = performance.now();
  socket.write('x'.repeat(20_000));
  await eventually(() => received().length === 20_001);
  socket.write('y'.repeat(1000));
  await eventually(() => received().endsWith('y'));
  assert.ok(performance.now() - throttledAt >= 20);
});
