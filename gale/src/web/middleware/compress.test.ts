import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, createGunzip, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { serve, type Served } from '../../../test/support/web/web-server.ts';
import { RequestHandler } from '../handler.ts';
import { StaticFileHandler } from '../static/static-file.ts';
import { WebSocketHandler } from '../websocket-handler.ts';
import type { ContentCoding } from './accept-encoding.ts';
import { compress } from './compress.ts';

const text = 'A line that repeats. '.repeat(500);

class Page extends RequestHandler {
  async get(): Promise<void> {
    const way = this.request.query;
    if (way === 'small') return this.write('x'.repeat(1023));
    if (way === 'threshold') return this.write('x'.repeat(1024));
    if (way === 'large') return this.write(text.repeat(50));
    if (way === 'image') this.setHeader('Content-Type', 'image/png');
    if (way === 'encoded') this.setHeader('Content-Encoding', 'x-own');
    if (way === 'no-transform') this.setHeader('Cache-Control', 'public, no-transform');
    if (way === 'varied') this.setHeader('Vary', 'Cookie, accept-encoding');
    if (way === 'tagged') this.setHeader('Etag', '"v1"');
    if (way === 'partial') this.setStatus(206);
    if (way === 'error') return this.sendError(404);
    if (way === 'stream') {
      for (let count = 0; count < 3; count++) {
        this.write(text);
        await this.flush();
      }
    }
    this.write(text);
  }
}

