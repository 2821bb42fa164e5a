import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { goodResponse, serveBare } from '../../../test/support/websocket/bare-websocket-server.ts';
import type { BareConnection } from '../../../test/support/websocket/bare-websocket-server.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { bytes } from '../../../test/support/websocket/websocket-bytes.ts';
import { serve, TestTime } from '../../../test/support/websocket/websocket-server.ts';
import { connectWebSocket, connectWebSocketOn } from './client.ts';
import type { WebSocketClient } from './client.ts';
import type { ConnectOptions } from './connect-options.ts';
import { encodeFrame, opcodes } from '../protocol/frame.ts';
import { prepareMessage } from '../writing/prepared-message.ts';

/** A client of a bare server, and the connection at the server. */
async function connectBare(
  t: TestContext,
  options: ConnectOptions = {},
): Promise<{ client: WebSocketClient; peer: BareConnection }> {
  const server = await serveBare(t);
  const client = await connectWebSocket(server.url, options);
  t.after(() => client.terminate());
  return { client, peer: await server.connected(1) };
}

const text = (message: string): Buffer => encodeFrame(opcodes.text, message);

test('exchanges text, binary, object, empty, large and prepared messages with a server of Gale', async (t) => {
  const server = await serve(t, {
    on: {
      onMessage(message) {
        this.connection.send(message);
      },
    },
  });
  const client = await connectWebSocket(server.url);
  const large = 'äß世😀'.repeat(80_000);
  const binary = Buffer.from(new Uint8Array(70_000).map((_, index) => index));
  for (const message of ['Hello', '', large, binary, { a: [1, '世'] }, prepareMessage('ready')]) {
    assert.equal(await client.writeMessage(message), true);
    const echoed = await client.readMessage();
    if (message === binary) assert.ok(Buffer.isBuffer(echoed) && echoed.equals(binary));
    else if (typeof message === 'string') assert.equal(echoed, message);
    else assert.match(String(echoed), /^\{"a":\[1,"世"\]\}$|^ready$/);
  }
  assert.deepEqual(await client.close(3001, 'bye'), { code: 3001, reason: 'bye' });
  await server.served[0]!.noted('close 3001 bye');
  assert.deepEqual([client.isOpen, client.closeCode, client.closeReason], [false, 3001, 'bye']);
  assert.equal(await client.readMessage(), null);
});

test('masks every frame with a new mask', async (t) => {
  const { client, peer } = await connectBare(t);
  const received: Buffer[] = [];
  peer.socket.prependListener('data', (chunk: Buffer) => received.push(Buffer.from(chunk)));
  for (let i = 0; i < 20; i++) {
    assert.equal(await client.writeMessage('x'), true);
  }
  client.ping('p');
  await peer.saw('ping 70');
  void client.close(1000);
  await peer.saw('close 1000');
  const stream = Buffer.concat(received);
  assert.equal(stream.length, 21 * 7 + 8);
  const masks = Array.from({ length: 22 }, (_, index) => stream.readUInt32BE(index * 7 + 2));
  assert.ok(new Set(masks).size >= 21, masks.join(' '));
});

test('readMessage() returns messages in order, to early and late calls', async (t) => {
  const { client, peer } = await connectBare(t);
  const first = [client.readMessage(), client.readMessage()];
  peer.write(Buffer.concat([text('one'), text('two'), text('three'), encodeFrame(opcodes.binary, 'four')]));
  assert.deepEqual(await Promise.all(first), ['one', 'two']);
  assert.equal(await client.readMessage(), 'three');
  assert.deepEqual(await client.readMessage(), Buffer.from('four'));
});

test('a loop over the client ends after the last message when the server closes', async (t) => {
  const { client, peer } = await connectBare(t);
  peer.write(Buffer.concat([text('one'), text('two'), bytes('88 05 0fa1 627965')]));
  const read: unknown[] = [];
  for await (const message of client) read.push(message);
  assert.deepEqual(read, ['one', 'two']);
  assert.deepEqual(await client.closed, { code: 4001, reason: 'bye' });
});

test('leaving a loop closes nothing, and another loop continues', async (t) => {
  const { client, peer } = await connectBare(t);
  peer.write(Buffer.concat([text('hello'), text('one'), bytes('88 00')]));
  for await (const message of client) {
    assert.equal(message, 'hello');
    break;
  }
  assert.equal(client.isOpen, true);
  const rest: unknown[] = [];
  for await (const message of client) rest.push(message);
  assert.deepEqual(rest, ['one']);
  assert.equal((await client.closed).code, 1005);
});

