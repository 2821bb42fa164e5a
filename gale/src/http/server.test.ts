import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:net';
import { test } from 'node:test';
import type { HttpRequest } from './request.ts';
import type { HttpResponse } from './response.ts';
import { HttpServer } from './server.ts';
import type { HttpServerOptions } from './options/server-options.ts';
import { RawClient, eventually, requestText, serve } from '../../test/support/http/http-server.ts';

const plain = [['Content-Type', 'text/plain']] as const;

test('returns port and host from listen, and rejects with the system error for a used port', async (t) => {
  const { port } = await serve(t, () => {});
  const second = new HttpServer(() => {});
  await assert.rejects(second.listen(port, '127.0.0.1'), { code: 'EADDRINUSE' });
  await second.close();
  const third = new HttpServer(() => {});
  const address = await third.listen(0, '127.0.0.1');
  assert.equal(address.host, '127.0.0.1');
  assert.ok(address.port > 0);
  await third.close();
  await assert.rejects(fetch(`http://127.0.0.1:${address.port}/`));
});

test('logs an error of the system while it accepts, and continues to serve', async (t) => {
  const listeners: Server[] = [];
  const note = (message: unknown): void => void listeners.push((message as { server: Server }).server);
  subscribe('tracing:net.server.listen:asyncStart', note);
  t.after(() => unsubscribe('tracing:net.server.listen:asyncStart', note));
  const { connect, complaints } = await serve(t, (_, response) => response.send(200, plain, 'x'));
  const error = Object.assign(new Error('accept ENOBUFS'), { code: 'ENOBUFS' });
  assert.equal(listeners.length, 1);
  listeners[0]?.emit('error', error);
  assert.deepEqual(complaints.splice(0), [{ message: 'Accepting a connection failed', fields: { err: error } }]);
  const client = await connect();
  await client.send(requestText('GET /'));
  assert.equal((await client.readResponse()).status, 200);
});

test('gives a request its target, host, peer and headers', async (t) => {
  const seen: Record<string, unknown>[] = [];
  const { connect, port } = await serve(t, (request, response) => {
    const { method, target, path, query, version, remoteAddress, protocol, host } = request;
    seen.push({ method, target, path, query, version, remoteAddress, protocol, host, a: request.headers.get('a') });
    response.send(200, plain, 'x');
  });
  const client = await connect();
  const common = { remoteAddress: '127.0.0.1', protocol: 'http' };
  await client.send(`GET /%C3%A4?b=1?c HTTP/1.1\r\nHost: Test.Example:${port}\r\nA: b\r\n\r\n`);
  await client.send('GET HTTP://Other.Example?x HTTP/1.1\r\nHost: test\r\n\r\n');
  await client.send('OPTIONS * HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
  for (let index = 0; index < 3; index++) await client.readResponse();
  assert.deepEqual(seen, [
    {
      ...common,
      method: 'GET',
      target: '/%C3%A4?b=1?c',
      path: '/%C3%A4',
      query: 'b=1?c',
      version: '1.1',
      host: `test.example:${port}`,
      a: 'b',
    },
    {
      ...common,
      method: 'GET',
      target: 'HTTP://Other.Example?x',
      path: '/',
      query: 'x',
      version: '1.1',
      host: 'other.example',
      a: undefined,
    },
    { ...common, method: 'OPTIONS', target: '*', path: '*', query: '', version: '1.0', host: '', a: undefined },
  ]);
});

test('serves responses, bodies and streams to fetch', async (t) => {
  const { port } = await serve(t, async (request, response) => {
    response.start(200, [['Content-Type', 'application/octet-stream']]);
    for await (const part of request.body) await response.write(part);
    await response.end();
  });
  const url = `http://127.0.0.1:${port}/`;
  assert.equal(await (await fetch(url)).text(), '');
  const body = 'ä'.repeat(1_000_000);
  assert.equal(await (await fetch(url, { method: 'POST', body })).text(), body);
  const stream = new Response(body).body;
  const response = await fetch(url, { method: 'PUT', body: stream, duplex: 'half' } as RequestInit);
  assert.equal(await response.text(), body);
});

test('rejects an invalid number option with name, value and range', () => {
  assert.throws(() => new HttpServer(() => {}, { maxHeadBytes: 1 }), {
    code: 'OPTION_VALUE',
    message: 'maxHeadBytes must be an integer from 256 to 16777216; got 1.',
  });
  assert.throws(() => new HttpServer(() => {}, { idleTimeoutMs: Number.NaN }), { code: 'OPTION_VALUE' });
  assert.throws(() => new HttpServer(() => {}, { idleTimeoutMs: '5' as unknown as number }), { code: 'OPTION_VALUE' });
  assert.throws(() => new HttpServer(() => {}, { idleTimeoutMS: 5 } as object), {
    code: 'OPTION_UNKNOWN',
    message: /idleTimeoutMS.*idleTimeoutMs/,
  });
});

test('rejects invalid options of other types, and a missing listener', () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [null, /^server options must be an object; got null\.$/],
    [{ maxHeadBytes: '256' }, /^maxHeadBytes must be .*; got "256"\.$/],
    [{ proxyProtocol: 'false' }, /^proxyProtocol must be true or false; got "false"\.$/],
    [{ log: { warn() {} } }, /^log must be an object with the methods debug, info, warn and error; got/],
    [{ trustedProxies: 'loopback' }, /^trustedProxies must be an array of strings; got "loopback"\.$/],
    [{ trustedProxies: [5] }, /^trustedProxies must be an array of strings; got an array of 1\.$/],
    [{ proxyHeaders: 'x' }, /^proxyHeaders must be "x-forwarded" or "forwarded"; got "x"\.$/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => new HttpServer(() => {}, options as HttpServerOptions), { code: 'OPTION_VALUE', message });
  }
  assert.throws(() => new HttpServer(undefined as never), {
    code: 'OPTION_VALUE',
    message: /^listener must be a function; got/,
  });
});

