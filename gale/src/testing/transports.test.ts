/** The same cases in process and over a port: what a handler sees and what a client gets must not differ. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Application } from '../web/application.ts';
import { RequestHandler } from '../web/handler.ts';
import { HttpError } from '../web/http-error.ts';
import { testApp } from './test-app.ts';
import type { TestApp, TestAppOptions } from './test-app.ts';
import type { TestRequestInit } from './outgoing-request.ts';

/** Responds with what it got. */
class Echo extends RequestHandler {
  static override readonly bodyMode = 'stream';
  async respond(): Promise<void> {
    const body = await this.readBytes();
    this.setHeader('X-Method', this.request.method);
    this.setHeader('X-Target', this.request.target);
    this.setHeader('X-Type', this.request.headers.get('content-type') ?? 'none');
    this.setHeader('X-Length', this.request.headers.get('content-length') ?? 'none');
    this.setHeader('X-Coding', this.request.headers.get('transfer-encoding') ?? 'none');
    this.setHeader('Content-Type', 'application/octet-stream');
    this.write(body);
  }
  get = this.respond;
  post = this.respond;
  put = this.respond;
  patch = this.respond;
  delete = this.respond;
}

class Fields extends RequestHandler {
  get(): void {
    this.setStatus(203, 'Changed on the way');
    this.setHeader('X-Sent', [...this.request.headers].filter(([name]) => name.startsWith('x-')).join(' '));
    this.addHeader('X-Two', 'one');
    this.addHeader('X-Two', 'two');
    this.setCookie('first', '1');
    this.setCookie('second', '2', { path: '/fields' });
    this.write('');
  }
}

/** Writes parts, each after the previous one was taken. */
class Parts extends RequestHandler {
  async get({ count }: { count: string }): Promise<void> {
    for (let part = 0; part < Number(count); part++) {
      this.write(`part ${part}\n`);
      await this.flush();
    }
  }
}

class Large extends RequestHandler {
  get({ bytes }: { bytes: string }): void {
    this.write(Buffer.alloc(Number(bytes), 'x'));
  }
}

class Statuses extends RequestHandler {
  get({ status }: { status: string }): void {
    const code = Number(status);
    if (code >= 400) throw new HttpError(code, undefined);
    this.setStatus(code);
    if (code >= 300) this.setHeader('Location', '/echo');
  }
}

/** Breaks its response after its first part. */
class Broken extends RequestHandler {
  async get(): Promise<void> {
    this.write('half');
    await this.flush();
    throw new Error('broken off');
  }
}

class Slow extends RequestHandler {
  static reason: PromiseWithResolvers<string> = Promise.withResolvers();
  static begun: PromiseWithResolvers<void> = Promise.withResolvers();
  async get(): Promise<void> {
    Slow.begun.resolve();
    const { signal } = this.request;
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve());
    });
    Slow.reason.resolve((signal.reason as { code: string }).code);
  }
}

/** Responds before it has read its body. */
class Early extends RequestHandler {
  post(): void {
    this.write('early');
  }
}

function createApp(): Application {
  return new Application(
    [
      ['/echo', Echo],
      ['/fields', Fields],
      ['/parts/:count', Parts],
      ['/large/:bytes', Large],
      ['/status/:status', Statuses],
      ['/broken', Broken],
      ['/slow', Slow],
      ['/early', Early],
    ],
    { server: { maxBodyBytes: 1024 * 1024 } },
  );
}

const ways = ['request', 'fetch'] as const;

/** Defines a test for each way. */
function testBoth(
  name: string,
  run: (send: TestApp['request'], app: TestApp) => Promise<void>,
  options: TestAppOptions = {},
): void {
  for (const way of ways) {
    test(`${way}: ${name}`, async (t) => {
      const app = await testApp(createApp(), { ...options, t });
      await run((path, init) => app[way](path, init), app);
    });
  }
}

testBoth('status, reason, repeated headers and cookies', async (send) => {
  const response = await send('/fields', {
    headers: [
      ['X-A', 'ä'],
      ['x-b', '2'],
    ],
  });
  assert.deepEqual([response.status, response.statusText], [203, 'Changed on the way']);
  assert.equal(response.headers.get('x-sent'), 'x-a,ä x-b,2');
  assert.equal(response.headers.get('x-two'), 'one, two');
  assert.deepEqual(response.headers.getSetCookie(), ['first=1; Path=/', 'second=2; Path=/fields']);
  assert.equal(await response.text(), '');
});

