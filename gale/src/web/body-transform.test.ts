import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { serve } from '../../test/support/web/web-server.ts';
import type { BodyTransform } from './body-transform.ts';
import { RequestHandler } from './handler.ts';
import type { Middleware } from './middleware/middleware.ts';

function fail(): never {
  throw new Error('in a transform');
}

/** Puts each part in brackets. An async one resolves later for longer parts, so that parts could overtake each other. */
class Brackets implements BodyTransform {
  readonly #name: string;
  readonly #calls: string[];
  readonly #isAsync: boolean;

  constructor(name: string, calls: string[], isAsync: boolean) {
    this.#name = name;
    this.#calls = calls;
    this.#isAsync = isAsync;
  }

  push(bytes: Uint8Array): Uint8Array | Promise<Uint8Array> {
    return this.#change('push', bytes);
  }

  end(bytes: Uint8Array): Uint8Array | Promise<Uint8Array> {
    return this.#change('end', bytes);
  }

  cancel(): void {
    this.#calls.push(`${this.#name} cancel`);
  }

  #change(step: string, bytes: Uint8Array): Uint8Array | Promise<Uint8Array> {
    this.#calls.push(`${this.#name} ${step}`);
    const changed = Buffer.from(`${this.#name}[${Buffer.from(bytes).toString()}]`);
    if (!this.#isAsync) return changed;
    return (async () => {
      for (let turn = 0; turn < bytes.byteLength; turn++) await nextTurn();
      return changed;
    })();
  }
}

class Page extends RequestHandler {
  async get(): Promise<void> {
    const way = this.request.query;
    if (way.startsWith('stream')) {
      if (way === 'stream-with-length') this.setHeader('Content-Length', 12);
      for (const part of ['first ', 'a ']) {
        this.write(part);
        if (way === 'stream-hasty') void this.flush();
        else await this.flush();
      }
      this.write('last');
      return;
    }
    if (way === 'fail') throw new Error('in the verb');
    if (way === 'empty') return this.setStatus(204);
    this.setHeader('Etag', way === 'weak' ? 'W/"v1"' : '"v1"');
    this.write('page');
  }
}

