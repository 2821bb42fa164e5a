/** Clients that end their side of the connection: they may have gone, or still read the response. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { fakeWheel, poll } from '../../test/support/http/fake-wheel.ts';
import { eventually, plain, requestText, serve, untilStable } from '../../test/support/http/http-server.ts';
import { noTimeouts } from '../../test/support/http/no-timeouts.ts';
import type { TestServer } from '../../test/support/http/http-server.ts';
import type { HttpRequest } from './request.ts';
import type { HttpResponse } from './response.ts';
import { ClientDeadlines } from './timing/client-deadlines.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`../../test/fixtures/tls/${name}`, import.meta.url));

/** What a handler has received. */
interface Served {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
}

/** A server whose handler `begin` leaves its responses to the test. Its wheel stands still, so no deadline of the server expires. */
async function serveByHand(
  t: TestContext,
  begin: (served: Served) => void = () => {},
): Promise<TestServer & { served: Served[]; pass(ms: number): void }> {
  const { wheel, pass } = fakeWheel(t);
  const served: Served[] = [];
  const server = await serve(
    t,
    (request, response) => {
      served.push({ request, response });
      begin({ request, response });
    },
    { wheel, halfClosedTimeoutMs: 2_000 },
  );
  return { ...server, served, pass };
}

/** Waits until the request at `index` was received. */
async function nth(served: readonly Served[], index: number): Promise<Served> {
  await eventually(() => served.length > index);
  return served[index] as Served;
}

async function aborted({ request }: Served): Promise<string> {
  if (!request.signal.aborted) await once(request.signal, 'abort');
  return (request.signal.reason as { code: string }).code;
}

test('the grace of a half-closed client is 250 ms, and clear ends it', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { wheel } = fakeWheel(t);
  let calls = 0;
  const watcher = { onIdle() {}, onSlowRequest() {}, onAbandoned() {}, onHalfClosed: () => void calls++ };
  const deadlines = new ClientDeadlines(watcher, new Socket(), noTimeouts, wheel);
  deadlines.awaitHalfClosed();
  t.mock.timers.tick(249);
  assert.equal(calls, 0);
  t.mock.timers.tick(1);
  assert.equal(calls, 1);
  // The next pipelined request has a grace of its own.
  deadlines.awaitHalfClosed();
  t.mock.timers.tick(200);
  deadlines.awaitHalfClosed();
  t.mock.timers.tick(200);
  assert.equal(calls, 1);
  deadlines.clear();
  t.mock.timers.tick(1_000);
  assert.equal(calls, 1);
});

test('sends all responses to a half-closed client, then the end', async (t) => {
  const { connect } = await serve(t, async (request, response) => {
    await new Promise(setImmediate);
    response.send(200, plain, request.target);
  });
  const client = await connect();
  client.socket.end(requestText('GET /1') + requestText('GET /2'), 'latin1');
  assert.equal((await client.readResponse()).body, '/1');
  const { body, headers } = await client.readResponse();
  assert.equal(body, '/2');
  assert.equal(headers.get('connection'), 'close');
  assert.equal(await client.rest(), '');
});

for (const [name, begin] of [
  ['a response that has not begun', () => {}],
  [
    'a stream of unknown length',
    ({ response }: Served) => {
      response.start(200, plain);
      void response.write('data: 1\n\n');
    },
  ],
  [
    'a stream to HEAD',
    ({ request, response }: Served) => {
      assert.equal(request.method, 'HEAD');
      response.start(200, plain);
    },
  ],
] as const) {
  for (const leave of ['end', 'destroy'] as const) {
    test(`aborts the signal for ${name} without a deadline of the wheel if the client calls ${leave}`, async (t) => {
      const { connect, served } = await serveByHand(t, begin);
      const client = await connect();
      await client.send(requestText(name.includes('HEAD') ? 'HEAD /' : 'GET /'));
      const first = await nth(served, 0);
      assert.equal(first.request.signal.aborted, false);
      client.socket[leave]();
      assert.equal(await aborted(first), 'HTTP_CLIENT_GONE');
      first.response.destroy();
    });
  }
}

test('aborts a signal that is first used after the grace', async (t) => {
  let closes = 0;
  const { connect, served } = await serveByHand(t, ({ request }) => {
    if (request.path === '/watched') request.signal.addEventListener('abort', () => closes++);
  });
  const client = await connect();
  const watched = await connect();
  await client.send(requestText('GET /'));
  await watched.send(requestText('GET /watched'));
  await nth(served, 1);
  client.socket.end();
  watched.socket.end();
  await eventually(() => closes === 1);
  const unwatched = served.find(({ request }) => request.path === '/') as Served;
  // The timers of both began together, give or take the order of two sockets.
  await eventually(() => unwatched.request.signal.aborted);
  for (const { response } of served) response.destroy();
});