test('reads nothing more while a message waits, not even a ping', async (t) => {
  const { client, peer } = await connectBare(t);
  const large = text('x'.repeat(1024 * 1024));
  // No system buffers this much for a peer that does not read.
  for (let i = 0; i < 64; i++) peer.write(large);
  peer.write(encodeFrame(opcodes.ping, 'p'));
  let before = -1;
  let looksAlike = 0;
  await eventually(() => {
    const waiting = peer.socket.writableLength;
    looksAlike = waiting === before ? looksAlike + 1 : 0;
    before = waiting;
    return looksAlike === 20;
  });
  assert.ok(before > 16 * large.length, `${before} bytes wait`);
  assert.deepEqual(peer.events, []);
  for (let i = 0; i < 64; i++) assert.equal((await client.readMessage())?.length, 1024 * 1024);
  await peer.saw('pong 70');
});

test('calls onMessage for one message at a time', async (t) => {
  const calls: string[] = [];
  let running = 0;
  const { client, peer } = await connectBare(t, {
    async onMessage(message, from) {
      assert.equal(++running, 1);
      await from.writeMessage(`got ${String(message)}`);
      await new Promise((resolve) => void setImmediate(resolve));
      calls.push(String(message));
      running--;
    },
  });
  peer.write(Buffer.concat([text('one'), text('two'), text('three'), bytes('88 02 03e8')]));
  assert.deepEqual(await client.closed, { code: 1000, reason: '' });
  assert.deepEqual(calls, ['one', 'two', 'three']);
  await assert.rejects(client.readMessage(), { code: 'WS_READ' });
  await assert.rejects(
    async () => {
      for await (const message of client) assert.fail(String(message));
    },
    { code: 'WS_READ' },
  );
});

test('delivers nothing before connectWebSocket settles, even a frame received with the response', async (t) => {
  const server = await serveBare(t, (peer) => {
    peer.write(Buffer.concat([Buffer.from(goodResponse(peer.request)), text('early'), bytes('88 02 03e8')]));
  });
  const calls: unknown[] = [];
  const client = await connectWebSocket(server.url, {
    onMessage: (message) => void calls.push(message),
    onClose: (code) => void calls.push(code),
  });
  assert.deepEqual(calls, []);
  await client.closed;
  assert.deepEqual(calls, ['early', 1000]);
});

test('responds to pings, calls onPing and onPong, and calls onClose once and last', async (t) => {
  const calls: string[] = [];
  const { client, peer } = await connectBare(t, {
    onPing: (data) => void calls.push(`ping ${data.toString()}`),
    onPong: (data) => void calls.push(`pong ${data.toString()}`),
    onClose: (code, reason) => void calls.push(`close ${code} ${reason}`),
  });
  client.ping('ours');
  await peer.saw('ping 6f757273');
  peer.write(Buffer.concat([encodeFrame(opcodes.pong, 'ours'), encodeFrame(opcodes.ping, 'theirs')]));
  await peer.saw('pong 746865697273');
  peer.write(bytes('88 02 03e9'));
  await client.closed;
  assert.deepEqual(calls, ['pong ours', 'ping theirs', 'close 1001 ']);
});

test('reports an error of onMessage to onError and closes with 1011', async (t) => {
  const failure = new Error('no');
  const calls: unknown[] = [];
  const { client, peer } = await connectBare(t, {
    onMessage: () => Promise.reject(failure),
    onError: (error) => void calls.push(error),
  });
  peer.write(text('one'));
  await peer.saw('close 1011');
  peer.write(bytes('88 02 03f3'));
  assert.equal((await client.closed).code, 1011);
  assert.deepEqual(calls, [failure]);
});

test('without onError, warns about an error of onMessage but not about a broken rule of the server', async (t) => {
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  const broken = await connectBare(t);
  broken.peer.write(bytes('83 00'));
  assert.equal((await broken.client.closed).code, 1002);
  const failing = await connectBare(t, {
    onMessage: () => {
      throw new Error('of onMessage');
    },
  });
  failing.peer.write(text('one'));
  await failing.peer.saw('close 1011');
  await eventually(() => warnings.length > 0);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /of onMessage/);
});

