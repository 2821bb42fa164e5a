import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { BodyMemory } from './body-memory.ts';
import { HttpConnection } from './connection.ts';
import type { ConnectionHost, RequestListener } from './connection.ts';
import { resolveServerOptions } from './options/server-options.ts';
import { HeadCaches } from './protocol/request-head.ts';
import type { HttpResponse } from './response.ts';
import { HttpServer } from './server.ts';
import { TimerWheel } from './timing/timer-wheel.ts';
import {
  echo,
  eventually,
  plain,
  RawClient,
  requestText,
  serve,
  untilStable,
} from '../../test/support/http/http-server.ts';

test('serves pipelined requests in order, one at a time, however long each takes', async (t) => {
  let running = 0;
  const { connect } = await serve(t, async (request, response) => {
    running++;
    assert.equal(running, 1, 'one at a time');
    const body = await request.body.bytes();
    if (request.target !== '/1') for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    running--;
    response.send(200, plain, `${request.target} ${body}`);
  });
  const client = await connect();
  const text =
    requestText('GET /0') +
    requestText('GET /1') +
    `${requestText('POST /2', 'Content-Length: 3')}abc` +
    `${requestText('POST /3', 'Transfer-Encoding: chunked')}2\r\nde\r\n0\r\n\r\n` +
    requestText('GET /4');
  await client.send(text);
  for (const expected of ['/0 ', '/1 ', '/2 abc', '/3 de', '/4 '])
    assert.equal((await client.readResponse()).body, expected);
  for (const character of text) client.socket.write(character);
  for (const expected of ['/0 ', '/1 ', '/2 abc', '/3 de', '/4 '])
    assert.equal((await client.readResponse()).body, expected);
});

/** A connection without a server, so that the test can read the state of its socket. */
async function connectAlone(t: TestContext, listener: RequestListener): Promise<{ client: RawClient; socket: Socket }> {
  const wheel = new TimerWheel();
  const host: ConnectionHost = {
    listener,
    settings: resolveServerOptions({}),
    log: { debug() {}, info() {}, warn() {}, error() {} },
    access: undefined,
    wheel,
    headCaches: new HeadCaches(),
    bodyMemory: new BodyMemory(100_000_000, { debug() {}, info() {}, warn() {}, error() {} }),
    isClosing: false,
    isFinishing: false,
    idleMs: 0,
    onConnectionClosed() {},
    onUpgraded() {},
    attach() {},
  };
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new RawClient((server.address() as AddressInfo).port);
  t.after(() => {
    client.socket.destroy();
    server.close();
    wheel.stop();
  });
  const [socket] = (await once(server, 'connection')) as [Socket];
  void new HttpConnection(host, socket);
  return { client, socket };
}

test('stops reading while 16 requests wait for their response', async (t) => {
  let waiting: HttpResponse | undefined;
  const { client, socket } = await connectAlone(t, (request, response) => {
    if (request.path === '/0') waiting = response;
    else response.send(200, plain, request.path);
  });
  let sent = 0;
  const send = async (from: number, to: number): Promise<void> => {
    const text = Array.from({ length: to - from }, (_, index) => requestText(`GET /${from + index}`)).join('');
    await client.send(text);
    sent += text.length;
    await eventually(() => socket.bytesRead === sent);
  };
  await send(0, 15);
  assert.equal(socket.isPaused(), false);
  await send(15, 16);
  await eventually(() => socket.isPaused());
  waiting?.send(200, plain, '/0');
  for (let index = 0; index < 16; index++) assert.equal((await client.readResponse()).body, `/${index}`);
  assert.equal(socket.isPaused(), false);
  await send(16, 17);
  assert.equal((await client.readResponse()).body, '/16');
});

test('stops reading after 16 KiB of pipelined bytes, and continues after the response', async (t) => {
  let waiting: HttpResponse | undefined;
  const { client, socket } = await connectAlone(t, (request, response) => {
    if (request.path === '/0') waiting = response;
    else echo(request, response).catch(() => response.destroy());
  });
  const size = 4_000_000;
  await client.send(requestText('GET /0'));
  await eventually(() => waiting !== undefined);
  void client.send(requestText('POST /1', `Content-Length: ${size}`) + 'x'.repeat(size));
  await untilStable(() => socket.bytesRead);
  // The limit, one read of the socket, and the read-ahead of Node.js.
  assert.ok(socket.bytesRead < 256 * 1024, `${socket.bytesRead} bytes`);
  waiting?.send(200, plain, '/0');
  assert.equal((await client.readResponse()).body, '/0');
  assert.equal((await client.readResponse()).body, `POST /1 ${size}`);
});

test('writes the responses to requests of one read together', async (t) => {
  const { connect } = await serve(t, (request, response) => response.send(200, plain, request.target));
  const client = await connect();
  const reads: string[] = [];
  client.socket.on('data', (text: string) => reads.push(text));
  await client.send(Array.from({ length: 16 }, (_, index) => requestText(`GET /${index}`)).join(''));
  for (let index = 0; index < 16; index++) assert.equal((await client.readResponse()).body, `/${index}`);
  assert.equal(reads.length, 1);
});

