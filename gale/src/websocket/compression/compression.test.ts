/** Compression over real sockets, from the offer to the last byte. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { deflateRawSync, constants } from 'node:zlib';
import { launchChromium } from '../../../../chat/test/support/chromium.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { bytes, clientFrame } from '../../../test/support/websocket/websocket-bytes.ts';
import { connectPeer, upgradeRequest, upgradeRequestOffering } from '../../../test/support/websocket/websocket-peer.ts';
import type { WebSocketPeer } from '../../../test/support/websocket/websocket-peer.ts';
import { serve } from '../../../test/support/websocket/websocket-server.ts';
import type { ServeOptions } from '../../../test/support/websocket/websocket-server.ts';
import { seededRandom, seedOfRun } from '../../../test/support/seeded-random.ts';
import { broadcast } from '../sending.ts';
import { opcodes } from '../protocol/frame.ts';

const mebibyte = 2 ** 20;
const compress = { options: { compress: true } } satisfies ServeOptions;
const keeping = { options: { compress: true, contextTakeover: true } } satisfies ServeOptions;
const echo = {
  options: { compress: true, maxMessageBytes: 2 * mebibyte, maxBufferedBytes: 8 * mebibyte },
  on: {
    onMessage(message) {
      this.connection.send(message);
    },
  },
} satisfies ServeOptions;

/** The same, with context takeover. */
const echoKeeping = { ...echo, options: { ...echo.options, contextTakeover: true } } satisfies ServeOptions;

/** The payload of a message with a dictionary of earlier messages. */
function deflate(message: string | Uint8Array, before = ''): Buffer {
  const dictionary = before === '' ? {} : { dictionary: Buffer.from(before) };
  return deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH, ...dictionary }).subarray(0, -4);
}

/** A message as a client compresses it. */
function compressed(message: string | Uint8Array, before = ''): Buffer {
  const deflated = deflate(message, before);
  return clientFrame(typeof message === 'string' ? opcodes.text : opcodes.binary, deflated, { reserved: 4 });
}

function connectOffering(port: number, extensions = 'permessage-deflate'): Promise<WebSocketPeer> {
  return connectPeer(port, upgradeRequestOffering(extensions));
}

/** The response of the server to an offer; `''` offers nothing. */
async function responseTo(port: number, offer: string): Promise<string | undefined> {
  const peer = await connectPeer(port, offer === '' ? upgradeRequest : upgradeRequestOffering(offer));
  await eventually(() => peer.responseHead.endsWith('\r\n\r\n'));
  peer.socket.destroy();
  return /^Sec-WebSocket-Extensions: (.*)\r$/m.exec(peer.responseHead)?.[1];
}

test('agrees on compression only if it is enabled and offered, with parameters of RFC 7692', async (t) => {
  const on = await serve(t, compress);
  const off = await serve(t);
  const promised = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
  assert.equal(await responseTo(off.port, 'permessage-deflate'), undefined);
  assert.equal(await responseTo(on.port, ''), undefined);
  assert.equal(await responseTo(on.port, 'permessage-deflate; client_max_window_bits'), promised);
  assert.equal(
    await responseTo(
      on.port,
      'permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=9',
    ),
    `${promised}; server_max_window_bits=9`,
  );
  assert.equal(await responseTo(on.port, 'permessage-deflate; unknown'), undefined);
  const narrow = await serve(t, { options: { ...keeping.options, maxWindowBits: 11 } });
  assert.equal(
    await responseTo(narrow.port, 'permessage-deflate; client_max_window_bits'),
    'permessage-deflate; server_max_window_bits=11; client_max_window_bits=11',
  );
});

const ways = [
  {
    how: 'each message by itself',
    options: echo,
    extensions: 'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
  },
  { how: 'with context takeover', options: echoKeeping, extensions: 'permessage-deflate' },
];