for (const version of ['1.0', '1.1']) {
  test(`sends whole responses that end soon to a half-closed client of HTTP/${version}`, async (t) => {
    const { connect } = await serveByHand(t, ({ request, response }) => {
      void (async () => {
        if (request.path === '/parts') response.start(200, plain);
        for (let part = 0; part < 3; part++) {
          for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
          if (request.path === '/parts') await response.write(String(part));
        }
        if (request.path === '/parts') await response.end();
        else response.send(200, plain, '012');
        assert.equal(request.signal.aborted, false);
      })();
    });
    for (const path of ['/whole', '/parts']) {
      const client = await connect();
      client.socket.end(`GET ${path} HTTP/${version}\r\nHost: a\r\n\r\n`);
      assert.equal((await client.readResponse()).body, '012');
      assert.equal(await client.rest(), '');
    }
  });
}

test('sends the response of a handler that ignores the signal', async (t) => {
  const { connect, served } = await serveByHand(t);
  const client = await connect();
  client.socket.end(requestText('GET /'));
  const first = await nth(served, 0);
  await aborted(first);
  first.response.send(200, plain, 'late');
  assert.equal((await client.readResponse()).body, 'late');
  assert.equal(await client.rest(), '');
});

test('continues a stream whose handler ignores the signal while its client reads', async (t) => {
  const { connect, served, pass } = await serveByHand(t, ({ response }) => response.start(200, plain));
  const client = await connect();
  client.socket.end(requestText('GET /'));
  const first = await nth(served, 0);
  await aborted(first);
  for (let part = 0; part < 20; part++) {
    void first.response.write(`part ${part} `);
    await client.until((received) => received.includes(`part ${part} `));
    pass(1_000);
    await untilStable(() => client.received.length);
  }
  await first.response.end();
  assert.match((await client.readResponse()).body, /part 19 $/);
  assert.equal(await client.rest(), '');
});

test('closes the connection of a half-closed client to which nothing was sent for halfClosedTimeoutMs', async (t) => {
  const { connect, served, pass } = await serveByHand(t, ({ response }) => response.start(200, plain));
  const client = await connect();
  client.socket.end(requestText('GET /'));
  await aborted(await nth(served, 0));
  await poll(() => pass(500), client.closed);
});

test('closes the connection of a half-closed client whose second request takes too long', async (t) => {
  const { connect, served, pass } = await serveByHand(t, ({ request, response }) => {
    if (request.path === '/1') response.send(200, plain, '1');
  });
  const client = await connect();
  client.socket.end(requestText('GET /1') + requestText('GET /2'));
  assert.equal((await client.readResponse()).body, '1');
  const second = await nth(served, 1);
  await poll(() => pass(500), client.closed);
  assert.equal(await aborted(second), 'HTTP_CLIENT_GONE');
});

test('sends a body of known length to its end while its parts follow each other', async (t) => {
  const { connect, served, pass } = await serveByHand(t, ({ request, response }) =>
    response.start(200, request.path === '/' ? [...plain, ['Content-Length', '60']] : plain),
  );
  const client = await connect();
  client.socket.end(requestText('GET /'));
  const { request, response } = await nth(served, 0);
  await client.until((received) => received.endsWith('\r\n\r\n'));
  // When a client that left later counts as gone, this one would too.
  const later = await connect();
  later.socket.end(requestText('GET /later'));
  await aborted(await nth(served, 1));
  for (let second = 0; second < 60; second++) {
    void response.write('x');
    await client.until((received) => received.endsWith('x'.repeat(second + 1)));
    pass(1_000);
    await untilStable(() => client.received.length);
  }
  assert.equal(request.signal.aborted, false);
  await response.end();
  assert.equal((await client.readResponse()).body, 'x'.repeat(60));
  assert.equal(await client.rest(), '');
  served[1]?.response.destroy();
});

test('closes the connection of a half-closed client whose body of known length stalls for halfClosedTimeoutMs', async (t) => {
  const { connect, served, pass } = await serveByHand(t, ({ response }) => {
    response.start(200, [...plain, ['Content-Length', '8']]);
    void response.write('half');
  });
  const client = await connect();
  client.socket.end(requestText('GET /'));
  const first = await nth(served, 0);
  await client.until((received) => received.endsWith('half'));
  await poll(() => pass(500), client.closed);
  assert.equal(await aborted(first), 'HTTP_CLIENT_GONE');
});

test('aborts the signal of a body of known length when a write fails', async (t) => {
  const { connect, served } = await serveByHand(t, ({ response }) =>
    response.start(200, [...plain, ['Content-Length', '80000000']]),
  );
  const client = await connect();
  await client.send(requestText('GET /'));
  await client.until((received) => received.endsWith('\r\n\r\n'));
  const first = await nth(served, 0);
  client.socket.destroy();
  const gone = aborted(first);
  let isGone = false;
  void gone.then(() => (isGone = true));
  await eventually(() => {
    void first.response.write('x'.repeat(1_000));
    return isGone;
  });
});

