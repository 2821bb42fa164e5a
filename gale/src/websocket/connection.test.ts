import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { eventually } from '../../test/support/eventually.ts';
import { bytes, clientFrame } from '../../test/support/websocket/websocket-bytes.ts';
import { connectPeer, upgradeRequest } from '../../test/support/websocket/websocket-peer.ts';
import { serve } from '../../test/support/websocket/websocket-server.ts';
import type { ServedConnection, TestTime } from '../../test/support/websocket/websocket-server.ts';
import { HttpServer } from '../http/server.ts';
import { acceptWebSocket } from './accept.ts';
import { broadcast } from './sending.ts';
import type { WebSocketConnection } from './connection.ts';
import { opcodes } from './protocol/frame.ts';
import { readHandshake } from './protocol/handshake.ts';
import { prepareMessage } from './writing/prepared-message.ts';

/** Node's own client, open. */
async function openClient(url: string, protocols: string[] = []): Promise<{ client: WebSocket; received: unknown[] }> {
  const client = new WebSocket(url, protocols);
  client.binaryType = 'arraybuffer';
  const received: unknown[] = [];
  client.addEventListener('message', ({ data }) => received.push(data));
  await once(client, 'open');
  return { client, received };
}

async function closeOf(client: WebSocket): Promise<{ code: number; reason: string; wasClean: boolean }> {
  const [event] = (await once(client, 'close')) as [CloseEvent];
  return { code: event.code, reason: event.reason, wasClean: event.wasClean };
}

/** Lets time pass until a ping is queued: it leaves at the end of the turn. */
function passUntilPing({ connection }: ServedConnection, time: TestTime, atMostMs: number): void {
  for (let passed = 0; connection.bufferedBytes === 0; passed += 100) {
    assert.ok(passed < atMostMs, `no ping within ${atMostMs} ms`);
    time.pass(100);
  }
}

function thrown(): never {
  throw new Error('handler');
}

const gate = (): { opened: Promise<void>; open: () => void } => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
};

