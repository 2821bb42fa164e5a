/** Streams and iterables that a verb returns. */
import assert from 'node:assert/strict';
import { EventEmitter, on, once } from 'node:events';
import { createReadStream } from 'node:fs';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { RequestHandler } from './handler.ts';
import { HttpError } from './http-error.ts';
import type { Route } from './route.ts';
import { serve, type Served } from '../../test/support/web/web-server.ts';

type Verb = (handler: RequestHandler) => unknown;

/** Serves each function at the path of its name. */
function serveAll(t: TestContext, verbs: Readonly<Record<string, Verb>>): Promise<Served> {
  return serve(
    t,
    Object.entries(verbs).map(([name, verb]): Route => [
      `/${name}`,
      class extends RequestHandler {
        get(): unknown {
          return verb(this);
        }
      },
    ]),
  );
}

/** A source of each kind that never ends, with the number of chunks it gave and whether it was ended early. */
class Endless {
  given = 0;
  readonly ended: PromiseWithResolvers<string> = Promise.withResolvers<string>();
  readonly chunk: string;

  constructor(bytes = 1) {
    this.chunk = 'x'.repeat(bytes);
  }

  *generator(): Generator<string> {
    try {
      for (;;) yield this.#next();
    } finally {
      this.ended.resolve('return');
    }
  }

  async *asyncGenerator(): AsyncGenerator<string> {
    try {
      for (;;) yield this.#next();
    } finally {
      this.ended.resolve('return');
    }
  }

