/** The clients of `ws` and of Node.js with a server of Gale. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { WebSocket as WsClient } from 'ws';
import { eventually } from './support/eventually.ts';
import { serve } from './support/websocket/websocket-server.ts';
import type { ServeOptions } from './support/websocket/websocket-server.ts';

/** The close event of a client. */
interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** The common interface of both clients. */
interface Client {
  readonly protocol: string;
  /** Received messages, in order. */
  readonly received: readonly (string | Buffer)[];
  readonly closed: Promise<Closed>;
  send(message: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
}

type Connect = (t: TestContext, url: string, protocols?: string[]) => Promise<Client>;

async function connectNode(t: TestContext, url: string, protocols: string[] = []): Promise<Client> {
  const socket = new WebSocket(url, protocols);
  socket.binaryType = 'arraybuffer';
  t.after(() => socket.close());
  const received: (string | Buffer)[] = [];
  socket.addEventListener('message', ({ data }) => {
    received.push(typeof data === 'string' ? data : Buffer.from(data as ArrayBuffer));
  });
  const closed = new Promise<Closed>((resolve) => {
    socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }));
  });
  await once(socket, 'open');
  return {
    protocol: socket.protocol,
    received,
    closed,
    send: (message) => socket.send(message as string | Uint8Array<ArrayBuffer>),
    close: (code, reason) => socket.close(code, reason),
  };
}

/** The client of `ws`, and its socket for functions that only `ws` has. */
async function connectWs(
  t: TestContext,
  url: string,
  protocols: string[] = [],
): Promise<Client & { socket: WsClient }> {
  const socket = new WsClient(url, protocols, { perMessageDeflate: false });
  t.after(() => socket.terminate());
  const received: (string | Buffer)[] = [];
  socket.on('message', (data, isBinary) => received.push(isBinary ? (data as Buffer) : data.toString()));
  const closed = new Promise<Closed>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await once(socket, 'open');
  return {
    socket,
    protocol: socket.protocol,
    received,
    closed,
    send: (message) => socket.send(message),
    close: (code, reason) => socket.close(code, reason),
  };
}

const clients: Readonly<Record<string, Connect>> = { ws: connectWs, 'Node.js': connectNode };

const echo: ServeOptions = {
  options: { maxBufferedBytes: 16 * 2 ** 20 },
  on: {
    onMessage(message) {
      this.connection.send(message);
    },
  },
};

/** The same kind and content; a failure does not print megabytes. */
function assertSame(received: string | Buffer | undefined, sent: string | Buffer): void {
  const isSame = typeof sent === 'string' ? received === sent : Buffer.isBuffer(received) && received.equals(sent);
  assert.ok(isSame, `${sent.slice(0, 30).toString()} … came as ${received?.slice(0, 30).toString()} …`);
}

for (const [name, connect] of Object.entries(clients)) {
  test(`${name}: receives messages of all boundary lengths up to 1 MiB back unchanged`, async (t) => {
    const server = await serve(t, echo);
    const client = await connect(t, server.url);
    const sent: (string | Buffer)[] = ['世界😀', '\0'];
    for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 2 ** 20]) {
      sent.push('x'.repeat(length), Buffer.alloc(length, 'ab世😀'));
    }
    for (const message of sent) client.send(message);
    await eventually(() => client.received.length === sent.length);
    for (const [index, message] of sent.entries()) assertSame(client.received[index], message);
  });

  test(`${name}: exchanges ten thousand messages in order`, async (t) => {
    const server = await serve(t, echo);
    const client = await connect(t, server.url);
    const sent = Array.from({ length: 10_000 }, (_, index) =>
      index % 3 === 0 ? Buffer.from(`binary ${index}`) : `text ${index} ${'x'.repeat(index % 200)}`,
    );
    for (const message of sent) client.send(message);
    await eventually(() => client.received.length === sent.length);
    for (const [index, message] of sent.entries()) assertSame(client.received[index], message);
    const lines = sent.map((message) =>
      typeof message === 'string' ? `message ${message}` : `binary ${message.toString('hex')}`,
    );
    assert.deepEqual(server.served[0]!.lines, ['open', ...lines]);
  });

  test(`${name}: reports and returns close code and reason of the client`, async (t) => {
    const server = await serve(t);
    const reason = '再见'.repeat(20);
    for (const [index, code] of [1000, 3000, 3999, 4000, 4999].entries()) {
      const client = await connect(t, server.url);
      client.close(code, reason);
      assert.deepEqual(await client.closed, { code, reason });
      assert.deepEqual((await server.connected(index + 1)).lines, ['open', `close ${code} ${reason}`]);
    }
    const silent = await connect(t, server.url);
    silent.close();
    assert.equal((await silent.closed).code, 1005);
    await (await server.connected(6)).noted('close 1005');
  });

  test(`${name}: reports and returns close code and reason of the server`, async (t) => {
    const server = await serve(t);
    const codes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999];
    for (const [index, code] of codes.entries()) {
      const client = await connect(t, server.url);
      const served = await server.connected(index + 1);
      served.connection.send('the last');
      served.connection.close(code, 'because 世');
      assert.deepEqual(await client.closed, { code, reason: 'because 世' });
      assert.deepEqual(client.received, ['the last']);
      await served.noted(`close ${code} because 世`);
    }
  });

  test(`${name}: reports 1006 on both ends when the server terminates`, async (t) => {
    const server = await serve(t);
    const client = await connect(t, server.url);
    const served = await server.connected(1);
    served.connection.terminate();
    assert.deepEqual(await client.closed, { code: 1006, reason: '' });
    await served.noted(/^close 1006/);
    assert.equal(served.lines.length, 2);
  });

  test(`${name}: agrees on an offered subprotocol`, async (t) => {
    const server = await serve(t, { choose: (offered) => offered.find((one) => one.startsWith('chat')) });
    assert.equal((await connect(t, server.url, ['soap', 'chat.v2', 'chat.v1'])).protocol, 'chat.v2');
  });

  test(`${name}: closes with 1009 after a message over the limit`, async (t) => {
    const server = await serve(t, { options: { maxMessageBytes: 1000 } });
    const client = await connect(t, server.url);
    client.send('x'.repeat(1001));
    assert.equal((await client.closed).code, 1009);
    assert.deepEqual((await server.connected(1)).lines.slice(0, 2), ['open', 'error WS_MESSAGE_TOO_BIG']);
  });

  test(`${name}: closes with 1001 on server shutdown`, async (t) => {
    const server = await serve(t);
    const client = await connect(t, server.url);
    await server.connected(1);
    await server.close(10_000);
    assert.deepEqual(await client.closed, { code: 1001, reason: 'the server stops' });
  });
}

