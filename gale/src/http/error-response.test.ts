import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { eventually, plain, requestText, serve, untilStable } from '../../test/support/http/http-server.ts';

test('responds to malformed requests with their status and one sentence, and closes the connection', async (t) => {
  let count = 0;
  const { connect } = await serve(
    t,
    (_, response) => {
      count++;
      response.send(200, plain, 'ok');
    },
    { maxHeadBytes: 1024, maxRequestLineBytes: 128, maxHeaderCount: 10 },
  );
  const cases: readonly [string, number][] = [
    ['GET /\r\n\r\n', 400],
    [requestText('GET /', 'A : b'), 400],
    [requestText('GET /', 'Host: b'), 400],
    [requestText('POST /', 'Content-Length: 1', 'Transfer-Encoding: chunked'), 400],
    [requestText('POST /', 'Transfer-Encoding: gzip'), 501],
    [requestText(`GET /${'a'.repeat(200)}`), 414],
    [requestText('GET /', `A: ${'a'.repeat(1_000)}`), 431],
    [requestText('GET /', ...Array.from({ length: 10 }, (_, index) => `A${index}: b`)), 431],
    [requestText('GET /', 'Expect: a miracle'), 417],
    ['GET / HTTP/3.0\r\n\r\n', 505],
  ];
  for (const [text, status] of cases) {
    const client = await connect();
    await client.send(`${text}${requestText('GET /next')}`);
    const response = await client.readResponse();
    assert.equal(response.status, status, text);
    assert.equal(response.headers.get('connection'), 'close');
    assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.match(response.body, /^[A-Z][^\n]+\.\n$/);
    assert.ok(response.headers.has('date'));
    assert.equal(await client.rest(), '');
  }
  assert.equal(count, 0, 'no listener saw any of it');
});

test('logs what a listener throws, responds 500 without its message, and continues to serve', async (t) => {
  const { connect, complaints } = await serve(t, (request) => {
    if (request.path === '/throw') throw new Error('secret');
    return Promise.reject(new Error('secret'));
  });
  const client = await connect();
  for (const path of ['/throw', '/reject', '/throw']) {
    await client.send(requestText(`GET ${path}`));
    const { status, body } = await client.readResponse();
    assert.equal(status, 500);
    assert.equal(body, 'Internal Server Error.\n');
  }
  assert.equal(complaints.length, 3);
  assert.match(String(complaints[0]?.fields['err']), /secret/);
  complaints.length = 0;
});

/** Values that cannot be logged or not even be read. */
function oddities(): unknown[] {
  const itself = new AggregateError([]);
  itself.errors.push(itself);
  let deep = new Error('the first');
  for (let depth = 0; depth < 20_000; depth++) deep = new Error('the next', { cause: deep });
  const touchy = Object.defineProperty(new Error('touchy'), 'detail', {
    enumerable: true,
    get() {
      throw new Error('not to be read');
    },
  });
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  return [itself, deep, touchy, revoked, undefined, null, Symbol('odd'), 1n];
}

test('responds 500 also to thrown values that no logger can serialise', async (t) => {
  const lines: string[] = [];
  const thrown = oddities();
  const { connect } = await serve(
    t,
    (request) => {
      const odd = thrown[Number(request.query)];
      if (request.path === '/throw') throw odd;
      return Promise.reject(odd);
    },
    { log: pino({ level: 'warn' }, { write: (line) => void lines.push(line) }) },
  );
  const client = await connect();
  for (const index of thrown.keys()) {
    for (const path of ['/throw', '/reject']) {
      await client.send(requestText(`GET ${path}?${index}`));
      assert.equal((await client.readResponse()).status, 500);
    }
  }
  assert.equal(lines.length, 2 * thrown.length);
});

test('resets the connection on an error after the head, so that the response does not look complete', async (t) => {
  const { connect, complaints } = await serve(t, async (_, response) => {
    response.start(200, plain);
    await response.write('half');
    throw new Error('broken');
  });
  const client = await connect();
  await client.send(requestText('GET /'));
  assert.equal(await client.closed, true, 'the connection is reset');
  assert.ok(!client.received.endsWith('0\r\n\r\n'));
  assert.equal(complaints.length, 1);
  complaints.length = 0;
});

test('does not log what a listener throws because a signal has aborted', async (t) => {
  const { connect, server } = await serve(t, async (request) => {
    const stop = request.path === '/closing' ? request.closing : request.signal;
    await once(stop, 'abort');
    if (request.query === 'reason') throw stop.reason;
    await delay(3_600_000, undefined, { signal: stop });
  });
  for (const query of ['reason', 'cause']) {
    const client = await connect();
    client.socket.end(requestText(`GET /leaves?${query}`));
    assert.equal(await client.closed, true, 'a client that may have gone is reset');
    assert.equal(client.received, '');
  }
  const clients = [await connect(), await connect()];
  await Promise.all(
    clients.map((client, index) => client.send(requestText(`GET /closing?${['reason', 'cause'][index]}`))),
  );
  await eventually(() => server.connectionCount === 2);
  for (const client of clients) await untilStable(() => client.socket.bytesRead);
  const closed = server.close({ graceMs: 3_600_000 });
  for (const client of clients) {
    const { status, body, headers } = await client.readResponse();
    assert.equal(status, 503);
    assert.match(body, /^The server is closing; /);
    assert.equal(headers.get('connection'), 'close');
    assert.equal(await client.rest(), '');
    client.socket.end();
  }
  await closed;
});

test("logs a listener's own AbortError although the signal has aborted", async (t) => {
  const { connect, complaints } = await serve(t, async (request) => {
    await once(request.signal, 'abort');
    throw new DOMException('a query was stopped', 'AbortError');
  });
  const client = await connect();
  client.socket.end(requestText('GET /'));
  await client.closed;
  assert.equal(complaints.length, 1);
  complaints.length = 0;
});