test('stops serving a client that sends requests and reads no responses', async (t) => {
  let served = 0;
  const body = 'x'.repeat(500_000);
  const { connect } = await serve(t, (_, response) => {
    served++;
    response.send(200, plain, body);
  });
  const client = await connect();
  client.socket.pause();
  // All requests arrive in one read.
  const count = 400;
  void client.send(requestText('GET /').repeat(count));
  // The buffers of the system fill up, then no further request begins.
  await untilStable(() => served);
  assert.ok(served < count / 2, `${served} of ${count} served to a client that reads nothing`);
  client.socket.resume();
  for (let index = 0; index < count; index++) assert.equal((await client.readResponse()).body.length, body.length);
  assert.equal(served, count);
});

test('keeps small responses to a slow client intact while other clients are served', async (t) => {
  let served = 0;
  const { connect } = await serve(t, (request, response) => {
    served++;
    response.send(200, plain, request.path.repeat(2_000));
  });
  const slow = await connect();
  slow.socket.pause();
  const paths = Array.from({ length: 1_000 }, (_, index) => `/slow${index}`);
  // One after the other, so that each response is a separate write.
  for (const path of paths) {
    await slow.send(requestText(`GET ${path}`));
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  }
  assert.ok(served < paths.length, 'the slow client is not served to the end');
  const other = await connect();
  for (let index = 0; index < 20; index++) {
    await other.send(requestText(`GET /other${index}`));
    assert.equal((await other.readResponse()).body, `/other${index}`.repeat(2_000));
  }
  slow.socket.resume();
  for (const path of paths) assert.equal((await slow.readResponse()).body, path.repeat(2_000));
});

test('serves a valid request before it rejects the malformed one after it', async (t) => {
  const { connect } = await serve(t, echo);
  const client = await connect();
  await client.send(`${requestText('GET /good')}BAD\r\n\r\n`);
  assert.equal((await client.readResponse()).body, 'GET /good 0');
  assert.equal((await client.readResponse()).status, 400);
  assert.equal(await client.rest(), '');
});

test('serves the next request when a complete response is destroyed', async (t) => {
  let first: HttpResponse | undefined;
  let second: HttpResponse | undefined;
  const { connect } = await serve(t, (request, response) => {
    if (request.path === '/1') {
      first = response;
      response.send(200, plain, '1');
    } else {
      second = response;
    }
  });
  const client = await connect();
  await client.send(requestText('GET /1') + requestText('GET /2'));
  assert.equal((await client.readResponse()).body, '1');
  await eventually(() => second !== undefined);
  first?.destroy();
  second?.send(200, plain, '2');
  assert.equal((await client.readResponse()).body, '2');
});

test('does not mix responses of many connections', async (t) => {
  const waiting: (() => void)[] = [];
  const { connect } = await serve(t, (request, response) => {
    const body = request.path.repeat(request.path.length * 40);
    const size = Number(request.query);
    if (request.method === 'PUT') {
      // This request completes all waiting ones, some whole and some in parts.
      for (const respond of waiting.splice(0)) respond();
      return response.send(200, plain, body);
    }
    waiting.push(() => {
      if (size % 2 === 0) return response.send(200, plain, body);
      response.start(200, plain);
      void response.write(body.slice(0, size));
      void response.write(Buffer.from(body.slice(size)));
      void response.end();
    });
  });
  const clients = await Promise.all(Array.from({ length: 20 }, connect));
  for (let round = 0; round < 5; round++) {
    const last = clients.length - 1;
    await Promise.all(
      clients
        .slice(0, last)
        .map((client, index) => client.send(requestText(`GET /${'x'.repeat(index)}${index}?${index}`))),
    );
    await eventually(() => waiting.length === last);
    await clients[last]?.send(requestText('PUT /last'));
    for (const [index, client] of clients.entries()) {
      const path = index === last ? '/last' : `/${'x'.repeat(index)}${index}`;
      assert.equal((await client.readResponse()).body, path.repeat(path.length * 40));
    }
  }
});

test('serves other connections between many pipelined requests of one', async (t) => {
  let handled = 0;
  let handledBefore = 0;
  let maxInTurn = 0;
  const server = new HttpServer(async (_request, response) => {
    await Promise.resolve();
    handled++;
    response.send(200, [], '');
  });
  const { port } = await server.listen(0, '127.0.0.1');
  t.after(() => server.close({ graceMs: 0 }));
  const watch = (): void => {
    maxInTurn = Math.max(maxInTurn, handled - handledBefore);
    handledBefore = handled;
    if (handled < 500) setImmediate(watch);
  };
  setImmediate(watch);
  const client = connect(port, '127.0.0.1').resume();
  await once(client, 'connect');
  client.write('GET / HTTP/1.1\r\nHost: gale.test\r\n\r\n'.repeat(500));
  await eventually(() => handled === 500);
  client.destroy();
  assert.ok(maxInTurn <= 40, `${maxInTurn} requests`);
});