test('Node.js: fails without a subprotocol that it offered', async (t) => {
  const server = await serve(t);
  const socket = new WebSocket(server.url, ['chat']);
  const error = once(socket, 'error');
  const [closed] = (await once(socket, 'close')) as [CloseEvent];
  assert.equal(closed.code, 1006);
  await error;
});

test('ws: joins fragments and responds to pings between them at once', async (t) => {
  const server = await serve(t, echo);
  const { socket, received } = await connectWs(t, server.url);
  const pongs: string[] = [];
  socket.on('pong', (data) => pongs.push(data.toString()));
  const text = '世界😀 '.repeat(100);
  const bytes = Buffer.from(text);
  // Fragments of 7 bytes split characters.
  for (let from = 0; from < bytes.length; from += 7) {
    socket.send(bytes.subarray(from, from + 7), { binary: false, fin: from + 7 >= bytes.length });
    if (from === 70) socket.ping('inside');
  }
  socket.send('', { fin: false });
  socket.send('', { fin: true });
  socket.send(Buffer.alloc(500_000, 1), { fin: false });
  socket.send(Buffer.alloc(500_000, 2), { fin: true });
  await eventually(() => received.length === 3);
  const joined = Buffer.concat([Buffer.alloc(500_000, 1), Buffer.alloc(500_000, 2)]);
  for (const [index, message] of [text, '', joined].entries()) assertSame(received[index], message);
  assert.deepEqual(pongs, ['inside']);
  assert.equal(server.served[0]!.lines[1], 'ping inside');
});

test('ws: keeps a byte order mark in a text, both ways', async (t) => {
  const server = await serve(t, echo);
  const { received, send } = await connectWs(t, server.url);
  send('\uFEFFmarked');
  await eventually(() => received.length === 1);
  assert.deepEqual(received, ['\uFEFFmarked']);
  assert.equal(server.served[0]!.lines[1], 'message \uFEFFmarked');
});

test('ws: sends pings and pongs with data both ways', async (t) => {
  const server = await serve(t);
  const { socket } = await connectWs(t, server.url);
  const events: string[] = [];
  socket.on('ping', (data) => events.push(`ping ${data.toString()}`));
  socket.on('pong', (data) => events.push(`pong ${data.toString()}`));
  const served = await server.connected(1);
  const longest = 'x'.repeat(125);
  for (const data of ['one', longest]) {
    socket.ping(data);
    await eventually(() => events.at(-1) === `pong ${data}`);
    served.connection.ping(data);
    await served.noted(`pong ${data}`);
  }
  socket.pong('not asked for');
  await served.noted('pong not asked for');
  assert.deepEqual(events, ['pong one', 'ping one', `pong ${longest}`, `ping ${longest}`]);
  assert.deepEqual(served.lines, [
    'open',
    'ping one',
    'pong one',
    `ping ${longest}`,
    `pong ${longest}`,
    'pong not asked for',
  ]);
});

test('Node.js: responds to pings with their data', async (t) => {
  const server = await serve(t);
  await connectNode(t, server.url);
  const served = await server.connected(1);
  served.connection.ping('世');
  await served.noted('pong 世');
});

test('ws: closes with 1002 when the client breaks a rule', async (t) => {
  const server = await serve(t);
  const client = await connectWs(t, server.url);
  client.socket.send('not masked', { mask: false });
  assert.equal((await client.closed).code, 1002);
  assert.deepEqual((await server.connected(1)).lines.slice(0, 2), ['open', 'error WS_MASK']);
});

test('ws: reports 1006 when the client terminates', async (t) => {
  const server = await serve(t);
  const { socket } = await connectWs(t, server.url);
  const served = await server.connected(1);
  socket.terminate();
  await served.noted(/^close 1006/);
});
