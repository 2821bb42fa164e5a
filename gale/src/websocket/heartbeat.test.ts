/** Pings, pongs and the deadline of silent peers, over a connection. */
import assert from 'node:assert/strict';
import { connect as connectTcp } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { eventually } from '../../test/support/eventually.ts';
import { clientFrame } from '../../test/support/websocket/websocket-bytes.ts';
import { connectPeer, upgradeRequest } from '../../test/support/websocket/websocket-peer.ts';
import { serve } from '../../test/support/websocket/websocket-server.ts';
import type { ServedConnection, TestTime } from '../../test/support/websocket/websocket-server.ts';
import { opcodes } from './protocol/frame.ts';

/** Lets time pass until a ping is queued: it leaves at the end of the turn. */
function passUntilPing({ connection }: ServedConnection, time: TestTime, atMostMs: number): void {
  for (let passed = 0; connection.bufferedAmount === 0; passed += 100) {
    assert.ok(passed < atMostMs, `no ping within ${atMostMs} ms`);
    time.pass(100);
  }
}

test('responds to a ping with its data and calls onPing', async (t) => {
  const server = await serve(t);
  const peer = await connectPeer(server.port);
  for (const data of ['', 'one', 'x'.repeat(125)]) peer.send(opcodes.ping, data);
  await peer.saw(`pong ${Buffer.from('x'.repeat(125)).toString('hex')}`);
  assert.deepEqual(peer.events.slice(0, 2), ['pong', `pong ${Buffer.from('one').toString('hex')}`]);
  assert.deepEqual((await server.connected(1)).lines.slice(0, 3), ['open', 'ping', 'ping one']);
});

test('pauses a peer that sends many pings or pongs without a message, then continues to read', async (t) => {
  const server = await serve(t, {
    on: {
      onMessage(message) {
        this.connection.send(message);
      },
    },
  });
  const others = await connectPeer(server.port);
  for (const opcode of [opcodes.ping, opcodes.pong]) {
    const flood = await connectPeer(server.port);
    const served = await server.connected(opcode === opcodes.ping ? 2 : 3);
    const frameCount = (): number => served.lines.filter((line) => line.startsWith('p')).length;
    for (let count = 0; count < 5000; count++) flood.send(opcode, '');
    await eventually(() => frameCount() >= 64);
    others.send(opcodes.text, String(opcode));
    await others.saw(`text ${opcode}`);
    // 64 more each second.
    assert.ok(frameCount() < 2000, `${frameCount()} frames`);
    await eventually(() => frameCount() >= 128);
    flood.socket.destroy();
  }
});

test('responds to all pings at once when messages are between them', async (t) => {
  const server = await serve(t);
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  for (let count = 1; count <= 300; count++) {
    peer.send(opcodes.ping, String(count));
    if (count % 60 === 0) peer.send(opcodes.text, 'x');
  }
  await served.noted('ping 300');
  assert.equal(served.lines.filter((line) => line.startsWith('ping')).length, 300);
});

test('sends a ping and calls onPong for the response', async (t) => {
  const server = await serve(t);
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  served.connection.ping('are you there');
  await peer.saw(`ping ${Buffer.from('are you there').toString('hex')}`);
  peer.send(opcodes.pong, 'are you there');
  await served.noted('pong are you there');
});

test('sends pings at the interval, the first after half to all of it', async (t) => {
  const server = await serve(t, { options: { pingIntervalMs: 20_000, pongTimeoutMs: 5_000 } });
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  server.time.pass(9_900);
  assert.deepEqual(peer.events, []);
  passUntilPing(served, server.time, 10_400);
  for (let count = 1; count < 5; count++) {
    await eventually(() => peer.events.length === count);
    peer.send(opcodes.pong, '');
    await eventually(() => served.lines.length === count + 1);
    server.time.pass(19_900);
    assert.equal(served.connection.bufferedAmount, 0);
    passUntilPing(served, server.time, 600);
  }
  assert.ok(served.connection.isOpen);
});