for (const [what, hex, code, reason] of [
  ['a masked frame', '81 82 37fa213d 5f93', 1002, /^Frame is masked; a server must not mask\.$/],
  ['a reserved bit', 'c1 02 6869', 1002, /Reserved bits/],
  ['an unknown opcode', '83 00', 1002, /Opcode .* got 3/],
  ['a fragmented ping', '09 00', 1002, /fragmented/],
  ['a length in too many bytes', '81 7e 0002 6869', 1002, /Length 2/],
  ['a continuation of nothing', '80 00', 1002, /has no message to continue/],
  ['a close frame of one byte', '88 01 03', 1002, /1 byte/],
  ['the close code 1005', '88 02 03ed', 1002, /1005/],
  ['text that is not UTF-8', '81 02 c328', 1007, /UTF-8/],
  ['a message over maxMessageBytes', '81 7e 0081', 1009, /maxMessageBytes \(128\)/],
  ['a binary message where text is wanted', '82 00', 1003, /must be text/],
] as const) {
  test(`closes with ${code} after ${what} and reports it to closed, onClose and onError`, async (t) => {
    const calls: unknown[] = [];
    const { client, peer } = await connectBare(t, {
      websocket: { maxMessageBytes: 128, messageTypes: 'text' },
      onClose: (closeCode) => void calls.push(closeCode),
      onError: (error) => void calls.push(error),
    });
    peer.write(bytes(hex));
    const closed = await client.closed;
    assert.equal(closed.code, code);
    assert.match(closed.reason, reason);
    await peer.saw(`close ${closed.code} ${closed.reason}`);
    await eventually(() => peer.ended);
    const [error, closeCode] = calls as [{ closeCode: number }, number];
    assert.deepEqual([error.closeCode, closeCode, calls.length], [code, code, 2]);
    assert.equal(await client.readMessage(), null);
  });
}

test('responds to a close with the same code and lets the server end the connection', async (t) => {
  const { client, peer } = await connectBare(t);
  peer.write(bytes('88 05 0fa1 627965'));
  await peer.saw('close 4001 bye');
  assert.deepEqual(await client.closed, { code: 4001, reason: 'bye' });
  assert.equal(peer.ended, false);
  peer.socket.end();
  await eventually(() => peer.closed);
});

test('reports 1006 after all messages when the server ends without closing', async (t) => {
  const { client, peer } = await connectBare(t);
  peer.write(Buffer.concat([text('one'), text('two')]));
  peer.socket.end();
  assert.deepEqual([await client.readMessage(), await client.readMessage()], ['one', 'two']);
  assert.equal(await client.readMessage(), null);
  assert.equal((await client.closed).code, 1006);
});

test('reports 1006 when the connection is reset', async (t) => {
  const { client, peer } = await connectBare(t);
  const reading = client.readMessage();
  peer.socket.resetAndDestroy();
  assert.equal(await reading, null);
  assert.equal((await client.closed).code, 1006);
});

test('terminate() resets the connection, reports 1006 and sends nothing more', async (t) => {
  const { client, peer } = await connectBare(t);
  client.terminate();
  assert.equal((await client.closed).code, 1006);
  assert.equal(await client.readMessage(), null);
  assert.equal(await client.writeMessage('late'), false);
  client.ping();
  await eventually(() => peer.closed || peer.ended);
  assert.deepEqual(peer.events, []);
});

test('after close(), discards messages, sends nothing and ignores a second close()', async (t) => {
  const { client, peer } = await connectBare(t);
  peer.write(text('waits'));
  const pong = client.readMessage();
  assert.equal(await pong, 'waits');
  const closing = client.close(4002, 'enough');
  assert.equal(client.isOpen, false);
  assert.equal(await client.writeMessage('late'), false);
  assert.equal(client.close(4003), closing);
  await peer.saw('close 4002 enough');
  peer.write(Buffer.concat([text('late'), bytes('88 02 0fa2')]));
  assert.deepEqual(await closing, { code: 4002, reason: 'enough' });
  assert.equal(await client.readMessage(), null);
  assert.deepEqual(peer.events, ['close 4002 enough']);
});

test('a waiting message can be read after close() and does not delay it', async (t) => {
  let pings = 0;
  const { client, peer } = await connectBare(t, { onPing: () => void pings++ });
  const ping = encodeFrame(opcodes.ping, '');
  peer.write(Buffer.concat([ping, text('waits'), text('after'), ping, bytes('88 02 0fa3')]));
  await eventually(() => pings > 0);
  assert.equal((await client.close(4001)).code, 4003);
  assert.deepEqual([await client.readMessage(), await client.readMessage(), pings], ['waits', null, 1]);
});