for (const { how, options, extensions } of ways) {
  test(`Node's client receives small, large, compressed and plain messages in order, ${how}`, async (t) => {
    const server = await serve(t, options);
    const client = new WebSocket(server.url);
    client.binaryType = 'arraybuffer';
    const received: unknown[] = [];
    client.addEventListener('message', ({ data }) => received.push(data));
    await once(client, 'open');
    assert.equal(client.extensions, extensions);
    const again = '世界😀'.repeat(1000);
    const messages = ['', 'Hello', again, 'x'.repeat(mebibyte), 'small', again, 'äß'.repeat(50_000)];
    for (const message of messages) client.send(message);
    client.send(new Uint8Array(100_000).fill(7));
    await eventually(() => received.length === messages.length + 1);
    assert.deepEqual(received.slice(0, -1), messages);
    assert.deepEqual(new Uint8Array(received.at(-1) as ArrayBuffer), new Uint8Array(100_000).fill(7));
    client.close(3000, 'bye');
    await once(client, 'close');
    assert.equal(server.served[0]!.lines.at(-1), 'close 3000 bye');
  });

  test(`Chromium receives every message back, equal and in order, ${how}`, async (t) => {
    const server = await serve(t, options);
    const browser = await launchChromium();
    t.after(() => browser.close());
    const page = await browser.newPage();
    const result = await page.evaluate(async (url) => {
      const socket = new WebSocket(url);
      socket.binaryType = 'arraybuffer';
      await new Promise((resolve, reject) => {
        socket.addEventListener('open', resolve);
        socket.addEventListener('error', reject);
      });
      const random = Array.from(crypto.getRandomValues(new Uint8Array(60_000)), (byte) => byte.toString(16)).join('');
      const sent = [
        '',
        'Hello',
        '世界😀'.repeat(5000),
        random,
        'x'.repeat(1_000_000),
        random,
        'Hello',
        random.slice(7, 5000),
      ];
      const wrong: number[] = [];
      let count = 0;
      const all = new Promise<void>((resolve) => {
        socket.addEventListener('message', ({ data }) => {
          if (data !== sent[count]) wrong.push(count);
          if (++count === sent.length) resolve();
        });
      });
      for (const message of sent) socket.send(message);
      await all;
      socket.close(1000);
      return { extensions: socket.extensions, count, wrong };
    }, server.url);
    assert.equal(result.extensions.split('; client_max_window_bits')[0], extensions);
    assert.deepEqual([result.count, result.wrong], [8, []]);
    await (await server.connected(1)).noted('close 1000');
  });
}

test('returns random messages of all sizes, compressed or not, equal and in order', async (t) => {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const server = await serve(t, echo);
  const peer = await connectOffering(server.port, 'permessage-deflate; server_max_window_bits=10');
  const expected: string[] = [];
  for (let i = 0; i < 120; i++) {
    const piece = Math.floor(random() * 2 ** 32).toString(36) + '世';
    const message = piece.repeat(Math.floor(2 ** (random() * 14)));
    expected.push(`text ${message}`);
    peer.write(random() < 0.7 ? compressed(message) : clientFrame(opcodes.text, message));
  }
  await eventually(() => peer.events.length === expected.length);
  for (const [index, line] of expected.entries()) assert.ok(peer.events[index] === line, `message ${index}`);
  assert.ok(peer.compressed.length > 20, `${peer.compressed.length} came compressed`);
});

test('inflates a large message in the thread pool, delays those after it and runs one handler at a time', async (t) => {
  let running = 0;
  let most = 0;
  const server = await serve(t, {
    options: { compress: true, maxMessageBytes: 2 * mebibyte },
    on: {
      async onMessage() {
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running--;
      },
    },
  });
  const peer = await connectOffering(server.port);
  const large = 'large'.repeat(200_000);
  const sent = [large, 'one', large, large, 'two', 'three'];
  peer.write(Buffer.concat(sent.map((message) => compressed(message))));
  const served = await server.connected(1);
  await served.noted('message three');
  assert.deepEqual(
    served.lines.slice(1).map((line) => line.slice(8)),
    sent,
  );
  assert.equal(most, 1);
});

const refused: { name: string; frames: Buffer; code: number; error: string }[] = [
  {
    name: 'broken deflate data',
    frames: clientFrame(opcodes.text, bytes('ffff'), { reserved: 4 }),
    code: 1007,
    error: 'WS_DEFLATE',
  },
  {
    name: 'broken deflate data of a size for the thread pool',
    frames: clientFrame(opcodes.binary, Buffer.alloc(100_000, 0xff), { reserved: 4 }),
    code: 1007,
    error: 'WS_DEFLATE',
  },
  {
    name: 'a compressed text that is not UTF-8',
    frames: asText(compressed(bytes('41 eda080'))),
    code: 1007,
    error: 'WS_UTF8',
  },
  {
    name: 'a large compressed text that is not UTF-8',
    frames: asText(compressed(Buffer.concat([Buffer.alloc(300_000, 'a'), bytes('e4b8')]))),
    code: 1007,
    error: 'WS_UTF8',
  },
  { name: 'a zip bomb', frames: compressed(Buffer.alloc(64 * mebibyte)), code: 1009, error: 'WS_MESSAGE_TOO_BIG' },
  {
    name: 'one byte too many',
    frames: compressed(Buffer.alloc(mebibyte + 1)),
    code: 1009,
    error: 'WS_MESSAGE_TOO_BIG',
  },
  {
    name: 'RSV1 on a ping',
    frames: clientFrame(opcodes.ping, '', { reserved: 4 }),
    code: 1002,
    error: 'WS_RESERVED_BITS',
  },
  {
    name: 'RSV1 on a continuation',
    frames: Buffer.concat([
      clientFrame(opcodes.text, '', { reserved: 4, final: false }),
      clientFrame(opcodes.continuation, '', { reserved: 4 }),
    ]),
    code: 1002,
    error: 'WS_RESERVED_BITS',
  },
];

