/** Reason phrases on the wire: of classes and functions, of errors, over a socket and in process. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testApp } from '../src/testing/test-app.ts';
import { Application } from '../src/web/application.ts';
import { RequestHandler } from '../src/web/handler.ts';
import { HttpError } from '../src/web/http-error.ts';

const reason = 'Made By Hand';

class Class extends RequestHandler {
  override setDefaultHeaders(): void {
    // More headers than a head that is cached has.
    if (this.request.query !== '') for (const name of 'abcdef') this.setHeader(`X-${name}`, name);
  }
  get(): void {
    this.setStatus(218, reason);
    this.write('text');
  }
  post(): never {
    throw new HttpError(409, undefined, { reason });
  }
  async put(): Promise<void> {
    this.setStatus(218, reason);
    await this.flush();
    this.write('part');
  }
  delete(): Promise<void> {
    return this.sendError(410, { reason });
  }
  patch(): object {
    this.setStatus(218, reason);
    return { a: 1 };
  }
}

const createApp = (): Application =>
  new Application([
    ['/class', Class],
    [
      '/function',
      {
        get: (_params, handler) => {
          handler.setStatus(218, reason);
          return 'text';
        },
        post: () => {
          throw new HttpError(409, undefined, { reason });
        },
        put: (_params, handler) => {
          handler.setStatus(218, reason);
          return (async function* () {
            yield 'part';
          })();
        },
        delete: () => new Response('text', { status: 410, statusText: reason }),
        patch: (_params, handler) => {
          handler.setStatus(218, reason);
          return { a: 1 };
        },
      },
    ],
  ]);

for (const path of ['/class', '/class?many', '/function']) {
  test(`${path} sends the reason of every kind of response, over a socket and in process`, async (t) => {
    const app = await testApp(createApp(), { t });
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'GET']) {
      for (const [way, response] of [
        ['socket', await app.fetch(path, { method })],
        ['memory', await app.request(path, { method })],
      ] as const) {
        assert.equal(response.statusText, reason, `${method} by ${way}`);
        await response.text();
      }
    }
  });
}

test('the reason is that of each response, also when heads are cached', async (t) => {
  const app = await testApp(
    new Application([
      [
        '/:reason',
        ({ reason: text }, handler) => {
          if (text === 'none') handler.setStatus(218);
          else handler.setStatus(218, text);
          return text;
        },
      ],
    ]),
    { t },
  );
  for (const text of ['One', 'Two', 'none', 'One', 'none']) {
    const { statusText } = await app.fetch(`/${text}`);
    assert.equal(statusText, text === 'none' ? 'Unknown' : text);
  }
});