testBoth('headers as an object and as Headers', async (send) => {
  for (const headers of [{ 'X-A': '1' }, new Headers({ 'X-A': '1' })]) {
    const response = await send('/fields', { headers });
    assert.equal(response.headers.get('x-sent'), 'x-a,1');
  }
});

const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);

async function* streamOf(...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* chunks;
}

async function* failing(): AsyncGenerator<string> {
  yield 'first';
  throw new Error('no more');
}

const bodies: readonly (readonly [
  what: string,
  init: TestRequestInit,
  type: string,
  text: string,
  isChunked?: boolean,
])[] = [
  ['text', { body: 'Grüße' }, 'text/plain;charset=UTF-8', 'Grüße'],
  ['an empty text', { body: '' }, 'text/plain;charset=UTF-8', ''],
  ['bytes', { body: bytes.subarray(65, 70) }, 'none', 'ABCDE'],
  ['an ArrayBuffer', { body: bytes.slice(65, 70).buffer }, 'none', 'ABCDE'],
  [
    'URLSearchParams',
    { body: new URLSearchParams({ a: 'b c', d: 'ä' }) },
    'application/x-www-form-urlencoded;charset=UTF-8',
    'a=b+c&d=%C3%A4',
  ],
  ['form', { form: { a: ['1', '2'], b: '&' } }, 'application/x-www-form-urlencoded;charset=UTF-8', 'a=1&a=2&b=%26'],
  ['json', { json: { a: [1, null, 'ä'] } }, 'application/json', '{"a":[1,null,"ä"]}'],
  ['json of null', { json: null }, 'application/json', 'null'],
  [
    'json with another type',
    { json: 1, headers: { 'content-type': 'application/vnd.api+json' } },
    'application/vnd.api+json',
    '1',
  ],
  ['a Blob', { body: new Blob(['blob'], { type: 'image/png' }) }, 'image/png', 'blob'],
  ['an async iterable', { body: streamOf('one,', Buffer.from('two')) }, 'none', 'one,two', true],
];

for (const [what, init, type, text, isChunked = false] of bodies) {
  test(`sends ${what} in the same way in process and over a port`, async (t) => {
    const app = await testApp(createApp(), { t });
    // A stream can be sent once.
    for (const way of isChunked ? [] : ways) {
      const response = await app[way]('/echo', init);
      assert.equal(await response.text(), text, way);
      assert.equal(response.headers.get('x-type'), type, way);
      assert.equal(response.headers.get('x-method'), 'POST', way);
      assert.equal(response.headers.get('x-length'), String(Buffer.byteLength(text)), way);
    }
    if (!isChunked) return;
    for (const way of ways) {
      const response = await app[way]('/echo', { body: streamOf('one,', Buffer.from('two')) });
      assert.deepEqual([await response.text(), response.headers.get('x-coding')], [text, 'chunked'], way);
    }
  });
}

testBoth('FormData as multipart', async (send) => {
  const form = new FormData();
  form.append('name', 'Ada');
  form.append('file', new Blob(['content'], { type: 'text/plain' }), 'a.txt');
  const response = await send('/echo', { body: form });
  assert.match(response.headers.get('x-type') ?? '', /^multipart\/form-data; boundary=/);
  assert.match(
    await response.text(),
    /name="name"\r\n\r\nAda\r\n[^]*filename="a.txt"\r\nContent-Type: text\/plain\r\n\r\ncontent\r\n/,
  );
});

testBoth('a ReadableStream, and a body of many slices', async (send) => {
  const stream = new Blob(['streamed']).stream();
  assert.equal(await (await send('/echo', { body: stream })).text(), 'streamed');
  const large = Buffer.alloc(1_000_000, 'abcdefg');
  const response = await send('/echo', { method: 'PUT', body: large });
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), large);
  assert.equal(response.headers.get('x-method'), 'PUT');
});

testBoth('methods, and a length of 0 for POST without a body', async (send) => {
  for (const method of ['put', 'PATCH', 'delete']) {
    const response = await send('/echo', { method });
    assert.equal(response.headers.get('x-method'), method.toUpperCase());
  }
  assert.equal((await send('/echo', { method: 'POST' })).headers.get('x-length'), '0');
  assert.equal((await send('/echo')).headers.get('x-length'), 'none');
  assert.equal((await send('/echo', { method: 'BREW' })).status, 501);
});

testBoth('paths are normalized and encoded as URLs', async (send) => {
  for (const [path, target] of [
    ['/echo', '/echo'],
    ['/a/../echo?q=ä b', '/echo?q=%C3%A4%20b'],
    ['/echo?a=1#fragment', '/echo?a=1'],
  ] as const) {
    assert.equal((await send(path)).headers.get('x-target'), target);
  }
});