/** A response as it was sent, without decoding. */
interface Raw {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

async function ask(served: Served, path: string, encoding?: string, headers: object = {}): Promise<Raw> {
  const request = httpGet({
    port: served.port,
    host: '127.0.0.1',
    path,
    headers: { ...(encoding === undefined ? {} : { 'accept-encoding': encoding }), ...headers },
  });
  const [message] = (await once(request, 'response')) as [IncomingMessage];
  return { status: message.statusCode, headers: message.headers, body: Buffer.concat(await message.toArray()) };
}

const decoders: Readonly<Record<ContentCoding, (bytes: Buffer) => Buffer>> = {
  gzip: (bytes) => gunzipSync(bytes),
  br: (bytes) => brotliDecompressSync(bytes),
  zstd: (bytes) => zstdDecompressSync(bytes),
};

test('compresses whole bodies and streams with the coding that the client prefers', async (t) => {
  const served = await serve(t, [['/', Page]], { middleware: [compress()] });
  for (const coding of ['gzip', 'br', 'zstd'] as const) {
    for (const [path, expected] of [
      ['/', text],
      ['/?large', text.repeat(50)],
      ['/?stream', text.repeat(4)],
      ['/?threshold', 'x'.repeat(1024)],
    ] as const) {
      const { headers, body } = await ask(served, path, coding);
      assert.equal(headers['content-encoding'], coding, `${path} ${coding}`);
      assert.equal(headers.vary, 'Accept-Encoding');
      assert.ok(body.byteLength < expected.length / 5);
      assert.equal(decoders[coding](body).toString(), expected, `${path} ${coding}`);
    }
  }
  assert.equal((await ask(served, '/', 'gzip, br, zstd')).headers['content-encoding'], 'zstd');
  assert.equal((await ask(served, '/', 'gzip, br, zstd;q=0.1')).headers['content-encoding'], 'br');
});

test('sends the rest as it is, with Vary for what could be compressed', async (t) => {
  const served = await serve(t, [['/', Page]], { middleware: [compress()] });
  for (const [path, encoding, vary] of [
    ['/', undefined, 'Accept-Encoding'],
    ['/', 'identity', 'Accept-Encoding'],
    ['/?small', 'gzip', 'Accept-Encoding'],
    ['/?encoded', 'gzip', 'Accept-Encoding'],
    ['/?no-transform', 'gzip', 'Accept-Encoding'],
    ['/?image', 'gzip', undefined],
    ['/?partial', 'gzip', undefined],
  ] as const) {
    const { headers, body } = await ask(served, path, encoding);
    assert.equal(headers['content-encoding'], path === '/?encoded' ? 'x-own' : undefined, path);
    assert.equal(headers.vary, vary, path);
    assert.match(body.toString(), /^(?:A line that repeats\. )+$|^x+$/);
  }
  assert.equal((await ask(served, '/?varied', 'gzip')).headers.vary, 'Cookie, accept-encoding');
});

test('an ETag becomes weak, and so does that of a 304', async (t) => {
  const served = await serve(t, [['/', Page]], { middleware: [compress()] });
  assert.equal((await ask(served, '/?tagged', 'gzip')).headers.etag, 'W/"v1"');
  assert.equal((await ask(served, '/?tagged')).headers.etag, '"v1"');
  const stored = await ask(served, '/?tagged', 'gzip', { 'if-none-match': 'W/"v1"' });
  assert.deepEqual([stored.status, stored.headers.etag, stored.headers.vary], [304, 'W/"v1"', 'Accept-Encoding']);
  assert.equal((await ask(served, '/?tagged', 'gzip', { 'if-none-match': '"v1"' })).headers.etag, '"v1"');
});

test('the HEAD of a page has the headers of its GET', async (t) => {
  const served = await serve(t, [['/', Page]], { middleware: [compress()] });
  for (const path of ['/', '/?stream']) {
    const response = await fetch(`http://127.0.0.1:${served.port}${path}`, {
      method: 'HEAD',
      headers: { 'accept-encoding': 'br' },
    });
    assert.equal(response.headers.get('content-encoding'), 'br');
    assert.equal(response.headers.get('content-length'), null);
  }
});

test('error pages over the threshold are compressed', async (t) => {
  class Long extends RequestHandler {
    override writeError(): void {
      this.write(text);
    }
    get(): void {
      throw new Error('long');
    }
  }
  const served = await serve(t, [['/', Long]], { middleware: [compress()] });
  const { status, headers, body } = await ask(served, '/', 'gzip');
  await served.expectLine(/long/);
  assert.deepEqual([status, headers['content-encoding'], gunzipSync(body).toString()], [500, 'gzip', text]);
});

test('each flush of a stream arrives at once', { timeout: 20_000 }, async (t) => {
  let next = Promise.withResolvers<void>();
  class Slow extends RequestHandler {
    async get(): Promise<void> {
      for (const part of ['first', 'second', 'third']) {
        this.write(part);
        await this.flush();
        await next.promise;
      }
    }
  }
  const served = await serve(t, [['/', Slow]], { middleware: [compress()] });
  const request = httpGet({ port: served.port, host: '127.0.0.1', headers: { 'accept-encoding': 'gzip' } });
  const [message] = (await once(request, 'response')) as [IncomingMessage];
  assert.equal(message.headers['content-encoding'], 'gzip');
  const plain = message.pipe(createGunzip());
  for (const part of ['first', 'second', 'third']) {
    const [piece] = (await once(plain, 'data')) as [Buffer];
    assert.equal(piece.toString(), part);
    const { resolve } = next;
    next = Promise.withResolvers();
    resolve();
  }
  await once(plain, 'end');
});

test('at most maxStreams streams are compressed at once', async (t) => {
  const held = Promise.withResolvers<void>();
  class Held extends RequestHandler {
    async get(): Promise<void> {
      this.write('part');
      await this.flush();
      await held.promise;
    }
  }
  const served = await serve(t, [['/', Held]], { middleware: [compress({ maxStreams: 1 })] });
  const open = async (): Promise<IncomingMessage> => {
    const request = httpGet({ port: served.port, host: '127.0.0.1', headers: { 'accept-encoding': 'gzip' } });
    return ((await once(request, 'response')) as [IncomingMessage])[0];
  };
  const [first, second] = [await open(), await open()];
  assert.deepEqual([first.headers['content-encoding'], second.headers['content-encoding']], ['gzip', undefined]);
  held.resolve();
  for (const message of [first, second]) await message.toArray();
  const third = await open();
  assert.equal(third.headers['content-encoding'], 'gzip');
  await third.toArray();
});

test('static files are compressed, or sent from a sibling', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'gale-compress-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  await writeFile(join(root, 'large.js'), text.repeat(30));
  await writeFile(join(root, 'small.js'), text);
  await writeFile(join(root, 'ready.js'), text);
  await writeFile(join(root, 'ready.js.br'), brotliCompressSync('in advance'));
  await writeFile(join(root, 'picture.png'), text);
  const served = await serve(t, [['/files/*path', StaticFileHandler, { init: { root } }]], {
    middleware: [compress()],
  });
  for (const [name, expected] of [
    ['large.js', text.repeat(30)],
    ['small.js', text],
  ] as const) {
    const { headers, body } = await ask(served, `/files/${name}`, 'gzip');
    assert.deepEqual([headers['content-encoding'], headers.vary], ['gzip', 'Accept-Encoding'], name);
    assert.match(String(headers.etag), /^W\//);
    assert.equal(gunzipSync(body).toString(), expected);
    const unchanged = await ask(served, `/files/${name}`, 'gzip', { 'if-none-match': headers.etag });
    assert.deepEqual([unchanged.status, unchanged.headers.etag], [304, headers.etag]);
    const range = await ask(served, `/files/${name}`, 'gzip', { range: 'bytes=2-5' });
    assert.deepEqual([range.status, range.headers['content-encoding'], String(range.body)], [206, undefined, 'line']);
  }
  const ready = await ask(served, '/files/ready.js', 'gzip, br');
  assert.equal(ready.headers['content-encoding'], 'br');
  assert.equal(String(brotliDecompressSync(ready.body)), 'in advance');
  const other = await ask(served, '/files/ready.js', 'gzip');
  assert.equal(String(gunzipSync(other.body)), text);
  assert.equal((await ask(served, '/files/picture.png', 'gzip')).headers['content-encoding'], undefined);
});

test('a WebSocket is not compressed', async (t) => {
  const served = await serve(t, [['/', WebSocketHandler]], { middleware: [compress()] });
  const socket = new WebSocket(`ws://127.0.0.1:${served.port}/`);
  await once(socket, 'open');
  socket.close();
  await once(socket, 'close');
});
