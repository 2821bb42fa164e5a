/** The limit of response heads: a handler that sends too much gets an error, its client a 500. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpServer } from '../src/http/server.ts';
import { RequestHandler } from '../src/web/handler.ts';
import type { Middleware } from '../src/web/middleware/middleware.ts';
import { WebSocketHandler } from '../src/web/websocket-handler.ts';
import { plain, requestText, serve as serveHttp } from './support/http/http-server.ts';
import { serve } from './support/web/web-server.ts';

const limit = 64 * 1024;
const many = (count: number): (readonly [string, string])[] =>
  Array.from({ length: count }, (_, index) => [`X-${index}`, 'value'] as const);

test('HttpServer responds 500 to a head over maxResponseHeadBytes, and names the header in the log', async (t) => {
  const heads: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
    '/many': many(100_000),
    '/large': [['X-Large', 'x'.repeat(10_000_000)]],
    '/ok': many(1_000),
  };
  const served = await serveHttp(t, (request, response) => {
    const headers = heads[request.path] ?? plain;
    if (request.query === 'stream') {
      response.start(200, headers);
      void response.end();
    } else response.send(200, headers, 'text');
  });
  const client = await served.connect();
  for (const query of ['', '?stream']) {
    for (const path of ['/many', '/ok', '/large']) {
      await client.send(requestText(`GET ${path}${query}`));
      const { status, body, headers } = await client.readResponse();
      assert.equal(status, path === '/ok' ? 200 : 500, path);
      if (path !== '/ok') assert.equal(body, 'Internal Server Error.\n');
      else assert.equal(headers.get('x-999'), 'value');
    }
  }
  const messages = served.complaints.splice(0).map(({ fields }) => (fields['err'] as Error).message);
  assert.equal(messages.length, 4);
  assert.match(messages[0] ?? '', /^The head of the response has \d{5} bytes or more at the header X-\d+, over max/);
  assert.match(
    messages[1] ?? '',
    /has 100000\d\d bytes or more at the header X-Large, over maxResponseHeadBytes \(65536\)/,
  );
});

test('the limit is exact, and a head of another server in the cache does not pass', async (t) => {
  for (const maxResponseHeadBytes of [2_000, 1_024]) {
    const served = await serveHttp(
      t,
      (request, response) => {
        const status = 'HTTP/1.1 200 OK\r\n';
        const spare = 1_024 - status.length - 'X: \r\n'.length;
        response.send(200, [['X', 'x'.repeat(spare + Number(request.query))]], '');
      },
      { maxResponseHeadBytes },
    );
    const client = await served.connect();
    for (const extra of [0, 1]) {
      await client.send(requestText(`GET /?${extra}`));
      assert.equal((await client.readResponse()).status, maxResponseHeadBytes === 1_024 && extra === 1 ? 500 : 200);
    }
    served.complaints.splice(0);
  }
  assert.throws(() => new HttpServer(() => {}, { maxResponseHeadBytes: 1_023 }), { code: 'OPTION_VALUE' });
});

class Large extends RequestHandler {
  async get({ what }: { what: string }): Promise<void> {
    if (what === 'header') this.setHeader('X-Large', 'x'.repeat(10_000_000));
    if (what === 'headers') for (let index = 0; index < 2_000; index++) this.addHeader('X-Many', 'x'.repeat(50));
    if (what === 'cookies') for (let index = 0; index < 30; index++) this.setCookie(`c${index}`, 'x'.repeat(3_000));
    if (what === 'flush') {
      this.setHeader('X-Large', 'x'.repeat(limit));
      await this.flush();
    }
    this.write('text');
  }
}

class Defaults extends RequestHandler {
  override setDefaultHeaders(): void {
    this.setHeader('X-Large', 'x'.repeat(limit));
  }
  get(): void {
    this.write('text');
  }
}

class Socket extends WebSocketHandler {
  override prepare(): void {
    this.setHeader('X-Large', 'x'.repeat(limit));
  }
}

test('a handler whose head is too large is logged, and its client gets an error page of 500, also if cookies, default headers or middlewares are the reason', async (t) => {
  const added: Middleware = { processResponse: (handler) => handler.setHeader('X-Large', 'x'.repeat(limit)) };
  const served = await serve(t, [
    ['/large/:what', Large],
    ['/defaults', Defaults],
    ['/middleware', () => 'text', { middleware: [added] }],
    ['/socket', Socket],
    ['/', () => 'fine'],
  ]);
  const upgrade = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  };
  for (const path of [
    '/large/header',
    '/large/headers',
    '/large/cookies',
    '/large/flush',
    '/defaults',
    '/middleware',
  ]) {
    const response = await served.get(path, { headers: { Accept: 'application/json' } });
    assert.equal(response.status, 500, path);
    assert.equal(response.headers.get('x-large'), null);
    assert.deepEqual(response.headers.getSetCookie(), []);
    assert.equal(((await response.json()) as { status: number }).status, 500, path);
  }
  const fields = Object.entries({ Host: 'localhost', ...upgrade }).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = await served.raw(
    `GET /socket HTTP/1.1\r\n${fields.join('')}\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
  );
  assert.match(text, /^HTTP\/1\.1 500 /);
  const { fields: logged } = await served.expectLine(/^error: .*The head of the response has .*maxResponseHeadBytes/);
  assert.equal((logged['err'] as { code?: string }).code, 'HTTP_RESPONSE_HEAD_TOO_LARGE');
  assert.equal(await (await served.get('/')).text(), 'fine');
});