  webStream(): ReadableStream<string> {
    return new ReadableStream<string>({
      pull: (controller) => controller.enqueue(this.#next()),
      cancel: () => this.ended.resolve('cancel'),
    });
  }

  readable(): Readable {
    const readable: Readable = new Readable({
      read: () => readable.push(this.#next()),
      destroy: (error, done): void => {
        this.ended.resolve('destroy');
        done(error);
      },
    });
    return readable;
  }

  #next(): string {
    this.given++;
    return this.chunk;
  }
}

const kinds = ['generator', 'asyncGenerator', 'webStream', 'readable'] as const;

test('streams a ReadableStream, a Readable, iterables and generators', async (t) => {
  const encoder = new TextEncoder();
  const served = await serveAll(t, {
    web: () => new Response('web').body,
    readable: () => Readable.from(['read', Buffer.from('able')]),
    file: () => createReadStream(new URL(import.meta.url), { end: 4 }),
    generator: function* () {
      yield 'gen';
      yield encoder.encode('erator');
      yield new DataView(encoder.encode('!').buffer);
    },
    async: async function* () {
      await Promise.resolve();
      yield '';
      yield 'async';
    },
    iterable: () => ({ [Symbol.iterator]: () => ['it', 'er'].values() }),
    nothing: function* () {},
    typed: function* (handler: RequestHandler) {
      handler.setHeader('Content-Type', 'text/plain');
      yield 'typed';
    },
  });
  const read = async (path: string): Promise<unknown[]> => {
    const response = await served.get(path);
    return [response.headers.get('content-type'), response.headers.get('transfer-encoding'), await response.text()];
  };
  const octets = 'application/octet-stream';
  const html = 'text/html; charset=UTF-8';
  assert.deepEqual(await read('/web'), [octets, 'chunked', 'web']);
  assert.deepEqual(await read('/readable'), [html, 'chunked', 'readable']);
  assert.deepEqual(await read('/file'), [octets, 'chunked', '/** S']);
  assert.deepEqual(await read('/generator'), [html, 'chunked', 'generator!']);
  assert.deepEqual(await read('/async'), [html, 'chunked', 'async']);
  assert.deepEqual(await read('/iterable'), [html, 'chunked', 'iter']);
  assert.deepEqual(await read('/nothing'), [octets, null, '']);
  assert.deepEqual(await read('/typed'), ['text/plain', 'chunked', 'typed']);
});

test('an error before the first chunk has its page, and a later one resets the connection', async (t) => {
  const served = await serveAll(t, {
    missing: () => createReadStream('/no/such/file'),
    early: function* () {
      if (Math.random() < 2) throw new HttpError(404);
      yield '';
    },
    late: async function* () {
      yield 'first';
      throw new Error('too late');
    },
    number: function* () {
      yield 'first';
      yield 7;
    },
    object: function* () {
      yield { a: 1 };
    },
    locked: () => {
      const stream = new Response('x').body;
      stream?.getReader();
      return stream;
    },
  });
  assert.equal((await served.get('/missing')).status, 500);
  await served.expectLine(/A handler failed \(ENOENT/);
  assert.equal((await served.get('/early')).status, 404);
  await assert.rejects(async () => (await served.get('/late')).text());
  await served.expectLine(/A handler failed \(too late\)/);
  await assert.rejects(async () => (await served.get('/number')).text());
  await served.expectLine(/get\(\) must return a stream of strings or bytes; got the chunk 7\./);
  assert.equal((await served.get('/object')).status, 500);
  await served.expectLine(/got the chunk an object with a\./);
  assert.equal((await served.get('/locked')).status, 500);
  await served.expectLine(/locked/);
});

test('a source waits for a client that does not read, and ends when it leaves', { timeout: 30_000 }, async (t) => {
  for (const kind of kinds) {
    const source = new Endless(16 * 1024);
    const served = await serveAll(t, { endless: () => source[kind]() });
    const socket = connect(served.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET /endless HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'readable');
    // Two equal numbers with other work between them: nothing is produced any more.
    let before = -1;
    for (let same = 0; same < 20; same = source.given === before ? same + 1 : 0) {
      before = source.given;
      assert.equal(await (await served.get('/none')).text().then(() => 1), 1);
    }
    assert.ok(source.given * source.chunk.length < 64 * 1024 * 1024, `${kind} gave ${source.given} chunks`);
    socket.destroy();
    assert.match(await source.ended.promise, /^(?:return|cancel|destroy)$/, kind);
  }
});

test('a source that never waits lets other requests proceed', { timeout: 30_000 }, async (t) => {
  const source = new Endless(0);
  const served = await serveAll(t, { endless: () => source.generator(), other: () => 'other' });
  const socket = connect(served.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('GET /endless HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'readable');
  assert.equal(await (await served.get('/other')).text(), 'other');
  socket.destroy();
  await source.ended.promise;
});

test('a busy source is ended when the client leaves, and the response with it', async (t) => {
  const emitter = new EventEmitter();
  const finished = Promise.withResolvers<void>();
  class Events extends RequestHandler {
    async *get(): AsyncGenerator<string> {
      yield 'ready';
      for await (const [text] of on(emitter, 'text', { signal: this.signal })) yield String(text);
    }
    override onFinish(): void {
      finished.resolve();
    }
  }
  class Hanging extends RequestHandler {
    get(): ReadableStream {
      return new ReadableStream({
        start: (controller) => controller.enqueue('ready'),
        cancel: () => finished.resolve(),
      });
    }
  }
  const served = await serve(t, [
    ['/events', Events],
    ['/hanging', Hanging],
  ]);
  for (const path of ['/events', '/hanging']) {
    const controller = new AbortController();
    const response = await served.get(path, { signal: controller.signal });
    const reader = response.body?.getReader();
    assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), 'ready');
    controller.abort();
    await finished.promise;
  }
  assert.equal(emitter.listenerCount('text'), 0);
});

test('HEAD, 304 and 204 end the source without its body', async (t) => {
  for (const kind of kinds) {
    const sources = [new Endless(), new Endless(), new Endless()];
    const served = await serveAll(t, {
      head: () => sources[0]?.[kind](),
      unchanged: (handler) => {
        handler.setHeader('Etag', '"v1"');
        return sources[1]?.[kind]();
      },
      bodyless: (handler) => {
        handler.setStatus(204);
        return sources[2]?.[kind]();
      },
    });
    const head = await served.get('/head', { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers.get('content-type')], [200, null]);
    assert.equal((await served.get('/unchanged', { headers: { 'If-None-Match': '"v1"' } })).status, 304);
    assert.equal((await served.get('/bodyless')).status, 500);
    await served.expectLine(/status 204 must have no body/);
    // The body of a generator that never ran has no `finally` to run.
    const started = kind.endsWith('enerator') ? sources.slice(1) : sources;
    for (const source of started) await source.ended.promise;
  }
});

test('a stream returned after the response was finished is ended too', async (t) => {
  const source = new Endless();
  const served = await serveAll(t, {
    twice: async (handler) => {
      await handler.finish('done');
      return source.readable();
    },
  });
  assert.equal(await (await served.get('/twice')).text(), 'done');
  await served.expectLine(/must return nothing after it wrote or finished/);
  assert.equal(await source.ended.promise, 'destroy');
});

test('an error while a source is ended early is logged', async (t) => {
  const served = await serveAll(t, {
    faulty: async function* () {
      try {
        yield 'first';
        yield 'x'.repeat(32 * 1024 * 1024);
      } finally {
        await Promise.reject(new Error('cannot close'));
      }
    },
  });
  const controller = new AbortController();
  const response = await served.get('/faulty', { signal: controller.signal });
  assert.equal(response.status, 200);
  controller.abort();
  await served.expectLine(/A handler failed \(cannot close\)/);
});

test('chunks of a response for HTTP/1.0 end with the connection', async (t) => {
  const served = await serveAll(t, {
    parts: function* () {
      yield 'a';
      yield 'b';
    },
  });
  const received = await served.raw('GET /parts HTTP/1.0\r\nHost: x\r\n\r\n');
  assert.match(received, /^HTTP\/1\.1 200 [^]*\r\n\r\nab$/);
  assert.doesNotMatch(received, /chunked/i);
});