test("Node's client talks both ways: text, binary, empty, large, Chinese", async (t) => {
  const server = await serve(t, {
    on: {
      onMessage(message) {
        this.connection.send(message);
      },
    },
  });
  const { client, received } = await openClient(server.url);
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

test('the chosen subprotocol is agreed on, and compression that was offered is declined', async (t) => {
  const server = await serve(t, { choose: (protocols) => protocols.find((name) => name === 'b') });
  const { client } = await openClient(server.url, ['a', 'b']);
  assert.deepEqual([client.protocol, client.extensions], ['b', '']);
  client.close();
  await closeOf(client);
});

test("the server's close reaches Node's client with code and reason, and onClose is told the same", async (t) => {
  const server = await serve(t);
  const { client } = await openClient(server.url);
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

test('a client that closes without a code is answered without one, and told as 1005', async (t) => {
  const server = await serve(t);
  const peer = await connectPeer(server.port);
  peer.send(opcodes.close, '');
  await peer.saw('close 1005');
  await eventually(() => peer.ended);
  peer.socket.end();
  await (await server.connected(1)).noted('close 1005');
});

test('what onOpen sends leaves together with the answer, and frames behind the request are told after onOpen', async (t) => {
  const opened = gate();
  const server = await serve(t, {
    on: {
      async onOpen(connection) {
        connection.send('welcome');
        await opened.opened;
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
  await eventually(() => served.connection.bufferedBytes === 0);
  assert.deepEqual(served.lines, ['open']);
  opened.open();
  await served.noted('message later');
  assert.deepEqual(served.lines, ['open', 'message early', 'message later']);
});

test('all that is sent in one turn arrives in one read', async (t) => {
  const server = await serve(t);
  const peer = await connectPeer(server.port);
  const { connection } = await server.connected(1);
  for (let i = 0; i < 50; i++) connection.send(`message ${i}`);
  await peer.saw('text message 49');
  assert.ok(peer.reads.includes(50), JSON.stringify(peer.reads));
});

test('onMessage is never called before the last one settled, and a peer that sends on has to wait', async (t) => {
  let running = 0;
  let most = 0;
  const first = gate();
  const server = await serve(t, {
    on: {
      async onMessage() {
        most = Math.max(most, ++running);
        await first.opened;
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
  first.open();
  await eventually(() => served.lines.length === count + 1);
  assert.equal(most, 1);
});

test('a throw is told to onError, closes with 1011, and onClose is called once', async (t) => {
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

test('what a handler returns is waited for if that is possible, and not looked at otherwise', async (t) => {
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

test('what onClose throws is told, and harms nobody', async (t) => {
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

test('after close() nothing more is delivered, though the peer goes on sending before it answers', async (t) => {
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

test('close() while a handler is busy ends without it', async (t) => {
  const server = await serve(t, { on: { onMessage: () => new Promise(() => undefined) } });
  const peer = await connectPeer(server.port);
  peer.send(opcodes.text, 'busy');
  const served = await server.connected(1);
  await served.noted('message busy');
  peer.send(opcodes.binary, Buffer.alloc(200_000));
  peer.send(opcodes.text, 'not told');
  peer.close(4001, 'left first');
  await eventually(() => served.socket.isPaused());
  served.connection.close(4000);
  await peer.saw('close 4000');
  await served.noted('close 4001 left first');
  assert.deepEqual(served.lines, ['open', 'message busy', 'close 4001 left first']);
  peer.socket.end();
});

test('a peer that never answers a close is cut after closeTimeoutMs, and our own code is told', async (t) => {
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

test('a peer that closes but never ends its side is cut after closeTimeoutMs', async (t) => {
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
  test(`${name} is answered with ${code}, told once, and nothing behind it is read`, async (t) => {
    const messageTypes = error === 'WS_MESSAGE_TYPE' ? 'text' : 'any';
    const server = await serve(t, { options: { maxMessageBytes: 1000, messageTypes } });
    const peer = await connectPeer(server.port);
    peer.write(Buffer.concat([clientFrame(opcodes.text, 'good'), bytes(hex), clientFrame(opcodes.text, 'behind')]));
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

test('a ping is answered with its data, and told', async (t) => {
  const server = await serve(t);
  const peer = await connectPeer(server.port);
  for (const data of ['', 'one', 'x'.repeat(125)]) peer.send(opcodes.ping, data);
  await peer.saw(`pong ${Buffer.from('x'.repeat(125)).toString('hex')}`);
  assert.deepEqual(peer.events.slice(0, 2), ['pong', `pong ${Buffer.from('one').toString('hex')}`]);
  assert.deepEqual((await server.connected(1)).lines.slice(0, 3), ['open', 'ping', 'ping one']);
});

test('a peer that sends many pings or pongs without a message is not read for a while, and then read on', async (t) => {
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
    const told = (): number => served.lines.filter((line) => line.startsWith('p')).length;
    for (let count = 0; count < 5000; count++) flood.send(opcode, '');
    await eventually(() => told() >= 64);
    others.send(opcodes.text, String(opcode));
    await others.saw(`text ${opcode}`);
    // 64 more each second.
    assert.ok(told() < 2000, `${told()} frames`);
    await eventually(() => told() >= 128);
    flood.socket.destroy();
  }
});

test('pings with messages between them are all answered at once', async (t) => {
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

test('a ping of our own is answered, and told', async (t) => {
  const server = await serve(t);
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  served.connection.ping('are you there');
  await peer.saw(`ping ${Buffer.from('are you there').toString('hex')}`);
  peer.send(opcodes.pong, 'are you there');
  await served.noted('pong are you there');
});

test('pings go out at the interval, the first between half and all of it', async (t) => {
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
    assert.equal(served.connection.bufferedBytes, 0);
    passUntilPing(served, server.time, 600);
  }
  assert.ok(served.connection.isOpen);
});

test('a peer that is silent for pongTimeoutMs after a ping is cut and told as 1006', async (t) => {
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

test('no longer than to the next ping is waited for a pong, and the reason says how long', async (t) => {
  const server = await serve(t, { options: { pingIntervalMs: 5_000, pongTimeoutMs: 20_000 } });
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  server.time.pass(10_500);
  await served.noted('close 1006 nothing came for 5000 ms after a ping');
  await eventually(() => peer.ended);
  peer.socket.destroy();
});

test('a peer that sends anything after a ping is alive', async (t) => {
  const server = await serve(t, { options: { pingIntervalMs: 20_000, pongTimeoutMs: 5_000 } });
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  for (let round = 0; round < 5; round++) {
    passUntilPing(served, server.time, 20_300);
    await eventually(() => peer.events.length === round + 1);
    // A part of a frame is enough: a long message on a slow line is life too.
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
  const { opened, open } = gate();
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

test('a peer is not called dead while a handler keeps us from hearing it', async (t) => {
  const { time, served, open } = await heldUp(t);
  time.pass(100_000);
  assert.ok(served.connection.isOpen);
  open();
  await served.noted('message next');
});

test('a peer that goes silent while a handler is busy, and holds nothing up, is cut like any other', async (t) => {
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

test('a pong that was held up by a busy handler is read before its peer is judged', async (t) => {
  const { time, peer, served, open } = await heldUp(t);
  passUntilPing(served, time, 40_300);
  await peer.saw('ping');
  peer.send(opcodes.pong, '');
  open();
  // Promises go on, sockets do not: the deadline passes when the handler is done and nothing was read yet.
  for (let step = 0; step < 10 && served.socket.isPaused(); step++) await Promise.resolve();
  assert.equal(served.socket.isPaused(), false);
  time.pass(5_500);
  await served.noted('pong');
  assert.ok(served.connection.isOpen);
  peer.socket.destroy();
});

test('a slow peer that has taken what waited for it is alive, though the ping has not reached it yet', async (t) => {
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
  // It reads on, and says nothing: the next ping finds that out.
  server.time.pass(20_500);
  await served.noted(/^close 1006/);
  peer.socket.destroy();
});

test('pingIntervalMs 0 sends none', async (t) => {
  const server = await serve(t, { options: { pingIntervalMs: 0 } });
  await connectPeer(server.port).then((peer) => t.after(() => peer.socket.destroy()));
  await server.connected(1);
  assert.equal(server.time.wheel.size, 0);
});

test('a peer that stops reading is closed with 4008 and told so when it reads again; others miss nothing', async (t) => {
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
    assert.deepEqual(slowServed.lines, ['open'], 'nobody is called back in the middle of a broadcast');
    await quickServed.connection.drained();
    assert.ok(slowServed.connection.bufferedBytes <= 250_000);
    assert.ok(sent < 1000);
  }
  await slowServed.noted('close 4008 too slow; reconnect and recover');
  assert.equal(slowServed.lines.length, 2);
  await eventually(() => quick.events.length === sent);
  assert.ok(quickServed.connection.isOpen);
  slow.socket.resume();
  await slow.saw('close 4008 too slow; reconnect and recover');
  // The last broadcast was not queued; with it went what waited in our own buffers.
  assert.ok(slow.events.length - 1 < sent - 1, 'what waited was dropped');
  slow.close(4008);
  await eventually(() => slow.ended);
  slow.socket.end();
});

test('a peer that was closed as too slow and never reads again is cut after closeTimeoutMs', async (t) => {
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

test('with whenBufferFull drop a message without room is left out, and the connection goes on', async (t) => {
  const server = await serve(t, { options: { maxBufferedBytes: 200_000, whenBufferFull: 'drop' } });
  const peer = await connectPeer(server.port);
  const { connection, lines } = await server.connected(1);
  peer.socket.pause();
  const taken: number[] = [];
  let number = 0;
  for (let dropped = 0; dropped < 3; number++) {
    if (connection.send(`${number} ${'x'.repeat(50_000)}`)) taken.push(number);
    else dropped++;
    assert.ok(connection.bufferedBytes <= 250_000);
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

test('sent() is true when the peer has taken all, false when the connection ends before', async (t) => {
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
  assert.equal(connection.send('to nobody'), false);
  assert.equal(await connection.sent(), false);
});

test('pongs and pings overtake data that waits', async (t) => {
  const server = await serve(t, { options: { maxBufferedBytes: 2 ** 26 } });
  const peer = await connectPeer(server.port);
  const served = await server.connected(1);
  peer.socket.pause();
  // The first turns fill the system's buffers, the rest waits in ours.
  let sent = 0;
  while (served.connection.bufferedBytes < 2 ** 22) {
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

test('drained() settles when the peer has taken all, and when the connection is gone', async (t) => {
  const server = await serve(t, { options: { maxBufferedBytes: 2 ** 26 } });
  const peer = await connectPeer(server.port);
  const { connection } = await server.connected(1);
  peer.socket.pause();
  while (connection.bufferedBytes < 2 ** 20) {
    connection.send(Buffer.alloc(50_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const settled: string[] = [];
  const all = connection.drained().then(() => settled.push('all'));
  const half = connection.drained(2 ** 19).then(() => settled.push('half'));
  assert.deepEqual(settled, []);
  peer.socket.resume();
  await Promise.all([all, half]);
  assert.equal(connection.bufferedBytes, 0);
  assert.deepEqual(settled, ['half', 'all']);

  peer.socket.pause();
  while (connection.bufferedBytes < 2 ** 20) {
    connection.send(Buffer.alloc(50_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const gone = connection.drained();
  peer.socket.destroy();
  await gone;
});

test('a connection that is lost without a close is told as 1006, once', async (t) => {
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

test('terminate() cuts at once and is told as 1006', async (t) => {
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

test('messages that came before the peer ended are all told, though the handler is slow', async (t) => {
  const handler = gate();
  const server = await serve(t, { on: { onMessage: () => handler.opened } });
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
  handler.open();
  await served.noted('close 1001');
  assert.deepEqual(served.lines, ['open', 'message one', 'message two', 'message three', 'close 1001']);
});

test('a broadcast reaches everybody in the same order, also those who joined late or were sent more', async (t) => {
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

test('a code that may not be sent is refused before anything happens', async (t) => {
  const server = await serve(t);
  const peer = await connectPeer(server.port);
  const { connection } = await server.connected(1);
  for (const code of [0, 999, 1004, 1006, 1015, 2000, 5000]) {
    assert.throws(() => connection.close(code), { code: 'WS_CLOSE_CODE' });
  }
  assert.ok(connection.isOpen);
  peer.socket.destroy();
});

test('hundreds of connections that come and go leave no deadline and no connection behind', async (t) => {
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

test('a server that closes says 1001 to every WebSocket, behind all that was sent, and waits for the answers', async (t) => {
  const server = await serve(t);
  const clients = [await openClient(server.url), await openClient(server.url)];
  const closes = clients.map(({ client }) => closeOf(client));
  await server.connected(2);
  for (const { connection } of server.served) connection.send('the last');
  await server.close(20_000);
  for (const close of closes) assert.deepEqual(await close, { code: 1001, reason: 'the server stops', wasClean: true });
  for (const { received } of clients) assert.deepEqual(received, ['the last']);
  for (const { lines } of server.served) assert.equal(lines.at(-1), 'close 1001 the server stops');
});

test('a peer that does not answer the goodbye of a server is waited for no longer than closeTimeoutMs', async (t) => {
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

test('a connection that its user closed before the server keeps its own code', async (t) => {
  const server = await serve(t);
  const { client } = await openClient(server.url);
  const close = closeOf(client);
  const { connection } = await server.connected(1);
  connection.close(1012, 'back soon');
  await server.close(20_000);
  assert.deepEqual(await close, { code: 1012, reason: 'back soon', wasClean: true });
});

test('messages told after the socket has closed leave no deadline behind', async (t) => {
  const handler = gate();
  const server = await serve(t, { on: { onMessage: () => handler.opened } });
  const peer = await connectPeer(server.port);
  peer.send(opcodes.text, 'A');
  peer.close(1000);
  peer.socket.end();
  const served = await server.connected(1);
  await eventually(() => served.socket.closed && server.time.wheel.size === 0);
  handler.open();
  await served.noted('close 1000');
  assert.equal(server.time.wheel.size, 0);
});

test('of a peer that was closed as too slow nothing is told behind onClose, though it breaks a rule', async (t) => {
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

test('onOpen is called first, also on a server that has begun to stop before the handshake was answered', async (t) => {
  const answer = gate();
  const lines: string[] = [];
  let isAsked = false;
  const server = new HttpServer((request) => {
    isAsked = true;
    void answer.opened.then(() => {
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
  answer.open();
  await peer.saw('close 1001 the server stops');
  peer.close(1001);
  peer.socket.end();
  await closed;
  assert.deepEqual(lines, ['open', 'close 1001']);
});