test('rejects an invalid close code at once and stays open', async (t) => {
  const { client } = await connectBare(t);
  assert.throws(() => client.close(1006), { code: 'WS_CLOSE_CODE' });
  assert.equal(client.isOpen, true);
});

test('writeMessage() settles with true when a message was taken and false if it never will be', async (t) => {
  const { client, peer } = await connectBare(t, { websocket: { maxBufferedBytes: 2 ** 28 } });
  peer.socket.pause();
  const huge = client.writeMessage(Buffer.alloc(64 * 1024 * 1024));
  let left: boolean | undefined;
  const settled = (async () => (left = await huge))();
  await eventually(() => client.bufferedAmount > 0);
  await client.drained(2 ** 28);
  assert.equal(left, undefined);
  client.terminate();
  await settled;
  assert.equal(left, false);
  assert.equal(client.bufferedAmount, 0);
});

test('throws for an object that cannot become JSON and stays open', async (t) => {
  const { client, peer } = await connectBare(t);
  const ring: { self?: unknown } = {};
  ring.self = ring;
  for (const message of [ring, () => 1, { big: 1n }, Promise.resolve(1), new Map()]) {
    assert.throws(() => client.writeMessage(message), { code: 'JSON_VALUE' });
  }
  assert.equal(await client.writeMessage('after'), true);
  await peer.saw('text after');
  assert.deepEqual(peer.events, ['text after']);
});

test('drained() settles when the server has taken everything', async (t) => {
  const { client, peer } = await connectBare(t, { websocket: { maxBufferedBytes: 2 ** 28 } });
  peer.socket.pause();
  const part = Buffer.alloc(1024 * 1024);
  for (let i = 0; i < 31; i++) void client.writeMessage(part);
  const last = client.writeMessage(part);
  await eventually(() => client.bufferedAmount > 0);
  peer.socket.resume();
  await client.drained();
  assert.equal(client.bufferedAmount, 0);
  assert.equal(await last, true);
});

test('detects a silent server by its missing pong', async (t) => {
  const time = new TestTime();
  t.after(() => time.wheel.stop());
  const server = await serveBare(t);
  const options = { websocket: { pingIntervalMs: 20_000, pongTimeoutMs: 5_000 } };
  const client = await connectWebSocketOn(time.wheel, server.url, options);
  const peer = await server.connected(1);
  for (let passed = 0; client.bufferedAmount === 0; passed += 100) {
    assert.ok(passed <= 20_500, `no ping within ${passed} ms`);
    time.pass(100);
  }
  await peer.saw('ping');
  time.pass(4_900);
  assert.equal(client.isOpen, true);
  time.pass(600);
  const { code, reason } = await client.closed;
  assert.deepEqual([code, reason], [1006, 'the peer sent nothing for 5000 ms after a ping']);
});

test('resets the connection after closeTimeoutMs when the server does not respond to a close', async (t) => {
  const time = new TestTime();
  t.after(() => time.wheel.stop());
  const server = await serveBare(t);
  const client = await connectWebSocketOn(time.wheel, server.url, { websocket: { closeTimeoutMs: 1_000 } });
  const peer = await server.connected(1);
  const closing = client.close(3000);
  await peer.saw('close 3000');
  time.pass(1_500);
  assert.equal((await closing).code, 3000);
  await eventually(() => peer.ended || peer.closed);
});

test('reads frames split anywhere', async (t) => {
  const { client, peer } = await connectBare(t, { websocket: { maxMessageBytes: 1024 } });
  const stream = Buffer.concat([
    text('Hällo'),
    bytes('01 03 e4b896'),
    bytes('89 01 70'),
    bytes('00 02 f09f'),
    bytes('80 02 9880'),
    encodeFrame(opcodes.binary, Buffer.alloc(300, 7)),
  ]);
  const written = (async () => {
    for (const byte of stream) {
      await new Promise((resolve) => void peer.socket.write(Buffer.of(byte), resolve));
    }
  })();
  assert.equal(await client.readMessage(), 'Hällo');
  assert.equal(await client.readMessage(), '世😀');
  assert.deepEqual(await client.readMessage(), Buffer.alloc(300, 7));
  await written;
  await peer.saw('pong 70');
});
