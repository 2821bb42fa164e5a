/** Functions, and objects of functions by verb, as handlers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GaleError } from '../errors.ts';
import { Application } from './application.ts';
import { authenticated } from './authenticated.ts';
import { HttpError } from './http-error.ts';
import type { Route } from './route.ts';
import { serve } from '../../test/support/web/web-server.ts';

test('a function responds to GET and HEAD with what it returns', async (t) => {
  const served = await serve(t, [
    ['/', () => 'home'],
    ['/hello/:name', ({ name }) => `Hello, ${name}!`],
    ['/later/:id', async ({ id }) => ({ id: await Promise.resolve(id) })],
    [
      '/own',
      (_params, handler) => {
        handler.setStatus(201);
        handler.write('own');
      },
    ],
  ]);
  assert.equal(await (await served.get('/')).text(), 'home');
  assert.equal(await (await served.get('/hello/Ann%20B')).text(), 'Hello, Ann B!');
  assert.deepEqual(await (await served.get('/later/7')).json(), { id: '7' });
  const own = await served.get('/own');
  assert.deepEqual([own.status, await own.text()], [201, 'own']);
  const head = await served.get('/', { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers.get('content-length')], [200, '4']);
  for (const method of ['POST', 'OPTIONS']) {
    const refused = await served.get('/', { method });
    assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'GET, HEAD']);
  }
});

test('an object has a function for each verb', async (t) => {
  const served = await serve(t, [
    [
      '/item/:id',
      {
        get: ({ id }) => `item ${id}`,
        async put({ id }, handler) {
          return { id, text: await handler.readText() };
        },
        options: (_, handler) => handler.setStatus(204),
      },
    ],
    ['/only-post', { post: () => 'posted', head: (_, handler) => handler.setHeader('X-Head', '1') }],
  ]);
  assert.equal(await (await served.get('/item/7')).text(), 'item 7');
  const put = await served.get('/item/7', { method: 'PUT', body: 'new' });
  assert.deepEqual(await put.json(), { id: '7', text: 'new' });
  assert.equal((await served.get('/item/7', { method: 'OPTIONS' })).status, 204);
  const refused = await served.get('/item/7', { method: 'DELETE' });
  assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'GET, HEAD, PUT, OPTIONS']);
  assert.equal((await served.get('/only-post', { method: 'HEAD' })).headers.get('x-head'), '1');
  assert.equal((await served.get('/only-post')).headers.get('allow'), 'HEAD, POST');
});

test('the groups of a regular expression are a list, or an object by name', async (t) => {
  const served = await serve(t, [
    [/\/archive\/(\d+)(?:-(\d+))?/, (groups) => Array.from(groups, (group) => group ?? 'none')],
    [/\/by-name\/(?<year>\d+)-(?<month>\d+)/, ({ year, month }) => ({ year, month })],
    [/\/none/, (groups) => groups],
  ]);
  assert.deepEqual(await (await served.get('/archive/2026-11')).json(), ['2026', '11']);
  assert.deepEqual(await (await served.get('/archive/2026')).json(), ['2026', 'none']);
  assert.deepEqual(await (await served.get('/by-name/2026-11')).json(), { year: '2026', month: '11' });
  assert.deepEqual(await (await served.get('/none')).json(), []);
});

test('errors of a function, settings and init are those of every handler', async (t) => {
  const served = await serve(
    t,
    [
      [
        '/error',
        () => {
          throw new HttpError(410);
        },
      ],
      ['/init', (_, handler) => ({ init: handler.init, debug: handler.settings.debug }), { init: 'x' }],
      ['/null', { post: () => null as never }],
      ['/guarded', authenticated((_params: unknown) => 'secret')],
    ],
    { xsrfCookies: true, loginUrl: '/login' },
  );
  assert.equal((await served.get('/error')).status, 410);
  assert.deepEqual(await (await served.get('/init')).json(), { init: 'x', debug: false });
  assert.equal((await served.get('/null', { method: 'POST' })).status, 403);
  await served.expectLine(/_xsrf/);
  assert.equal((await served.get('/guarded')).headers.get('location'), '/login?next=%2Fguarded');
});

test('a handler that is no function, class of handlers, object of functions or application is refused', () => {
  class Other {
    readonly get = (): string => '';
  }
  const cases: readonly (readonly [handler: unknown, message: RegExp])[] = [
    [Other, /^route "\/x" must have a handler, .* functions by verb, or an application; got the class Other\.$/],
    [Date, /got the class Date/],
    [new Other(), /got an instance of Other/],
    [{}, /^route "\/x" must have a function; got an empty object\.$/],
    [{ fetch: () => '' }, /must have functions for get, head, post, .* only; got fetch\. Other methods need a class/],
    [{ get: 'text' }, /^get of route "\/x" must be a function; got "text"\.$/],
    [{ get: Other }, /^get of route "\/x" must be a function; got a function\.$/],
  ];
  for (const [handler, message] of cases) {
    const isExpected = (error: unknown): boolean =>
      error instanceof GaleError && error.code === 'WEB_ROUTE' && message.test(error.message);
    assert.throws(() => new Application([['/x', handler]] as unknown as Route[]), isExpected, String(message));
  }
});
