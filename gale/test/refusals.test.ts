import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { HttpServerOptions } from '../src/http/options/server-options.ts';
import { requestText, serve } from './support/http/http-server.ts';
import type { RawResponse } from './support/http/http-server.ts';
import { eventually } from './support/eventually.ts';
import { TestTime } from './support/websocket/websocket-server.ts';

/** A request that the server rejects, and the response. */
interface Refusal {
  readonly status: number;
  readonly cause: string;
  readonly request: string;
  readonly options?: HttpServerOptions;
  /** The sentence in the response; it names the limit if there is one. */
  readonly body: RegExp;
}

const refusals: readonly Refusal[] = [
  {
    status: 400,
    cause: 'a malformed request line',
    request: 'GET  / HTTP/1.1\r\nHost: test\r\n\r\n',
    body: /request line/,
  },
  { status: 400, cause: 'no Host', request: 'GET / HTTP/1.1\r\n\r\n', body: /Host/ },
  {
    status: 400,
    cause: 'a body of two lengths',
    request: requestText('POST /', 'Content-Length: 1', 'Content-Length: 2'),
    body: /two lengths/,
  },
  {
    status: 400,
    cause: 'a malformed chunk',
    request: requestText('POST /', 'Transfer-Encoding: chunked') + 'zz\r\n',
    body: /chunk/i,
  },
  {
    status: 408,
    cause: 'a head that does not end',
    request: 'GET / HTTP/1.1\r\nHost:',
    options: { headTimeoutMs: 6_000 },
    body: /\b6000 ms/,
  },
  {
    status: 408,
    cause: 'a body that does not go on',
    request: requestText('POST /', 'Content-Length: 10') + 'x',
    options: { bodyTimeoutMs: 3_000 },
    body: /\b3000 ms/,
  },
  {
    status: 413,
    cause: 'a body over the limit',
    request: requestText('POST /', 'Content-Length: 1001'),
    options: { maxBodyBytes: 1_000 },
    body: /over the limit of 1000 bytes; send less/,
  },
  {
    status: 413,
    cause: 'a chunked body over the limit',
    request: requestText('POST /', 'Transfer-Encoding: chunked') + `3e9\r\n${'x'.repeat(1_001)}`,
    options: { maxBodyBytes: 1_000 },
    body: /over the limit of 1000 bytes; send less/,
  },
  {
    status: 414,
    cause: 'a target over the limit',
    request: requestText(`GET /${'x'.repeat(100)}`),
    options: { maxRequestLineBytes: 100 },
    body: /\b100 bytes/,
  },
  {
    status: 417,
    cause: 'an unknown expectation',
    request: requestText('POST /', 'Content-Length: 1', 'Expect: a-miracle'),
    body: /100-continue/,
  },
  {
    status: 431,
    cause: 'a head over the limit',
    request: requestText('GET /', `Cookie: ${'x'.repeat(1_000)}`),
    options: { maxHeadBytes: 1_000 },
    body: /\b1000 bytes/,
  },
  {
    status: 431,
    cause: 'too many headers',
    request: requestText('GET /', ...Array.from({ length: 10 }, (_, index) => `X-${index}: x`)),
    options: { maxHeaderCount: 10 },
    body: /\b10\b/,
  },
  {
    status: 501,
    cause: 'a method without an end',
    request: 'X'.repeat(9_000),
    body: /\b8192 bytes/,
  },
  {
    status: 501,
    cause: 'an unknown transfer coding',
    request: requestText('POST /', 'Transfer-Encoding: gzip, chunked'),
    body: /transfer coding/,
  },
  {
    status: 503,
    cause: 'a connection over the limit',
    request: '',
    options: { maxConnections: 1 },
    body: /\b1 connection/,
  },
  { status: 505, cause: 'HTTP/2.0', request: 'GET / HTTP/2.0\r\nHost: test\r\n\r\n', body: /HTTP\/2\.0/ },
];