test('rejects invalid options of close and keeps running', async (t) => {
  const { server, port } = await serve(t, (_, response) => response.send(200, plain, 'x'));
  for (const value of [Number.NaN, -1, Infinity, 1e10, 0.5, '5']) {
    for (const name of ['graceMs', 'idleMs']) {
      await assert.rejects(server.close({ [name]: value }), {
        code: 'OPTION_VALUE',
        message: new RegExp(`^${name} must be an integer from 0 to `),
      });
    }
  }
  await assert.rejects(server.close({ graceMS: 5 } as object), { code: 'OPTION_UNKNOWN' });
  assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 200);
});

test('responds 503 above maxConnections, until a connection closes', async (t) => {
  const { connect, server } = await serve(t, (_, response) => response.send(200, plain, 'x'), { maxConnections: 2 });
  const first = await connect();
  const second = await connect();
  for (const client of [first, second]) {
    await client.send(requestText('GET /'));
    assert.equal((await client.readResponse()).status, 200);
  }
  const third = await connect();
  await third.send(requestText('GET /'));
  const refused = await third.readResponse();
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('connection'), 'close');
  assert.equal(await third.rest(), '');
  third.socket.destroy();
  first.socket.destroy();
  await eventually(() => server.connectionCount <= 1);
  const fourth = await connect();
  await fourth.send(requestText('GET /'));
  assert.equal((await fourth.readResponse()).status, 200);
});

test('does not count refused connections that stay open', async (t) => {
  const { connect, server } = await serve(t, (_, response) => response.send(200, plain, 'x'), { maxConnections: 2 });
  const served = [await connect(), await connect()];
  for (const client of served) {
    await client.send(requestText('GET /'));
    assert.equal((await client.readResponse()).status, 200);
  }
  for (let count = 0; count < 5; count++) {
    const refused = await connect();
    assert.equal((await refused.readResponse()).status, 503);
  }
  assert.equal(server.connectionCount, 7);
  for (const client of served) client.socket.destroy();
  await eventually(() => server.connectionCount === 5);
  for (const status of [200, 200, 503]) {
    const next = await connect();
    await next.send(requestText('GET /'));
    assert.equal((await next.readResponse()).status, status);
  }
});

test('notifies owners of upgraded connections when the server closes, also late ones, and ends sockets without owner', async (t) => {
  const requests: HttpRequest[] = [];
  const notified: string[] = [];
  const take = (request: HttpRequest): void => {
    const { socket, attach } = request.upgrade();
    socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    if (request.path === '/silent') return;
    attach({
      onServerClosing() {
        notified.push(request.path);
        socket.end(`goodbye ${request.path}`);
        if (request.path === '/throws') throw new Error('an error of the handler');
      },
    });
  };
  const { connect, server, complaints } = await serve(t, (request) => {
    requests.push(request);
    if (request.path !== '/late') take(request);
  });
  const paths = ['/notified', '/throws', '/silent', '/late'];
  const clients = new Map<string, RawClient>();
  for (const path of paths) {
    const client = await connect();
    clients.set(path, client);
    await client.send(requestText(`GET ${path}`));
  }
  await eventually(() => requests.length === paths.length);
  const closed = server.close({ graceMs: 2 ** 31 - 1 });
  assert.deepEqual(notified, ['/notified', '/throws']);
  for (const request of requests) if (request.path === '/late') take(request);
  for (const [path, client] of clients) {
    assert.equal((await client.readResponse()).status, 101);
    assert.equal(await client.rest(), path === '/silent' ? '' : `goodbye ${path}`);
    client.socket.end();
  }
  await closed;
  assert.deepEqual(notified, ['/notified', '/throws', '/late']);
  assert.equal(complaints.splice(0).length, 1);
});

