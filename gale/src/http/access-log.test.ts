import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { RequestListener } from './connection.ts';
import type { HttpServerOptions } from './options/server-options.ts';
import { eventually, requestText, serve } from '../../test/support/http/http-server.ts';
import type { TestServer } from '../../test/support/http/http-server.ts';

const plain = [['Content-Type', 'text/plain']] as const;

type Line = Readonly<Record<string, unknown>> & { readonly message: string };

/** A server that records its lines of level info. */
async function serveLogged(
  t: TestContext,
  listener: RequestListener,
  options: HttpServerOptions = {},
): Promise<TestServer & { readonly lines: Line[] }> {
  const lines: Line[] = [];
  const log = {
    debug() {},
    info: (fields: object, message: string) => void lines.push({ ...fields, message }),
    warn() {},
    error: (fields: object, message: string) => void lines.push({ ...fields, message }),
  };
  return { ...(await serve(t, listener, { ...options, log })), lines };
}

test('writes one line for each response, without the query', async (t) => {
  const { connect, lines } = await serveLogged(t, (request, response) => {
    response.send(request.path === '/none' ? 404 : 200, plain, 'four');
  });
  const client = await connect();
  await client.send(requestText('GET /some?password=secret') + requestText('HEAD /none'));
  await client.readResponse();
  await client.readResponse(false);
  assert.deepEqual(
    lines.map(({ message, method, path, status, bytes, remoteAddress }) => [
      message,
      method,
      path,
      status,
      bytes,
      remoteAddress,
    ]),
    [
      ['Request completed', 'GET', '/some', 200, 4, '127.0.0.1'],
      ['Request completed', 'HEAD', '/none', 404, 0, '127.0.0.1'],
    ],
  );
  for (const { ms, requestId } of lines) {
    assert.ok(typeof ms === 'number' && ms >= 0);
    assert.match(String(requestId), /^[0-9a-f]{12}-[0-9a-z]+$/);
  }
  assert.notEqual(lines[0]?.requestId, lines[1]?.requestId);
});

test('writes the line of a streamed response when it is complete, reset or aborted', async (t) => {
  const { connect, lines } = await serveLogged(t, async (request, response) => {
    response.start(200, plain);
    await response.write('part');
    if (request.path === '/reset') return response.destroy();
    if (request.path === '/left') return;
    await response.end();
  });
  const whole = await connect();
  await whole.send(requestText('GET /whole'));
  await whole.readResponse();
  const reset = await connect();
  await reset.send(requestText('GET /reset'));
  await reset.closed;
  const left = await connect();
  await left.send(requestText('GET /left'));
  await left.until((text) => text.includes('part'));
  left.socket.resetAndDestroy();
  await eventually(() => lines.length === 3);
  assert.deepEqual(
    lines.map(({ message, path, status, bytes }) => [message, path, status, bytes]),
    [
      ['Request completed', '/whole', 200, 4],
      ['Request aborted', '/reset', 200, 4],
      ['Request aborted', '/left', 200, 4],
    ],
  );
});

test('writes a line for an upgrade, and one with the code for a refused request', async (t) => {
  const { connect, lines } = await serveLogged(t, (request) => request.upgrade().socket.end());
  const client = await connect();
  await client.send(requestText('GET /socket', 'Connection: upgrade', 'Upgrade: x'));
  await client.rest();
  const other = await connect();
  await other.send('GET\r\n\r\n');
  await other.rest();
  assert.deepEqual(
    lines.map(({ message, path, status, code }) => [message, path, status, code]),
    [
      ['Connection upgraded', '/socket', 101, undefined],
      ['Request refused', undefined, 400, 'HTTP_REQUEST_LINE'],
    ],
  );
});

test('uses the same id for the error of a listener and the line of its request', async (t) => {
  const { connect, lines } = await serveLogged(t, () => {
    throw new Error('broken');
  });
  const client = await connect();
  await client.send(requestText('GET /'));
  assert.equal((await client.readResponse()).status, 500);
  assert.deepEqual(
    lines.map(({ message, status }) => [message, status]),
    [
      ['Request listener failed', undefined],
      ['Request completed', 500],
    ],
  );
  assert.equal(lines[0]?.requestId, lines[1]?.requestId);
});

test('takes the id from trusted proxies only', async (t) => {
  for (const [trustedProxies, expected] of [
    [['loopback'], ['trace:1/a', false]],
    [[], [false, false]],
  ] as const) {
    const { connect, lines } = await serveLogged(t, (_, response) => response.send(200, plain, ''), { trustedProxies });
    const client = await connect();
    await client.send(requestText('GET /', 'X-Request-Id: trace:1/a') + requestText('GET /', 'X-Request-Id: a b'));
    await client.readResponse();
    await client.readResponse();
    assert.deepEqual(
      lines.map(({ requestId }) => (/^[0-9a-f]{12}-/.test(String(requestId)) ? false : requestId)),
      expected,
    );
  }
});

test('writes nothing if level info is off', async (t) => {
  let count = 0;
  const log = {
    isLevelEnabled: (level: string) => level !== 'info',
    debug() {},
    info: () => void count++,
    warn() {},
    error() {},
  };
  const { connect } = await serve(t, (_, response) => response.send(200, plain, ''), { log });
  const client = await connect();
  await client.send(requestText('GET /'));
  await client.readResponse();
  assert.equal(count, 0);
});
