import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GaleError } from '../src/errors.ts';
import type { HttpRequest } from '../src/http/request.ts';
import type { HttpResponse } from '../src/http/response.ts';
import type { HttpServerOptions } from '../src/http/options/server-options.ts';
import { requestText, serve, untilStable } from './support/http/http-server.ts';
import type { RawClient } from './support/http/http-server.ts';
import { eventually } from './support/eventually.ts';
import { memoryInUse } from './support/processes/memory-in-use.ts';
import { SlowReader } from './support/websocket/slow-reader.ts';
import { TestTime } from './support/websocket/websocket-server.ts';

const clientCount = 200;
const stepMs = 500;
const partBytes = 64 * 1024;
const plain = [['Content-Type', 'text/plain']] as const;

const post = requestText('POST /', 'Content-Length: 1000000');
const chunked = requestText('POST /', 'Transfer-Encoding: chunked');

/** Clients that send too slowly, and the response they get. */
interface SlowSender {
  readonly title: string;
  readonly options: HttpServerOptions;
  /** Text that each client sends first, and every half second after that. */
  readonly begin: string;
  readonly more: string;
  /** Time from the first byte of a client to its response. */
  readonly limitMs: number;
  readonly body: RegExp;
}

const slowSenders: readonly SlowSender[] = [
  {
    title: 'a head that arrives byte by byte',
    options: { headTimeoutMs: 6_000 },
    begin: 'G',
    more: 'E',
    limitMs: 6_000,
    body: /^The request head took more than 6000 ms/,
  },
  {
    title: 'a head that never ends',
    options: { headTimeoutMs: 6_000 },
    begin: 'GET / HTTP/1.1\r\nHost: test\r\n',
    more: 'X-A: b\r\n',
    limitMs: 6_000,
    body: /^The request head took more than 6000 ms/,
  },
  {
    title: 'a body that stops',
    options: { bodyTimeoutMs: 4_000 },
    begin: `${post}xxxx`,
    more: '',
    limitMs: 4_000,
    body: /4000 ms/,
  },
  {
    title: 'a body that never begins',
    options: { bodyTimeoutMs: 4_000 },
    begin: post,
    more: '',
    limitMs: 4_000,
    body: /4000 ms/,
  },
  {
    title: 'a body below the minimum rate',
    options: { minBodyBytesPerSecond: 240, bodyRateGraceMs: 5_000 },
    begin: post,
    more: 'x'.repeat(100),
    limitMs: 5_000,
    body: /\b240\b/,
  },
  {
    title: 'a chunked body below the minimum rate',
    options: { minBodyBytesPerSecond: 240, bodyRateGraceMs: 5_000 },
    begin: chunked,
    more: '1\r\nx\r\n',
    limitMs: 5_000,
    body: /\b240\b/,
  },
  {
    title: 'a chunk line that never ends, however fast it arrives',
    options: { minBodyBytesPerSecond: 240, bodyRateGraceMs: 5_000 },
    begin: `${chunked}1;`,
    more: 'x'.repeat(500),
    limitMs: 5_000,
    body: /\b240\b/,
  },
  {
    title: 'a body below the minimum rate without grace',
    options: { minBodyBytesPerSecond: 240, bodyRateGraceMs: 0 },
    begin: `${post}${'x'.repeat(1_000)}`,
    more: 'x'.repeat(20),
    limitMs: 4_500,
    body: /\b240\b/,
  },
  {
    title: 'a request that never ends, however steadily it arrives',
    options: { requestTimeoutMs: 10_000 },
    begin: post,
    more: 'x'.repeat(200),
    limitMs: 10_000,
    body: /\b10000 ms/,
  },
];

/** Responds with the length of the body. */
async function respondLength(request: HttpRequest, response: HttpResponse): Promise<void> {
  const body = await request.body.bytes();
  response.send(200, plain, String(body.length));
}

/** Sends a request of a fast client and reads the response. The server has then also received all bytes that others sent before. */
async function ask(client: RawClient): Promise<void> {
  await client.send(requestText('POST /', 'Content-Length: 3') + 'abc');
  const { status, body } = await client.readResponse();
  assert.deepEqual([status, body], [200, '3']);
}

