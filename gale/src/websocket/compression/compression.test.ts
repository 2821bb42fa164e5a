/** Compression over real sockets: the agreement, and messages that arrive equal and in order. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { launchChromium } from '../../../../chat/test/support/chromium.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { compressed, connectOffering } from '../../../test/support/websocket/compressed-frames.ts';
import { clientFrame } from '../../../test/support/websocket/websocket-bytes.ts';
import { connectPeer, upgradeRequest, upgradeRequestOffering } from '../../../test/support/websocket/websocket-peer.ts';
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