test('completes requests in flight with Connection: close, and closes idle connections after idleMs', async (t) => {
  const waiting: HttpResponse[] = [];
  const { connect, server, port } = await serve(t, (request, response) => {
    if (request.path === '/now') response.send(200, plain, 'now');
    else waiting.push(response);
  });
  const idle = await connect();
  await idle.send(requestText('GET /now'));
  await idle.readResponse();
  const silent = await connect();
  const busy = await connect();
  await busy.send(requestText('GET /later') + requestText('GET /next'));
  await eventually(() => waiting.length > 0);
  const closed = server.close();
  assert.equal(server.close(), closed);
  assert.equal(await idle.rest(), '');
  assert.equal(await silent.rest(), '');
  idle.socket.end();
  silent.socket.end();
  const late = new RawClient(port);
  await late.closed;
  assert.equal(late.received, '');
  waiting[0]?.send(200, plain, 'later');
  const response = await busy.readResponse();
  assert.equal(response.body, 'later');
  assert.equal(response.headers.get('connection'), 'close');
  assert.equal(await busy.rest(), '');
  busy.socket.end();
  await closed;
});

test('destroys remaining connections after graceMs, upgraded ones included', async (t) => {
  const requests: HttpRequest[] = [];
  const { connect, server } = await serve(t, (request) => {
    requests.push(request);
    if (request.path === '/upgrade') request.upgrade().socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
  });
  const stuck = await connect();
  await stuck.send(requestText('GET /'));
  const upgraded = await connect();
  await upgraded.send(requestText('GET /upgrade'));
  await upgraded.readResponse();
  await eventually(() => requests.length === 2);
  await server.close({ graceMs: 50 });
  assert.equal(server.connectionCount, 0);
  assert.equal(await stuck.rest(), '');
  await upgraded.rest();
  assert.equal(requests.find((request) => request.path === '/')?.signal.aborted, true);
});

test('resets a response that is incomplete after graceMs', async (t) => {
  const { server, connect } = await serve(t, (_, response) => {
    response.start(200, plain);
    void response.write('half');
  });
  const client = await connect();
  // The end of the connection is the end of the body.
  await client.send('GET / HTTP/1.0\r\n\r\n');
  await client.until((received) => received.endsWith('half'));
  await server.close({ graceMs: 0 });
  assert.equal(await client.closed, true);
});

test('resets a complete response that the client has not read after graceMs', async (t) => {
  let isComplete = false;
  const { server, connect } = await serve(t, (_, response) => {
    response.start(200, plain);
    void response.write(Buffer.alloc(64 * 1024 * 1024));
    void response.end();
    isComplete = true;
  });
  const client = await connect();
  client.socket.pause();
  await client.send('GET / HTTP/1.0\r\n\r\n');
  await eventually(() => isComplete);
  await server.close({ graceMs: 0 });
  client.socket.resume();
  assert.equal(await client.closed, true);
});

test('keeps an idle connection for a request on its way and serves it as the last one', async (t) => {
  const { server, connect } = await serve(t, (_, response) => response.send(200, plain, 'ok'));
  const [busy, idle] = [await connect(), await connect()];
  for (const client of [busy, idle]) {
    await client.send(requestText('GET /'));
    assert.equal((await client.readResponse()).headers.has('connection'), false);
  }
  const closed = server.close();
  await busy.send(requestText('GET /'));
  assert.equal((await busy.readResponse()).headers.get('connection'), 'close');
  assert.equal(await busy.rest(), '');
  // An idle client sees the end of the connection long before graceMs has passed.
  assert.equal(await idle.rest(), '');
  for (const client of [busy, idle]) client.socket.end();
  await closed;
});

test('lets upgraded connections send their queued bytes when the server closes', async (t) => {
  const size = 5_000_000;
  const { connect, server } = await serve(t, (request) => {
    const { socket } = request.upgrade();
    socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    socket.write(Buffer.alloc(size, 'x'));
  });
  const client = await connect();
  await client.send(requestText('GET /'));
  await client.readResponse();
  const closed = server.close();
  assert.equal((await client.rest()).length, size);
  client.socket.end();
  await closed;
});

test('leaks nothing when many clients disconnect after half a request', async (t) => {
  const { connect, server } = await serve(t, async (request, response) => {
    await request.body.bytes();
    response.send(200, plain, 'x');
  });
  const texts = [
    '',
    'G',
    'GET / HTTP/1.1\r\nHo',
    `${requestText('POST /', 'Content-Length: 9')}x`,
    requestText('GET /'),
  ];
  for (let round = 0; round < 40; round++) {
    const client = await connect();
    await client.send(texts[round % texts.length] as string);
    if (round % 2 === 0) client.socket.destroy();
    else client.socket.resetAndDestroy();
  }
  await eventually(() => server.connectionCount <= 0);
  assert.equal(server.wheel.size, 0);
});
