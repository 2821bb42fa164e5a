import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve } from '../../test/support/web/web-server.ts';
import { Application } from './application.ts';
import { ErrorHandler } from './error-handler.ts';
import { RequestHandler } from './handler.ts';

class Purge extends RequestHandler {
  static override readonly supportedMethods = ['GET', 'PURGE'];
  purge(): void {}
}

const ask = (target: string): string => `OPTIONS ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;

test('OPTIONS * is 204 with the methods of the server, also those of a mounted application', async (t) => {
  const inner = new Application([['/', Purge]]);
  const served = await serve(t, [['/api', inner]], {
    defaultHandler: class extends ErrorHandler {},
    trailingSlash: 'redirect',
    xsrfCookies: true,
    middleware: [{ processResponse: (handler) => handler.setHeader('X-Seen', handler.request.path) }],
  });
  for (const target of ['*', 'http://x']) {
    const received = await served.raw(ask(target));
    const [head = '', body] = received.split('\r\n\r\n');
    assert.match(head, /^HTTP\/1\.1 204 No Content\r\n/, target);
    assert.match(head, /^allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, PURGE$/im, target);
    assert.match(head, /^x-seen: \*$/im, target);
    assert.doesNotMatch(head, /content-/i, target);
    assert.equal(body, '', target);
  }
});

test('OPTIONS of a path, and of a server whose route matches *, are for their handlers', async (t) => {
  const served = await serve(t, [['/', () => '']]);
  assert.match(await served.raw(ask('/')), /^HTTP\/1\.1 405 .*\r\nallow: GET, HEAD\r\n/is);
  assert.match(await served.raw(ask('/unknown')), /^HTTP\/1\.1 404 /);
  const own = await serve(t, [[/.*/, { options: () => 'own' }]]);
  assert.match(await own.raw(ask('*')), /^HTTP\/1\.1 200 .*own$/s);
});
