import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { GaleError } from '../src/errors.ts';
import type { HttpRequest } from '../src/http/request.ts';
import type { HttpResponse } from '../src/http/response.ts';
import type { HttpServerOptions } from '../src/http/options/server-options.ts';
import { requestText, serve, untilStable } from './support/http/http-server.ts';
import type { TestServer } from './support/http/http-server.ts';
import { eventually } from './support/eventually.ts';
import { TestTime } from './support/websocket/websocket-server.ts';

const stepMs = 500;
const plain = [['Content-Type', 'text/plain']] as const;

type Handler = (request: HttpRequest, response: HttpResponse) => void | Promise<void>;

/** A server whose deadlines use a clock of the test, which does not start at zero. */
async function serveAtTestTime(
  t: TestContext,
  handler: Handler,
  options: HttpServerOptions,
): Promise<TestServer & { time: TestTime }> {
  const time = new TestTime();
  t.after(() => time.wheel.stop());
  time.pass(stepMs);
  return { time, ...(await serve(t, handler, { ...options, wheel: time.wheel })) };
}

/** Responds with the length of the body. */
async function respondLength(request: HttpRequest, response: HttpResponse): Promise<void> {
  const body = await request.body.bytes();
  response.send(200, plain, String(body.length));
}

for (const reads of [false, true]) {
  const title = reads ? 'has read a part and is busy with it' : 'has not begun to read';
  test(`stops the clocks of a body while its handler ${title}`, async (t) => {
    const { promise: idle, resolve: goOn } = Promise.withResolvers<void>();
    let receivedBytes = 0;
    const readSlowly: Handler = async (request, response) => {
      if (!reads) await idle;
      for await (const part of request.body) {
        receivedBytes += part.length;
        await idle;
      }
      response.send(200, plain, String(receivedBytes));
    };
    const { time, connect } = await serveAtTestTime(t, readSlowly, {
      bodyTimeoutMs: 4_000,
      requestTimeoutMs: 10_000,
      minBodyBytesPerSecond: 100_000,
      bodyRateGraceMs: 5_000,
    });
    const client = await connect();
    await client.send(requestText('POST /', 'Content-Length: 400000') + 'x'.repeat(200_000));
    if (reads) await eventually(() => receivedBytes > 0);
    await untilStable(() => client.socket.bytesWritten);
    for (let ms = 0; ms < 60_000; ms += stepMs) {
      time.pass(stepMs);
      await untilStable(() => receivedBytes);
      assert.equal(client.received, '', `after ${ms} ms`);
    }
    goOn();
    await eventually(() => receivedBytes === 200_000);
    time.pass(1_000);
    await client.send('x'.repeat(200_000));
    const { status, body } = await client.readResponse();
    assert.deepEqual([status, body], [200, '400000']);
  });
}

test('names requestTimeoutMs if it is shorter than headTimeoutMs', async (t) => {
  const { time, connect } = await serveAtTestTime(t, respondLength, { headTimeoutMs: 6_000, requestTimeoutMs: 3_000 });
  const client = await connect();
  await client.send('G');
  await untilStable(() => time.wheel.size);
  await eventually(() => {
    time.pass(stepMs);
    return client.received !== '' || time.wheel.now() > 5_000;
  });
  const { status, body } = await client.readResponse();
  assert.equal(status, 408);
  assert.match(body, /^The request took more than 3000 ms from its first byte/);
});

test('restarts the request timeout for the second request, also after a slow first one', async (t) => {
  const { promise: idle, resolve: goOn } = Promise.withResolvers<void>();
  const handler: Handler = async (request, response) => {
    if (request.path === '/long') await idle;
    await respondLength(request, response);
  };
  const options = { requestTimeoutMs: 8_000, minBodyBytesPerSecond: 0 };
  const { time, connect } = await serveAtTestTime(t, handler, options);
  const client = await connect();
  /** Lets time pass after everything sent has been received. */
  const pass = async (ms: number): Promise<void> => {
    await untilStable(() => client.received.length);
    time.pass(ms);
    await untilStable(() => client.received.length);
  };
  const post = requestText('POST /', 'Content-Length: 10');
  const long = requestText('GET /long');
  for (const [begin, end] of [
    [post.slice(0, 20), `${post.slice(20)}0123456789`],
    [`${post}01234`, '56789'],
    [`${post}01234`, '56789'],
  ] as const) {
    await client.send(begin);
    await pass(6_000);
    await client.send(end);
    assert.equal((await client.readResponse()).body, '10');
  }
  await client.send(long.slice(0, 20));
  await pass(1_000);
  await client.send(`${long.slice(20)}${post}01234`);
  await pass(10_000);
  goOn();
  assert.equal((await client.readResponse()).body, '0');
  await pass(6_000);
  await client.send('56789');
  assert.equal((await client.readResponse()).body, '10');
});