/** Sends the request to a server with one free connection or none, and returns the response. */
async function refusedResponse(
  t: TestContext,
  { status, options = {} }: Refusal,
  request: string,
): Promise<RawResponse> {
  const time = new TestTime();
  t.after(() => time.wheel.stop());
  time.pass(1_000);
  const { server, connect } = await serve(
    t,
    async (request, response) => {
      const body = await request.body.bytes();
      response.send(200, [['Content-Type', 'text/plain']], String(body.length));
    },
    { ...options, wheel: time.wheel },
  );
  const good = await connect();
  await eventually(() => server.connectionCount === 1);
  const client = await connect();
  await client.send(request);
  await eventually(() => {
    if (status === 408) time.pass(500);
    return client.received !== '';
  });
  const response = await client.readResponse(!request.startsWith('HEAD'));
  assert.equal(response.status, status);
  assert.equal(response.headers.get('connection'), 'close');
  assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(await client.rest(), '');
  assert.equal(good.received, '');
  return response;
}

for (const refusal of refusals) {
  const { status, cause, request, body: expected } = refusal;
  test(`responds ${status} in one sentence to ${cause}, and closes the connection`, async (t) => {
    const response = await refusedResponse(t, refusal, request);
    assert.match(response.body, expected);
    assert.match(response.body, /^[A-Z][^\n]+\.\n$/);
    assert.doesNotMatch(response.body, /\bat \w|\.[jt]s\b|Error\b|node:/);
  });

  if (!/^(?:GET|POST) /.test(request)) continue;
  test(`responds ${status} without a body to HEAD with ${cause}`, async (t) => {
    const response = await refusedResponse(t, refusal, request.replace(/^[A-Z]+/, 'HEAD'));
    assert.ok(Number(response.headers.get('content-length')) > 10);
  });
}

function headersWithoutDate(response: RawResponse | undefined): object {
  return { ...Object.fromEntries(response?.headers ?? []), date: '' };
}

test('the headers of a refused HEAD are those of the same GET', async (t) => {
  const { connect } = await serve(t, () => {}, { maxRequestLineBytes: 100 });
  for (const rest of [`/${'x'.repeat(100)} HTTP/1.1\r\n`, '  / HTTP/1.1\r\n', '/ HTTP/3.0\r\n', '/ HTTP/1.1\r\n\r\n']) {
    const [get, head] = await Promise.all(
      ['GET', 'HEAD'].map(async (method) => {
        const client = await connect();
        await client.send(`${method} ${rest}`);
        const response = await client.readResponse(method === 'GET');
        assert.equal(await client.rest(), '');
        return response;
      }),
    );
    assert.equal(head?.status, get?.status);
    assert.deepEqual(headersWithoutDate(head), headersWithoutDate(get));
  }
});

test('a refusal has a body if its method is not HEAD, or not known yet', async (t) => {
  const { connect } = await serve(t, (_, response) => response.send(200, [], 'x'));
  for (const text of [
    'HEA\x00',
    'HEADER  / HTTP/1.1',
    'head  / HTTP/1.1',
    'XHEAD  /',
    '\r\n\r\nHEAD / HTTP/1.1',
    '\rHEAD / HTTP/1.1',
    'HEAD'.repeat(3_000),
    'HE\r\nAD',
  ]) {
    const client = await connect();
    // A complete HEAD first: its method must not count for the next request.
    await client.send(`${requestText('HEAD /')}${text}`);
    assert.equal((await client.readResponse(false)).status, 200);
    const { status, body } = await client.readResponse();
    assert.equal(status, text.length > 10_000 ? 501 : 400);
    assert.match(body, /\.\n$/, text);
    assert.equal(await client.rest(), '');
  }
});

test('a refused HEAD has no body wherever its head is cut', async (t) => {
  const { connect } = await serve(t, () => {});
  const text = `\r\nHEAD / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n`;
  for (let at = 0; at < text.length; at++) {
    const client = await connect();
    await client.send(text.slice(0, at));
    await client.send(text.slice(at));
    assert.equal((await client.readResponse(false)).status, 400);
    assert.equal(await client.rest(), '', `cut at ${at}`);
  }
});