test('resets a peer that is silent for pongTimeoutMs after a ping and reports 1006', async (t) => {
  const server = await serve(t, { options: { pingIntervalMs: 20_000, pongTimeoutMs: 5_000 } });
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  server.time.pass(25_500);
  await served.noted(/^close 1006 .*5000 ms/);
  await eventually(() => peer.ended);
  assert.equal(served.lines.length, 2);
  assert.equal(served.connection.isOpen, false);
  peer.socket.destroy();
});

test('waits for a pong until the next ping at most and reports how long', async (t) => {
  const server = await serve(t, { options: { pingIntervalMs: 5_000, pongTimeoutMs: 20_000 } });
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  server.time.pass(10_500);
  await served.noted('close 1006 the peer sent nothing for 5000 ms after a ping');
  await eventually(() => peer.ended);
  peer.socket.destroy();
});

test('accepts any byte after a ping as proof that the peer is alive', async (t) => {
  const server = await serve(t, { options: { pingIntervalMs: 20_000, pongTimeoutMs: 5_000 } });
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  for (let round = 0; round < 5; round++) {
    passUntilPing(served, server.time, 20_300);
    await eventually(() => peer.events.length === round + 1);
    // A part of a frame is enough: a peer that sends a long message slowly is alive.
    const bytesRead = served.socket.bytesRead;
    peer.write(round === 0 ? clientFrame(opcodes.binary, Buffer.alloc(10)).subarray(0, 6) : Buffer.from([round]));
    await eventually(() => served.socket.bytesRead > bytesRead);
    server.time.pass(6000);
    assert.ok(served.connection.isOpen, `round ${round}`);
  }
  passUntilPing(served, server.time, 20_300);
  await eventually(() => peer.events.length === 6);
  server.time.pass(6000);
  await served.noted(/^close 1006/);
  peer.socket.destroy();
});

/** A peer whose second message is not read, because its first one keeps the handler busy until `open` is called. */
async function heldUp(t: TestContext) {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const server = await serve(t, {
    on: { onMessage: () => opened },
    options: { pingIntervalMs: 20_000, pongTimeoutMs: 5_000 },
  });
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  peer.send(opcodes.text, 'busy');
  await served.noted('message busy');
  peer.send(opcodes.text, 'next');
  await eventually(() => served.socket.isPaused());
  return { time: server.time, peer, served, open };
}

test('keeps a peer while a busy handler pauses the socket', async (t) => {
  const { time, served, open } = await heldUp(t);
  time.pass(100_000);
  assert.ok(served.connection.isOpen);
  open();
  await served.noted('message next');
});

test('resets a silent peer while a handler is busy and the socket is not paused', async (t) => {
  const server = await serve(t, {
    on: { onMessage: () => new Promise(() => {}) },
    options: { pingIntervalMs: 20_000, pongTimeoutMs: 5_000 },
  });
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  peer.send(opcodes.text, 'busy');
  await served.noted('message busy');
  server.time.pass(25_500);
  await served.noted(/^close 1006 .*5000 ms/);
  await eventually(() => peer.ended);
  peer.socket.destroy();
});

test('reads a pong delayed by a busy handler before it decides whether the peer is alive', async (t) => {
  const { time, peer, served, open } = await heldUp(t);
  passUntilPing(served, time, 40_300);
  await peer.saw('ping');
  peer.send(opcodes.pong, '');
  open();
  // Promises run, sockets are not read: the deadline expires when the handler is done and nothing was read yet.
  for (let step = 0; step < 10 && served.socket.isPaused(); step++) await Promise.resolve();
  assert.equal(served.socket.isPaused(), false);
  time.pass(5_500);
  await served.noted('pong');
  assert.ok(served.connection.isOpen);
  peer.socket.destroy();
});

