/** Connections in memory, compared with sockets where they must not differ. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RequestListener } from '../http/connection.ts';
import type { HttpServerOptions } from '../http/options/server-options.ts';
import { HttpServer } from '../http/server.ts';
import { TimerWheel } from '../http/timing/timer-wheel.ts';
import { TestLog } from './test-log.ts';
import { MemoryTransport } from './memory-transport.ts';

const plain = [['Content-Type', 'text/plain']] as const;

interface Served {
  readonly server: HttpServer;
  /** Sends a request whose head is given as text. */
  send(head: string, body?: Uint8Array | AsyncIterable<Uint8Array>): Promise<Response>;
}

function serve(t: TestContext, listener: RequestListener, options: HttpServerOptions = {}): Served {
  const server = new HttpServer(listener, { log: new TestLog('silent'), ...options });
  const transport = new MemoryTransport(server);
  t.after(() => server.close({ graceMs: 0 }));
  return {
    server,
    send: (head, body) => {
      const method = /^\S*/.exec(head)?.[0] ?? '';
      return transport.send('http', { method, head: `${head}\r\n\r\n`, body, expectsContinue: false }, undefined);
    },
  };
}

/** Sends `text` over a socket and reads until the server closes. */
async function exchangeOverSocket(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.setEncoding('latin1').on('data', (data: string) => (received += data));
  socket.on('error', () => {});
  socket.write(text, 'latin1');
  await once(socket, 'close');
  return received;
}

test('malformed requests get the responses that they get over a socket', async (t) => {
  const { server, send } = serve(t, (request, response) => response.send(200, plain, request.path), {
    maxRequestLineBytes: 100,
    maxHeadBytes: 300,
    maxHeaderCount: 3,
  });
  const { port } = await server.listen(0, '127.0.0.1');
  for (const [head, status] of [
    ['GET', 400],
    ['GET / HTTP/1.1', 400],
    ['GET / HTTP/1.1\r\nHost: a b', 400],
    ['GET / HTTP/1.1\r\nHost: a\r\nHost: b', 400],
    ['GET / HTTP/2.0\r\nHost: a', 505],
    ['GET /\u0001 HTTP/1.1\r\nHost: a', 400],
    [`GET /${'x'.repeat(200)} HTTP/1.1\r\nHost: a`, 414],
    [`GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'x'.repeat(300)}`, 431],
    ['GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3', 431],
    ['GET / HTTP/1.1\r\nHost: a\r\nX : 1', 400],
    ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x', 400],
    ['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip', 501],
  ] as const) {
    const response = await send(head);
    const received = await exchangeOverSocket(port, `${head}\r\n\r\n`);
    const [fields = '', body = ''] = received.split('\r\n\r\n');
    assert.equal(response.status, status, head);
    assert.equal(fields.split('\r\n')[0], `HTTP/1.1 ${response.status} ${response.statusText}`, head);
    assert.equal(await response.text(), body, head);
  }
});

test('a connection is used again, unless a response closes it', async (t) => {
  let count = 0;
  const { server, send } = serve(t, (request, response) => {
    count++;
    const close = request.path === '/close' ? [['Connection', 'close'] as const] : [];
    response.send(200, [...plain, ...close], String(count));
  });
  for (let request = 1; request <= 5; request++) {
    assert.equal(await (await send('GET / HTTP/1.1\r\nHost: a')).text(), String(request));
    await nextTurn();
    assert.equal(server.connectionCount, 1);
  }
  assert.equal(await (await send('GET /close HTTP/1.1\r\nHost: a')).text(), '6');
  while (server.connectionCount > 0) await nextTurn();
  const old = await send('GET / HTTP/1.0');
  assert.deepEqual([old.status, await old.text()], [200, '7']);
});

test('a body without a length ends with its connection', async (t) => {
  const { send } = serve(t, async (request, response) => {
    response.start(200, plain);
    for (const part of ['one ', 'two ', 'three']) await response.write(part);
    if (request.path === '/whole') await response.end();
    else response.destroy();
  });
  assert.equal(await (await send('GET /whole HTTP/1.0')).text(), 'one two three');
  const broken = send('GET /broken HTTP/1.0');
  await assert.rejects(
    broken.then((response) => response.text()),
    { code: 'TEST_RESPONSE' },
  );
});

test('a response that is not read holds up its handler', async (t) => {
  let written = 0;
  const ended = Promise.withResolvers<void>();
  const { send } = serve(t, async (_request, response) => {
    response.start(200, plain);
    for (; written < 100; written++) await response.write(Buffer.alloc(16 * 1024));
    await response.end();
    ended.resolve();
  });
  const response = await send('GET / HTTP/1.1\r\nHost: a');
  for (let before = -1; before !== written;) {
    before = written;
    for (let turn = 0; turn < 20; turn++) await nextTurn();
  }
  assert.ok(written < 20, `${written} parts of 16 KiB were written`);
  assert.equal((await response.arrayBuffer()).byteLength, 100 * 16 * 1024);
  await ended.promise;
});

test('a body that is not read holds up the client', async (t) => {
  let sent = 0;
  async function* parts(): AsyncGenerator<Uint8Array> {
    for (; sent < 100; sent++) yield Buffer.alloc(16 * 1024);
  }
  const read = Promise.withResolvers<void>();
  const { send } = serve(t, async (request, response) => {
    await read.promise;
    response.send(200, plain, String((await request.body.bytes()).length));
  });
  const response = send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked', parts());
  for (let before = -1; before !== sent;) {
    before = sent;
    for (let turn = 0; turn < 20; turn++) await nextTurn();
  }
  assert.ok(sent < 20, `${sent} parts of 16 KiB were sent`);
  read.resolve();
  assert.equal(await (await response).text(), String(100 * 16 * 1024));
});

test('a connection that the server closes while it is idle is not used again', async (t) => {
  let now = 0;
  const wheel = new TimerWheel({ tickMs: 1_000, now: () => now });
  t.after(() => wheel.stop());
  const { server, send } = serve(t, (_request, response) => response.send(200, plain, 'x'), { wheel });
  await (await send('GET / HTTP/1.1\r\nHost: a')).text();
  await nextTurn();
  assert.equal(server.connectionCount, 1);
  now += 80_000;
  wheel.advance();
  while (server.connectionCount > 0) await nextTurn();
  assert.equal(await (await send('GET / HTTP/1.1\r\nHost: a')).text(), 'x');
});

test('a request on a closed server rejects', async (t) => {
  const { server, send } = serve(t, () => {});
  const open = send('GET / HTTP/1.1\r\nHost: a');
  await Promise.all([
    assert.rejects(open, { code: 'TEST_RESPONSE', message: /without a response to GET \/; its log/ }),
    server.close({ graceMs: 0 }),
  ]);
  await assert.rejects(send('GET / HTTP/1.1\r\nHost: a'), { code: 'TEST_RESPONSE' });
});