/** The same frame with opcode text. */
function asText(frame: Buffer): Buffer {
  frame[0] = 0xc1;
  return frame;
}

for (const { name, frames, code, error } of refused) {
  test(`closes with ${code} after ${name}, delivers earlier messages only and calls onClose once`, async (t) => {
    const server = await serve(t, compress);
    const peer = await connectOffering(server.port);
    peer.write(Buffer.concat([compressed('before'), frames, compressed('after'), clientFrame(opcodes.ping, 'after')]));
    await peer.saw(new RegExp(`^close ${code} `));
    peer.socket.end();
    const served = await server.connected(1);
    await served.noted(new RegExp(`^close ${code} `));
    assert.deepEqual(
      served.lines.map((line) => line.replace(/^(close \d+).*/, '$1')),
      ['open', 'message before', `error ${error}`, `close ${code}`],
    );
    assert.deepEqual(
      peer.events.filter((line) => line.startsWith('pong')),
      [],
    );
  });
}

test('closes with 1002 after RSV1 without an agreement, with compression enabled', async (t) => {
  const server = await serve(t, compress);
  const peer = await connectPeer(server.port);
  peer.write(compressed('Hello'));
  await peer.saw(/^close 1002 /);
});

test('close() while a message is being inflated delivers nothing more and completes', async (t) => {
  const server = await serve(t, compress);
  const peer = await connectOffering(server.port);
  const served = await server.connected(1);
  peer.write(compressed(Buffer.alloc(mebibyte)));
  await once(served.socket, 'data');
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

test('sends a broadcast compressed or plain as each peer agreed, in the same order', async (t) => {
  const server = await serve(t, compress);
  const peers = [
    await connectOffering(server.port),
    await connectOffering(server.port, 'permessage-deflate; server_max_window_bits=9'),
    await connectPeer(server.port),
    await connectOffering(server.port),
  ];
  await server.connected(4);
  const connections = server.served.map(({ connection }) => connection);
  const sent = ['one', 'x'.repeat(2000), 'y'.repeat(100_000), 'two', 'z'.repeat(5000)];
  for (const message of sent) broadcast(connections, message);
  for (const peer of peers) await eventually(() => peer.events.length === sent.length);
  for (const peer of peers)
    assert.deepEqual(
      peer.events,
      sent.map((message) => `text ${message}`),
    );
  assert.deepEqual(
    peers.map((peer) => peer.compressed.length),
    [3, 3, 0, 3],
  );
  assert.deepEqual(peers[0]!.compressed, peers[3]!.compressed);
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

test('with context takeover the second of two equal messages is tiny, both ways', async (t) => {
  const server = await serve(t, keeping);
  const peer = await connectOffering(server.port);
  const served = await server.connected(1);
  const text = crypto.getRandomValues(Buffer.alloc(3000)).toString('base64');
  for (let i = 0; i < 3; i++) served.connection.send(text);
  await eventually(() => peer.events.length === 3);
  assert.deepEqual(peer.events, [`text ${text}`, `text ${text}`, `text ${text}`]);
  const [first, second, third] = peer.compressed.map(({ length }) => length);
  assert.ok(first! > 2900 && second! < 100 && third! < 100, `${first}, ${second}, ${third}`);

  const again = compressed(text, text);
  assert.ok(again.length < 100);
  peer.write(Buffer.concat([compressed(text), again, again]));
  await eventually(() => served.lines.length === 4);
  assert.deepEqual(served.lines, ['open', `message ${text}`, `message ${text}`, `message ${text}`]);
});

test('a client may refer to its compressed messages, fragmented ones too, but not to plain ones', async (t) => {
  const server = await serve(t, keeping);
  const peer = await connectOffering(server.port);
  const served = await server.connected(1);
  const [one, two] = ['first of all, and in parts', 'second'];
  const parts = deflate(one);
  peer.write(
    Buffer.concat([
      clientFrame(opcodes.text, parts.subarray(0, 5), { reserved: 4, final: false }),
      clientFrame(opcodes.ping, 'no part of it'),
      clientFrame(opcodes.continuation, parts.subarray(5)),
      clientFrame(opcodes.text, 'sent as it is, so not in the window'),
      compressed(two, one),
      compressed(one + two, one + two),
    ]),
  );
  await served.noted(`message ${one}${two}`);
  assert.deepEqual(served.lines.slice(1), [
    'ping no part of it',
    `message ${one}`,
    'message sent as it is, so not in the window',
    `message ${two}`,
    `message ${one}${two}`,
  ]);
});

test('closes with 1007 after a reference to an earlier message without context takeover', async (t) => {
  const server = await serve(t, keeping);
  const peer = await connectOffering(server.port, 'permessage-deflate; client_no_context_takeover');
  const text = 'the same once more';
  peer.write(Buffer.concat([compressed(text), compressed(text, text)]));
  await peer.saw(/^close 1007 /);
  assert.deepEqual((await server.connected(1)).lines.slice(0, 3), ['open', `message ${text}`, 'error WS_DEFLATE']);
});

test('closes with 1009 after a zip bomb that refers to earlier messages', async (t) => {
  const server = await serve(t, keeping);
  const peer = await connectOffering(server.port);
  const zeros = '\0'.repeat(32_768);
  peer.write(Buffer.concat([compressed(zeros), compressed(Buffer.alloc(64 * mebibyte), zeros), compressed('after')]));
  await peer.saw(/^close 1009 /);
  const { lines } = await server.connected(1);
  assert.deepEqual(
    lines.map((line) => line.slice(0, 10)),
    ['open', 'message \0\0', 'error WS_M', 'close 1009'],
  );
});

test('with whenBufferFull drop, no later message refers to an omitted one', async (t) => {
  const server = await serve(t, { options: { ...keeping.options, maxBufferedBytes: 100_000, whenBufferFull: 'drop' } });
  const peer = await connectOffering(server.port);
  const { connection } = await server.connected(1);
  peer.socket.pause();
  const texts = Array.from({ length: 2000 }, () => crypto.getRandomValues(Buffer.alloc(9000)).toString('base64'));
  const taken = texts.filter((text) => connection.send(text));
  assert.ok(taken.length < texts.length, 'some were left out');
  peer.socket.resume();
  await connection.drained();
  for (const text of texts.slice(-3)) {
    assert.ok(connection.send(text));
    await connection.drained();
  }
  const expected = [...taken, ...texts.slice(-3)];
  await eventually(() => peer.events.length === expected.length);
  assert.ok(expected.every((text, index) => peer.events[index] === `text ${text}`));
  assert.equal(connection.isOpen, true);
});

test('thousands of tiny compressed messages in one read do not block other connections', async (t) => {
  const count = 5000;
  let inThisTurn = 0;
  let most = 0;
  let delivered = 0;
  const server = await serve(t, {
    ...compress,
    on: {
      onMessage() {
        delivered++;
        if (inThisTurn++ === 0) setImmediate(() => (inThisTurn = 0));
        most = Math.max(most, inThisTurn);
      },
    },
  });
  const peer = await connectOffering(server.port);
  await eventually(() => peer.responseHead.endsWith('\r\n\r\n'));
  peer.write(Buffer.concat(Array.from({ length: count }, () => compressed('x'))));
  await eventually(() => delivered === count);
  assert.ok(most <= 50, `${most} messages in one turn`);
  peer.socket.destroy();
});

test('sends a first message larger than maxBufferedBytes after the handshake response', async (t) => {
  const server = await serve(t, {
    options: { compress: true, maxBufferedBytes: 100_000 },
    on: { onOpen: (connection) => void connection.send('x'.repeat(200_000)) },
  });
  const peer = await connectOffering(server.port);
  await peer.saw(`text ${'x'.repeat(200_000)}`);
  assert.match(peer.responseHead, /^HTTP\/1\.1 101 /);
  peer.socket.destroy();
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
  await once(served.socket, 'data');
  served.connection.close(4001, 'enough');
  await peer.saw('close 4001 enough');
  peer.close(4001);
  await served.noted(/^close/);
  await eventually(() => peer.ended);
  assert.deepEqual(served.lines, ['open', 'close 4001 enough']);
  peer.socket.end();
});
