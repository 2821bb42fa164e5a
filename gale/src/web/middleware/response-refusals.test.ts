import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { serve, type Served } from '../../../test/support/web/web-server.ts';
import type { Chunk } from '../response-body.ts';
import { RequestHandler } from '../handler.ts';
import type { Middleware } from './middleware.ts';

/** Every way of a handler to send something. */
const ways: Readonly<Record<string, (handler: RequestHandler) => unknown>> = {
  write: (handler) => handler.write('more'),
  flush: (handler) => handler.flush(),
  finish: (handler) => handler.finish('other'),
  redirect: (handler) => handler.redirect('/elsewhere'),
  sendError: (handler) => handler.sendError(403),
  events: (handler) => handler.events(),
};

/** When `processResponse` calls it. The promise of the call is awaited, returned or dropped. */
const times: Readonly<
  Record<string, (handler: RequestHandler, call: (handler: RequestHandler) => unknown) => unknown>
> = {
  'at once': (handler, call) => void call(handler),
  'at once, awaited': async (handler, call) => {
    await call(handler);
  },
  'after a wait': async (handler, call) => {
    await delay(5);
    void call(handler);
  },
  'after a wait, awaited': async (handler, call) => {
    await delay(5);
    await call(handler);
  },
};

class Parts extends RequestHandler {
  async get(): Promise<void> {
    for (const part of ['secret one', 'secret two']) {
      this.write(part);
      await this.flush();
    }
  }
}

/** Does not wait for its own `flush`, and writes while the middlewares run. */
class HastyParts extends RequestHandler {
  get(): void {
    this.write('secret one');
    void this.flush();
    this.write('secret two');
    void this.flush();
  }
}

async function* secretParts(): AsyncGenerator<Chunk> {
  yield 'secret one';
  await delay(2);
  yield 'secret two';
}

const bodies = { whole: () => 'secret', generator: secretParts, parts: Parts, hasty: HastyParts } as const;

for (const [method, call] of Object.entries(ways)) {
  for (const [time, run] of Object.entries(times)) {
    test(`${method}() in processResponse ${time} is the same 500 for a whole body and for streams`, async (t) => {
      const middleware: Middleware = { processResponse: (handler) => run(handler, call) as void };
      const served = await serveBodies(t, middleware);
      for (const body of Object.keys(bodies)) {
        const response = await served.get(`/${body}`, { signal: AbortSignal.timeout(5000) });
        const page = await response.text();
        assert.equal(response.status, 500, body);
        assert.match(page, /500: Internal Server Error/, body);
        assert.doesNotMatch(page, /secret|more|other/, body);
        assert.equal(response.headers.get('location'), null, body);
      }
      // The verb that does not wait can write after the error page, which is its own error.
      const failed = served.lines.filter(({ fields }) => /processResponse/.test(String(fields['err'])));
      assert.equal(failed.length, Object.keys(bodies).length);
      for (const { fields } of failed) {
        // The verb that does not wait has also finished by then.
        const when = '(?:the response was finished|flush\\(\\) began the response)';
        const error = fields['err'] as { readonly code: string; readonly message: string };
        assert.equal(error.code, 'WEB_RESPONDED');
        assert.match(
          error.message,
          new RegExp(
            `^${method}\\(\\) was called after ${when}; processResponse can change status, headers, and bytes`,
          ),
        );
      }
      await served.expectLine(/A handler failed/);
    });
  }
}

function serveBodies(t: Parameters<typeof serve>[0], middleware: Middleware): Promise<Served> {
  const routes = Object.entries(bodies).map(
    ([name, body]) => [`/${name}`, body, { middleware: [middleware] }] as const,
  );
  return serve(t, routes as never);
}

test('a call of processResponse that nobody awaits is refused after the head of a stream was sent', async (t) => {
  const refused = Promise.withResolvers<unknown>();
  const opened = Promise.withResolvers<void>();
  const late: Middleware = {
    processResponse(handler) {
      void (async () => {
        await opened.promise;
        await handler.finish('other');
      })().catch(refused.resolve);
    },
  };
  async function* parts(): AsyncGenerator<Chunk> {
    yield 'one';
    opened.resolve();
    await refused.promise;
    yield 'two';
  }
  const served = await serve(t, [['/', parts, { middleware: [late] }]]);
  assert.equal(await (await served.get('/')).text(), 'onetwo');
  assert.match(
    String(await refused.promise),
    /finish\(\) was called after flush\(\) sent the head; processResponse can/,
  );
});

test('a processResponse that returns a value is a 500, sync and async, whole and as a stream', async (t) => {
  for (const value of ['text', null, 0, new Response('other')]) {
    for (const result of [value, delay(1).then(() => value)]) {
      const served = await serveBodies(t, { processResponse: () => result } as unknown as Middleware);
      for (const body of ['whole', 'generator', 'parts']) {
        const response = await served.get(`/${body}`);
        assert.equal(response.status, 500, body);
        assert.doesNotMatch(await response.text(), /secret/, body);
      }
      await served.expectLine(
        /processResponse\(\) must return nothing and may change status, headers, and bytes by transformBody\(\); got /,
      );
    }
  }
});

for (const [name, value] of [
  ['Transfer-Encoding', 'chunked'],
  ['transfer-encoding', 'gzip'],
  ['Content-Length', '1e3'],
  ['Content-Length', '-1'],
  ['Content-Length', '7'],
] as const) {
  test(`a processResponse that sets ${name}: ${value} is a clean 500, on every path`, async (t) => {
    for (const set of ['setHeader', 'addHeader'] as const) {
      const wrong: Middleware = { processResponse: (handler) => handler[set](name, value) };
      const served = await serve(t, [['/', () => 'a page']], { middleware: [wrong] });
      // The length is only wrong for one of the two.
      for (const path of value === '7' ? ['/'] : ['/', '/unknown']) {
        const response = await served.get(path);
        assert.equal(response.status, 500, path);
        assert.match(await response.text(), /500: Internal Server Error/);
      }
      await served.expectLine(
        /A handler failed \((?:transfer-encoding is set by|content-length (?:must be|is 7 but))/i,
      );
    }
  });
}

test('default headers that no response can have leave a clean 500', async (t) => {
  class Wrong extends RequestHandler {
    override setDefaultHeaders(): void {
      this.addHeader('Content-Length', 3);
      this.addHeader('Content-Length', 3);
    }
    get(): string {
      return 'page';
    }
  }
  const served = await serve(t, [['/', Wrong]]);
  const response = await served.get('/');
  assert.equal(response.status, 500);
  assert.match(await response.text(), /500: Internal Server Error/);
  await served.expectLine(/Content-Length must be given once/);
});

test('a transform whose push and cancel both throw resets the connection at once', async (t) => {
  const broken: Middleware = {
    processResponse: (handler) =>
      handler.transformBody({
        push() {
          throw new Error('in push');
        },
        end: (bytes) => bytes,
        cancel() {
          throw new Error('in cancel');
        },
      }),
  };
  const served = await serve(t, [['/', secretParts, { middleware: [broken] }]]);
  const request = served.raw('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.doesNotMatch(
    await request.catch((error: NodeJS.ErrnoException) => error.code ?? ''),
    /secret|\r\n0\r\n|did not close/,
  );
  await served.expectLine(/A handler failed \(in push\)/);
  await served.expectLine(/A transform failed in cancel \(in cancel\)/);
});