test('aborts the signal for a stream whose client reads nothing and ends its side', async (t) => {
  const { connect, served } = await serveByHand(t, ({ response }) => {
    response.start(200, plain);
    void response.write(Buffer.alloc(16 * 1024 * 1024));
  });
  const client = await connect();
  client.socket.pause();
  await client.send(requestText('GET /'));
  const first = await nth(served, 0);
  await untilStable(() => client.socket.bytesRead);
  assert.equal(first.request.signal.aborted, false);
  client.socket.end();
  assert.equal(await aborted(first), 'HTTP_CLIENT_GONE');
  first.response.destroy();
});

test('gives each pipelined request of a half-closed client its own grace', async (t) => {
  const { connect, served } = await serveByHand(t);
  const client = await connect();
  client.socket.end(requestText('GET /1') + requestText('GET /2') + requestText('GET /3'));
  const first = await nth(served, 0);
  await aborted(first);
  first.response.send(200, plain, '1');
  assert.equal((await client.readResponse()).body, '1');
  const second = await nth(served, 1);
  assert.equal(second.request.signal.aborted, false);
  second.response.send(200, plain, '2');
  const third = await nth(served, 2);
  assert.equal(await aborted(third), 'HTTP_CLIENT_GONE');
  assert.equal(second.request.signal.aborted, false);
  third.response.send(200, plain, '3');
  assert.equal((await client.readResponse()).body, '2');
  assert.equal((await client.readResponse()).body, '3');
  assert.equal(await client.rest(), '');
});

test('aborts the signal when a client ends a TLS connection', async (t) => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const { port } = await serve(
    t,
    (request, response) => {
      response.start(200, plain);
      void response.write('x');
      request.signal.addEventListener('abort', () => {
        resolve((request.signal.reason as { code: string }).code);
        response.destroy();
      });
    },
    { tls: { key: fixture('first-key.pem'), cert: fixture('first-cert.pem') }, halfClosedTimeoutMs: 0 },
  );
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  socket.on('error', () => {});
  t.after(() => socket.destroy());
  socket.write(requestText('GET /'));
  await once(socket, 'data');
  socket.end();
  assert.equal(await promise, 'HTTP_CLIENT_GONE');
});

for (const [name, text, status] of [
  ['a malformed chunk', `${requestText('POST /', 'Transfer-Encoding: chunked')}zz\r\n`, 400],
  ['a chunk with a malformed end', `${requestText('POST /', 'Transfer-Encoding: chunked')}1\r\nxy`, 400],
  ['a malformed trailer', `${requestText('POST /', 'Transfer-Encoding: chunked')}0\r\nA : b\r\n`, 400],
  ['a body over the limit', `${requestText('POST /', 'Content-Length: 20')}${'x'.repeat(20)}`, 413],
  ['a chunked body over the limit', `${requestText('POST /', 'Transfer-Encoding: chunked')}b\r\n01234567890`, 413],
] as const) {
  for (const turns of [0, 20]) {
    test(`responds ${status} to ${name} before the end of the input, read after ${turns} turns`, async (t) => {
      const { connect } = await serve(
        t,
        async (request, response) => {
          for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
          response.send(200, plain, await request.body.bytes());
        },
        { maxBodyBytes: 10 },
      );
      for (const lead of ['', requestText('GET /before')]) {
        for (let at = 1; at <= text.length; at += at < text.length - 20 ? 10 : 1) {
          const client = await connect();
          await client.send(lead + text.slice(0, at));
          client.socket.end(text.slice(at), 'latin1');
          if (lead !== '') assert.equal((await client.readResponse()).status, 200);
          assert.equal((await client.readResponse()).status, status, `cut at ${at}`);
          assert.equal(await client.rest(), '');
        }
      }
    });
  }
}

test('closes the connection if nothing responds to a malformed body that is parsed after the end of the input', async (t) => {
  const { connect, served, pass } = await serveByHand(t, ({ request }) => {
    if (request.path === '/2') request.body.bytes().catch(() => {});
  });
  const client = await connect();
  const malformed = `${requestText('POST /2', 'Transfer-Encoding: chunked')}zz`;
  client.socket.end(requestText('GET /1') + malformed);
  const first = await nth(served, 0);
  await aborted(first);
  first.response.send(200, plain, '1');
  assert.equal((await client.readResponse()).body, '1');
  assert.equal(await aborted(await nth(served, 1)), 'HTTP_CLIENT_GONE');
  await poll(() => pass(500), client.closed);
});

test('closes without a response if the input ends inside a valid body', async (t) => {
  const { promise: code, resolve } = Promise.withResolvers<string>();
  const { connect } = await serve(t, async (request, response) => {
    await request.body.bytes().catch((error: { code: string }) => resolve(error.code));
    response.send(200, plain, 'not sent');
  });
  const client = await connect();
  client.socket.end(`${requestText('POST /', 'Transfer-Encoding: chunked')}3\r\nab`);
  assert.equal(await code, 'HTTP_CLIENT_GONE');
  assert.equal(await client.rest(), '');
});