for (const isAsync of [false, true]) {
  const kind = isAsync ? 'async' : 'sync';

  test(`${kind} transforms change the body, the inner one first`, async (t) => {
    const calls: string[] = [];
    const transforming = (name: string): Middleware => ({
      processResponse: (handler) => handler.transformBody(new Brackets(name, calls, isAsync)),
    });
    const served = await serve(t, [['/', Page]], { middleware: [transforming('outer'), transforming('inner')] });
    const whole = await served.get('/');
    assert.equal(await whole.text(), 'outer[inner[page]]');
    assert.equal(whole.headers.get('content-length'), '18');
    assert.equal(whole.headers.get('etag'), 'W/"v1"');
    assert.deepEqual(calls.splice(0), ['inner end', 'outer end']);
    assert.equal((await served.get('/?weak')).headers.get('etag'), 'W/"v1"');
    calls.length = 0;
    for (const way of ['stream', 'stream-hasty', 'stream-with-length']) {
      const streamed = await served.get(`/?${way}`);
      const text = await streamed.text();
      assert.equal(text.replaceAll(/(?:outer|inner)\[|\]/g, ''), 'first a last', way);
      assert.match(text, /^outer\[inner\[first /);
      assert.match(text, /outer\[inner\[(?:a )?last\]\]$/);
      assert.equal(streamed.headers.get('content-length'), null);
      assert.equal(calls.filter((call) => call.endsWith('end')).length, 2);
      calls.length = 0;
    }
    const failed = await served.get('/?fail');
    await served.expectLine(/in the verb/);
    assert.equal(failed.status, 500);
    assert.match(await failed.text(), /^outer\[inner\[.*500: Internal Server Error/s);
  });

  test(`${kind} transforms are cancelled for a response without a body`, async (t) => {
    const calls: string[] = [];
    const middleware = [
      { processResponse: (handler: RequestHandler) => handler.transformBody(new Brackets('only', calls, isAsync)) },
    ];
    const served = await serve(t, [['/', Page]], { middleware });
    for (const [path, init, status] of [
      ['/', { method: 'HEAD' }, 200],
      ['/?stream', { method: 'HEAD' }, 200],
      ['/?empty', {}, 204],
      ['/', { headers: { 'If-None-Match': 'W/"v1"' } }, 304],
    ] as const) {
      const response = await served.get(path, init);
      assert.equal(response.status, status);
      assert.equal(await response.text(), '');
      if (path === '/') assert.equal(response.headers.get('etag'), 'W/"v1"');
      assert.equal(response.headers.get('content-length'), null);
      assert.deepEqual(calls.splice(0), ['only cancel'], `${path} ${status}`);
    }
  });

  test(`an ${kind} transform that throws is a 500 before the head, and resets the connection after it`, async (t) => {
    const step = isAsync ? (): Promise<never> => nextTurn().then(fail) : fail;
    const failing: BodyTransform = { push: (bytes) => bytes, end: step };
    const handlers: Middleware = {
      processResponse(handler) {
        handler.setHeader('Content-Encoding', 'x-failing');
        handler.setHeader('X-Kept', 'yes');
        handler.transformBody(failing);
      },
    };
    class Hasty extends RequestHandler {
      get(): void {
        void this.finish('page');
      }
    }
    const served = await serve(
      t,
      [
        ['/', Page],
        ['/hasty', Hasty],
      ],
      { middleware: [handlers] },
    );
    for (const path of ['/', '/hasty']) {
      const response = await served.get(path);
      assert.equal(response.status, 500);
      assert.match(await response.text(), /500: Internal Server Error/);
      assert.equal(response.headers.get('content-encoding'), null);
      assert.equal(response.headers.get('x-kept'), 'yes');
      await served.expectLine(/in a transform/);
    }
    const raw = await served.raw('GET /?stream HTTP/1.1\r\nHost: a\r\n\r\n').catch((error: Error) => error.message);
    assert.match(raw, /first|ECONNRESET/);
    assert.doesNotMatch(raw, /\r\n0\r\n\r\n/);
  });
}

test('a transform of a handler does not change its error page', async (t) => {
  const calls: string[] = [];
  class Failing extends RequestHandler {
    get(): void {
      this.transformBody(new Brackets('own', calls, false));
      throw new Error('after transformBody');
    }
  }
  const served = await serve(t, [['/', Failing]]);
  assert.doesNotMatch(await (await served.get('/')).text(), /own/);
  await served.expectLine(/after transformBody/);
  assert.deepEqual(calls, ['own cancel']);
});

test('a transform is cancelled when the client leaves', async (t) => {
  const calls: string[] = [];
  const finished = Promise.withResolvers<void>();
  class Endless extends RequestHandler {
    async get(): Promise<void> {
      this.transformBody(new Brackets('own', calls, true));
      this.write('part');
      await this.flush();
      await once(this.signal, 'abort');
      this.write('more');
      await this.flush();
    }
    override onFinish(): void {
      finished.resolve();
    }
  }
  const served = await serve(t, [['/', Endless]]);
  const socket = connect(served.port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(socket, 'data');
  socket.resetAndDestroy();
  await finished.promise;
  assert.equal(calls.at(-1), 'own cancel');
});

test('transformBody after the head was sent is an error', async (t) => {
  class Late extends RequestHandler {
    async get(): Promise<void> {
      await this.flush();
      assert.throws(() => this.transformBody(new Brackets('own', [], false)), { code: 'WEB_RESPONDED' });
      this.write('sent');
    }
  }
  const served = await serve(t, [['/', Late]]);
  assert.equal(await (await served.get('/')).text(), 'sent');
});

test('transformBody refuses what is no transform', async (t) => {
  const wrong: unknown[] = [new TransformStream(), undefined, () => {}, { end: () => {} }, { push: 1, end: 1 }];
  const served = await serve(t, [
    ['/:index', ({ index }, handler) => handler.transformBody(wrong[Number(index)] as BodyTransform)],
  ]);
  for (const index of wrong.keys()) {
    assert.equal((await served.get(`/${index}`)).status, 500);
    await served.expectLine(/transform must be an object with the methods push, end and perhaps cancel; got/);
  }
});

for (const isAsync of [false, true]) {
  test(`an ${isAsync ? 'async' : 'sync'} transform that returns no bytes is an error`, async (t) => {
    const output = (isAsync ? Promise.resolve('text') : 'text') as unknown as Uint8Array;
    const wrong: BodyTransform = { push: () => output, end: () => output };
    const last: BodyTransform = { push: (bytes) => bytes, end: (bytes) => bytes };
    for (const transforms of [[wrong, last], [last, wrong], [wrong]]) {
      const middleware = transforms.map((transform) => ({
        processResponse: (handler: RequestHandler) => handler.transformBody(transform),
      }));
      const served = await serve(t, [['/', () => 'page']], { middleware });
      assert.equal((await served.get('/')).status, 500);
      await served.expectLine(/end\(\) of a transform must return bytes, an empty Uint8Array for none; got "text"/);
    }
  });
}