test('closes a client that does not send the rest of a body after an early response', async (t) => {
  const { server, time, connect } = await serveAtTestTime(
    t,
    (_request, response) => response.send(200, plain, 'early'),
    {
      bodyTimeoutMs: 4_000,
    },
  );
  const client = await connect();
  await client.send(requestText('POST /', 'Content-Length: 10') + '01234');
  const { headers, body } = await client.readResponse();
  assert.deepEqual([headers.get('connection'), body], [undefined, 'early']);
  time.pass(3_500);
  await untilStable(() => client.received.length);
  assert.equal(client.ended, false);
  time.pass(1_500);
  assert.equal(await client.rest(), '');
  time.pass(3_000);
  await eventually(() => server.connectionCount === 0);
});

test('rejects the reader and closes when a client ends its side inside a body', async (t) => {
  const failures: unknown[] = [];
  const read: Handler = async (request) => {
    await request.body
      .bytes()
      .catch((error: unknown) => failures.push(error instanceof GaleError ? error.code : error));
    assert.equal(request.signal.aborted, true);
    failures.push('aborted');
  };
  const { server, connect } = await serveAtTestTime(t, read, {});
  const client = await connect();
  client.socket.end(requestText('POST /', 'Content-Length: 10') + '01234');
  await eventually(() => failures.length === 2);
  assert.deepEqual(failures, ['HTTP_CLIENT_GONE', 'aborted']);
  await eventually(() => server.connectionCount === 0);
  assert.equal(await client.rest(), '');
});

test('responds 408 to a client that sends nothing after a late 100 Continue', async (t) => {
  const { promise: idle, resolve: goOn } = Promise.withResolvers<void>();
  const readLater: Handler = async (request, response) => {
    await idle;
    await respondLength(request, response);
  };
  const { time, connect } = await serveAtTestTime(t, readLater, { bodyTimeoutMs: 4_000 });
  const client = await connect();
  await client.send(requestText('POST /', 'Content-Length: 10', 'Expect: 100-continue'));
  await untilStable(() => time.wheel.size);
  time.pass(10_000);
  goOn();
  assert.equal((await client.readResponse()).status, 100);
  time.pass(3_500);
  await untilStable(() => client.received.length);
  assert.equal(client.received, '');
  time.pass(1_500);
  const { status, body } = await client.readResponse();
  assert.equal(status, 408);
  assert.match(body, /4000 ms/);
});

const largePost = requestText('POST /', 'Content-Length: 2000000') + 'x'.repeat(1_000_000);
const manyGets = requestText('GET /').repeat(6_001);

for (const [what, text] of [
  ['a large unread body', largePost],
  ['many requests after one without a response', manyGets],
] as const) {
  for (const how of ['reset', 'end'] as const) {
    // Each probe reads some of the bytes before an end; the first probe finds a reset.
    test(`a client that disconnects by ${how} after ${what} aborts the signal`, async (t) => {
      let abortedCount = 0;
      const waitForAbort: Handler = async (request) => {
        await once(request.signal, 'abort');
        abortedCount++;
      };
      const { server, time, connect } = await serveAtTestTime(t, waitForAbort, {});
      const client = await connect();
      client.socket.write(text);
      await eventually(() => server.connectionCount === 1);
      await untilStable(() => client.socket.bytesWritten);
      if (how === 'reset') client.socket.resetAndDestroy();
      else client.socket.end();
      await eventually(async () => {
        time.pass(16_000);
        await untilStable(() => abortedCount);
        return abortedCount === 1;
      });
      await eventually(() => server.connectionCount === 0);
    });
  }
}