for (const { title, options, begin, more, limitMs, body: expected } of slowSenders) {
  test(`responds 408 to ${clientCount} clients that send ${title}, while it serves others`, async (t) => {
    const time = new TestTime();
    t.after(() => time.wheel.stop());
    time.pass(stepMs);
    const { server, connect } = await serve(t, respondLength, { ...options, wheel: time.wheel });
    const good = await connect();
    const clients = await Promise.all(Array.from({ length: clientCount }, connect));
    await eventually(() => server.connectionCount === clientCount + 1);
    await Promise.all(clients.map((client) => client.send(begin)));
    await ask(good);
    for (let ms = stepMs; ms < limitMs; ms += stepMs) {
      time.pass(stepMs);
      if (more !== '') await Promise.all(clients.map((client) => client.send(more)));
      await ask(good);
      const early = clients.find(({ received, ended }) => ended || received !== '');
      assert.equal(early?.received, undefined, `response within ${ms} ms`);
    }
    time.pass(2 * stepMs);
    await eventually(() => clients.every(({ ended }) => ended));
    for (const client of clients) {
      const { status, headers, body } = await client.readResponse();
      assert.equal(status, 408);
      assert.equal(headers.get('connection'), 'close');
      assert.match(body, expected);
      assert.equal(await client.rest(), '');
    }
    // They neither close nor stop sending.
    for (let ms = 0; ms < 3_000; ms += stepMs) {
      await Promise.all(clients.map(async (client) => (client.socket.writable ? client.send(more) : undefined)));
      await ask(good);
      time.pass(stepMs);
    }
    await eventually(() => server.connectionCount === 1);
    assert.equal(server.wheel.size, 1, 'only the deadline of the good client is left');
  });
}

test('counts requestTimeoutMs from the first byte of the head', async (t) => {
  const time = new TestTime();
  t.after(() => time.wheel.stop());
  time.pass(stepMs);
  const { connect } = await serve(t, respondLength, { requestTimeoutMs: 8_000, wheel: time.wheel });
  const [good, client] = [await connect(), await connect()];
  await client.send(post.slice(0, 30));
  await ask(good);
  time.pass(6_000);
  await client.send(post.slice(30) + 'x'.repeat(10_000));
  await ask(good);
  time.pass(1_500);
  await client.send('x'.repeat(10_000));
  await ask(good);
  assert.equal(client.received, '');
  time.pass(1_000);
  const { status, body } = await client.readResponse();
  assert.equal(status, 408);
  assert.match(body, /\b8000 ms/);
});

test('counts body bytes that arrive with the head for the rate', async (t) => {
  const time = new TestTime();
  t.after(() => time.wheel.stop());
  time.pass(stepMs);
  const options = { minBodyBytesPerSecond: 240, bodyRateGraceMs: 5_000, wheel: time.wheel };
  const { connect } = await serve(t, respondLength, options);
  const [good, client] = [await connect(), await connect()];
  await client.send(`${post}${'x'.repeat(2_400)}`);
  await ask(good);
  time.pass(9_500);
  await ask(good);
  assert.equal(client.received, '', '2,400 bytes are enough for ten seconds');
  time.pass(1_500);
  assert.equal((await client.readResponse()).status, 408);
});

test('rejects a body whose time ended while its handler was busy', async (t) => {
  const time = new TestTime();
  t.after(() => time.wheel.stop());
  time.pass(stepMs);
  const { promise: idle, resolve: goOn } = Promise.withResolvers<void>();
  let readBytes = 0;
  const options = { requestTimeoutMs: 8_000, minBodyBytesPerSecond: 0, wheel: time.wheel };
  const { connect } = await serve(
    t,
    async (request) => {
      for await (const part of request.body) {
        readBytes += part.length;
        if (readBytes > partBytes) await idle;
      }
    },
    options,
  );
  const client = await connect();
  await client.send(post + 'x'.repeat(partBytes));
  await eventually(() => readBytes === partBytes);
  time.pass(8_000);
  // The wheel is up to two ticks late and has not expired the deadline yet.
  await client.send('x'.repeat(4 * partBytes));
  await eventually(() => readBytes > partBytes);
  await untilStable(() => readBytes);
  time.pass(2 * stepMs);
  goOn();
  await eventually(() => readBytes === 5 * partBytes);
  time.pass(2 * stepMs);
  await eventually(() => client.ended);
  assert.equal((await client.readResponse()).status, 408);
});

/** Clients that request large responses and read little or nothing. */
interface LazyReader {
  readonly title: string;
  /** Text that each client sends first. */
  readonly begin: string;
  /** Whether each client reads a kilobyte every half second. */
  readonly takes: boolean;
}

const lazyReaders: readonly LazyReader[] = [
  { title: 'that read nothing of a large response', begin: requestText('GET /large'), takes: false },
  { title: 'that read a large response one kilobyte at a time', begin: requestText('GET /large'), takes: true },
  { title: 'that send requests and read no response', begin: requestText('GET /part').repeat(1_000), takes: false },
];