test('keeps a slow peer that has taken its pending data before the ping arrived', async (t) => {
  const server = await serve(t, {
    options: { pingIntervalMs: 20_000, pongTimeoutMs: 5_000, maxBufferedBytes: 64 * 2 ** 20 },
  });
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  peer.socket.pause();
  passUntilPing(served, server.time, 20_300);
  for (let i = 0; i < 16; i++) served.connection.send(Buffer.alloc(2 ** 20));
  const left = served.connection.sent();
  await eventually(() => served.socket.writableLength > 0);
  peer.socket.resume();
  assert.equal(await left, true);
  server.time.pass(5_500);
  assert.ok(served.connection.isOpen);
  // It reads but sends nothing: the next ping detects that.
  server.time.pass(20_500);
  await served.noted(/^close 1006/);
  peer.socket.destroy();
});

test('sends no ping with pingIntervalMs 0', async (t) => {
  const server = await serve(t, { options: { pingIntervalMs: 0 } });
  await connectPeer(server.port).then((peer) => t.after(() => peer.socket.destroy()));
  await server.connected(1);
  assert.equal(server.time.wheel.size, 0);
});

test('resets a peer that takes no data while a handler waits for it and the socket is paused', async (t) => {
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
    // Bytes that arrive while the handler is busy make the server stop reading.
    peer.send(opcodes.text, 'on');
    await eventually(() => served.socket.isPaused());
  }
  await eventually(() => toStopped.socket.writableLength > 0);
  for (let step = 0; step < 200 && toStopped.connection.isOpen; step++) {
    const before = taken.get(toReading) ?? 0;
    await eventually(() => (taken.get(toReading) ?? 0) > before);
    server.time.pass(500);
  }
  assert.deepEqual(toStopped.lines.slice(2), ['close 1006 the peer took no data for 1000 ms']);
  assert.ok(toReading.connection.isOpen);
  for (const peer of [stopped, reading]) peer.socket.destroy();
});

test('keeps a peer that takes one large message steadily without a pong', async (t) => {
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

test('pongTimeoutMs 0 sends pings and keeps a silent peer', async (t) => {
  const server = await serve(t, { options: { pingIntervalMs: 20_000, pongTimeoutMs: 0 } });
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  for (let count = 1; count < 5; count++) {
    passUntilPing(served, server.time, 20_300);
    await eventually(() => peer.events.length === count);
  }
  assert.ok(served.connection.isOpen);
  peer.socket.destroy();
});

test('resets a silent peer that takes nothing of what was sent after the ping', async (t) => {
  const server = await serve(t, {
    options: { pingIntervalMs: 20_000, pongTimeoutMs: 5_000, maxBufferedBytes: 64 * 2 ** 20 },
  });
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  passUntilPing(served, server.time, 20_300);
  await peer.saw('ping');
  peer.socket.pause();
  served.connection.send(Buffer.alloc(48 * 2 ** 20));
  await eventually(() => served.socket.writableLength > 0);
  server.time.pass(5_500);
  await served.noted('close 1006 the peer sent nothing for 5000 ms after a ping');
  peer.socket.destroy();
});

test('a ping of the server resets the count of control frames', async (t) => {
  const server = await serve(t, { options: { pingIntervalMs: 20_000, pongTimeoutMs: 5_000 } });
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  const handshakeBytes = served.socket.bytesRead;
  const sendPings = async (from: number, to: number): Promise<void> => {
    for (let number = from; number <= to; number++) peer.send(opcodes.ping, String(number).padStart(3, '0'));
    // Each frame has 6 bytes of header and 3 of payload. Delivery follows a read in the same step.
    await eventually(() => served.socket.bytesRead === handshakeBytes + to * 9);
  };
  await sendPings(1, 63);
  passUntilPing(served, server.time, 20_300);
  await sendPings(64, 126);
  assert.equal(served.lines.at(-1), 'ping 126');
  peer.socket.destroy();
});