testBoth('HEAD, 204 and 304 have no body', async (send) => {
  const head = await send('/large/5', { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers.get('content-length'), await head.text()], [200, '5', '']);
  for (const status of [204, 304]) {
    const response = await send(`/status/${status}`);
    assert.deepEqual([response.status, await response.text()], [status, '']);
  }
  assert.equal(await (await send('/large/3')).text(), 'xxx');
});

testBoth('a body in chunks', async (send) => {
  for (const count of [1, 2, 100]) {
    const response = await send(`/parts/${count}`);
    assert.equal(response.headers.get('transfer-encoding'), 'chunked');
    assert.equal(await response.text(), Array.from({ length: count }, (_, part) => `part ${part}\n`).join(''));
  }
});

testBoth('a large body, read or cancelled', async (send) => {
  assert.equal((await (await send('/large/3000000')).arrayBuffer()).byteLength, 3_000_000);
  const response = await send('/large/3000000');
  await response.body?.cancel();
  assert.equal(await (await send('/large/3')).text(), 'xxx');
});

testBoth('many requests at a time', async (send) => {
  const texts = await Promise.all(
    Array.from({ length: 50 }, async (_, n) => (await send('/echo', { body: `${n}` })).text()),
  );
  assert.deepEqual(
    texts,
    Array.from({ length: 50 }, (_, n) => `${n}`),
  );
});

testBoth('errors of handlers and unknown paths', async (send) => {
  assert.equal((await send('/nowhere')).status, 404);
  assert.equal((await send('/status/418')).status, 418);
  assert.equal((await send('/100%')).status, 400);
});

testBoth('a body over the limit is 413', async (send) => {
  const response = await send('/echo', { body: Buffer.alloc(1024 * 1024 + 1) });
  assert.equal(response.status, 413);
});

testBoth('a response before the end of the request', async (send) => {
  const response = await send('/early', { body: streamOf('a', 'b') });
  assert.equal(await response.text(), 'early');
  assert.equal(await (await send('/large/3')).text(), 'xxx');
});

testBoth('a response that breaks off rejects while its body is read', async (send, app) => {
  void app.expectLog('error: A handler failed (broken off)');
  const response = await send('/broken');
  assert.equal(response.status, 200);
  await assert.rejects(response.text());
});

testBoth('a client that aborts', async (send) => {
  Slow.reason = Promise.withResolvers();
  Slow.begun = Promise.withResolvers();
  const abort = new AbortController();
  const response = send('/slow', { signal: abort.signal });
  await Slow.begun.promise;
  abort.abort(new Error('enough'));
  await assert.rejects(response, { message: 'enough' });
  assert.equal(await Slow.reason.promise, 'HTTP_CLIENT_GONE');
  await assert.rejects(send('/echo', { signal: AbortSignal.abort(new Error('before')) }), { message: 'before' });
});

testBoth('an error of a request body', async (send) => {
  await assert.rejects(send('/echo', { body: failing() }), (error: Error) =>
    /no more/.test(`${error.message} ${String(error.cause)}`),
  );
});

testBoth('redirects are followed only on demand, with the method that a browser uses', async (send) => {
  const response = await send('/status/302', { redirect: 'manual' });
  assert.deepEqual([response.status, response.headers.get('location')], [302, '/echo']);
  const followed = await send('/status/302', { redirect: 'follow' });
  assert.deepEqual([followed.status, followed.headers.get('x-method')], [200, 'GET']);
});

test('an upgrade in process is refused with a message that names connect', async (t) => {
  const { WebSocketHandler } = await import('../web/websocket-handler.ts');
  const app = await testApp(new Application([['/socket', class extends WebSocketHandler {}]]), { t });
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  await assert.rejects(app.request('/socket', { headers }), { code: 'TEST_REQUEST', message: /use connect\(path\)/ });
  assert.equal((await app.request('/socket', { headers: { ...headers, Upgrade: 'other' } })).status, 400);
});

test('a body waits for 100 Continue, and is not sent if the response comes first', async (t) => {
  const app = await testApp(createApp(), { t });
  const sent = await app.request('/echo', { body: 'waited', headers: { Expect: '100-continue' } });
  assert.equal(await sent.text(), 'waited');
  const early = await app.request('/early', { body: 'never read', headers: { Expect: '100-continue' } });
  assert.equal(await early.text(), 'early');
  assert.equal((await app.request('/echo', { body: 'x', headers: { Expect: 'other' } })).status, 417);
});