for (const { title, begin, takes } of lazyReaders) {
  test(`resets ${clientCount} clients ${title}, keeps little memory for them, and serves others`, async (t) => {
    const time = new TestTime();
    t.after(() => time.wheel.stop());
    time.pass(stepMs);
    let partCount = 0;
    let running = 0;
    const failures: unknown[] = [];
    const respondMuch = async (request: HttpRequest, response: HttpResponse): Promise<void> => {
      if (request.method === 'POST') return respondLength(request, response);
      running++;
      response.start(200, plain);
      try {
        for (let part = 0; part < (request.path === '/large' ? 1_000 : 1); part++) {
          partCount++;
          await response.write(Buffer.alloc(partBytes));
        }
        await response.end();
      } catch (error) {
        failures.push(error instanceof GaleError ? error.code : error);
        throw error;
      } finally {
        running--;
      }
    };
    const options = { writeTimeoutMs: 6_000, idleTimeoutMs: 0, wheel: time.wheel };
    const { server, port, connect } = await serve(t, respondMuch, options);
    const good = await connect();
    const clients = Array.from({ length: clientCount }, () => new SlowReader(port));
    t.after(() => clients.forEach(({ socket }) => socket.destroy()));
    await eventually(() => server.connectionCount === clientCount + 1);
    const memoryBefore = memoryInUse();
    await Promise.all(clients.map((client) => client.send(begin)));
    const partsOfEach = (await untilStable(() => partCount)) / clientCount;
    assert.ok(partsOfEach < 500, `${partsOfEach} of 1,000 parts were written to each`);
    const heldBytes = (memoryInUse() - memoryBefore) / clientCount;
    assert.ok(heldBytes < 16 * partBytes, `each client holds ${heldBytes} bytes`);
    for (let ms = stepMs; ms < options.writeTimeoutMs; ms += stepMs) {
      time.pass(stepMs);
      if (takes) for (const client of clients) client.take();
      await ask(good);
      assert.equal(server.connectionCount, clientCount + 1, `after ${ms} ms`);
    }
    // The system may have taken a little more in the meantime, which restarts the timeout.
    await eventually(() => {
      time.pass(2 * stepMs);
      return server.connectionCount === 1;
    });
    assert.deepEqual(new Set(failures), new Set(['HTTP_CLIENT_GONE']));
    assert.equal(running, 0, 'every handler has ended');
    await ask(good);
    assert.equal(server.wheel.size, 0, 'no deadline is left');
  });
}

test('resets a client that reads nothing, so that the system drops the unsent bytes', async (t) => {
  const time = new TestTime();
  t.after(() => time.wheel.stop());
  time.pass(stepMs);
  const large = new Uint8Array(64 * 1024 * 1024);
  const { server, port } = await serve(t, (_request, response) => response.send(200, plain, large), {
    writeTimeoutMs: 6_000,
    wheel: time.wheel,
  });
  const client = new SlowReader(port);
  t.after(() => client.socket.destroy());
  await client.send(requestText('GET /'));
  await eventually(() => server.connectionCount === 1);
  await eventually(() => {
    time.pass(stepMs);
    return server.connectionCount === 0;
  });
  client.takeAll();
  assert.equal(await client.closed, true, 'the connection was reset');
});

test('starts no further request while the client has not read the previous response', async (t) => {
  const large = new Uint8Array(16 * 1024 * 1024);
  let begun = 0;
  const { port } = await serve(t, (_request, response) => {
    begun++;
    response.send(200, plain, large);
  });
  const client = new SlowReader(port);
  t.after(() => client.socket.destroy());
  await client.send(requestText('GET /').repeat(4));
  await eventually(() => begun > 0);
  assert.equal(await untilStable(() => begun), 1);
  client.takeAll();
  await eventually(() => client.takenBytes > 4 * large.length);
  assert.equal(begun, 4);
});

test('stores small parts of an unread response in little more memory than their bytes', async (t) => {
  let parts = 0;
  const { port } = await serve(t, async (_request, response) => {
    response.start(200, plain);
    for (; ; parts++) await response.write(new Uint8Array(50));
  });
  const clients = Array.from({ length: 5 }, () => new SlowReader(port));
  t.after(() => clients.forEach(({ socket }) => socket.destroy()));
  await Promise.all(clients.map((client) => client.send(requestText('GET /'))));
  await eventually(() => parts > 0);
  await untilStable(() => parts);
  const heldBefore = memoryInUse();
  for (const { socket } of clients) socket.destroy();
  await eventually(() => clients.every(({ socket }) => socket.closed));
  const heldBytes = (heldBefore - memoryInUse()) / clients.length;
  assert.ok(heldBytes < 2 * partBytes, `each client holds ${heldBytes} bytes`);
});
