import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RecordedLog } from '../../test/support/recorded-log.ts';
import { serve } from '../../test/support/web/web-server.ts';
import { Application } from './application.ts';
import { RequestHandler } from './handler.ts';
import type { Middleware } from './middleware/middleware.ts';
import type { Route } from './route.ts';
import { group } from './route-group.ts';
import { WebSocketHandler } from './websocket-handler.ts';

const log = new RecordedLog();

/** Without the checks of the compiler. */
function create(routes: readonly unknown[]): Application {
  return new Application(routes as readonly Route[]);
}

class Where extends RequestHandler {
  get({ id }: { id: string }): string {
    return `${id} at ${this.reverseUrl('where', id)}, sent ${this.request.path}`;
  }
}

const whereRoute = ['/where/:id', Where, { name: 'where' }] as const;

test('an application handles a path and all paths below it', async (t) => {
  const api = new Application([['/', () => 'the api'], whereRoute], { log });
  const served = await serve(t, [
    ['/', () => 'outer'],
    ['/api', api],
    ['/apix', () => 'other'],
    ['/after/:id', ({ id }) => `after ${id}`],
  ]);
  for (const [path, expected] of [
    ['/', 'outer'],
    ['/api', 'the api'],
    ['/api/', 'the api'],
    ['/api?a=1', 'the api'],
    ['/%61pi/where/7', '7 at /api/where/7, sent /%61pi/where/7'],
    ['/api/where/a%2Fb', 'a/b at /api/where/a%2Fb, sent /api/where/a%2Fb'],
    ['/apix', 'other'],
    ['/after/1', 'after 1'],
    ['/api/unknown', 404],
    ['/api//', 404],
    ['/apiy', 404],
    ['/api/where/%zz', 400],
  ] as const) {
    const response = await served.get(path);
    assert.equal(typeof expected === 'number' ? response.status : await response.text(), expected, path);
  }
  assert.equal((await served.get('/api/where/1', { method: 'DELETE' })).status, 405);
  assert.equal((await served.get('/api/where/1', { method: 'BREW' })).status, 501);
});

test('a mounted application keeps its settings, its default handler, templates, locals and static files', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gale-mounted-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(
    join(folder, 'page.html'),
    '{{ title }} {{ staticUrl("a.txt") }} {{ reverseUrl("page") }} {{ shout(title) }}',
  );
  await writeFile(join(folder, 'a.txt'), 'static');
  class Missing extends RequestHandler {
    override prepare(): void {
      this.setStatus(404);
      void this.finish('no such page of the shop');
    }
  }
  class Page extends RequestHandler {
    get(): Promise<void> {
      return this.render('page.html');
    }
  }
  const shop = new Application([['/page', Page, { name: 'page' }]], {
    log,
    templatePath: folder,
    staticPath: folder,
    locals: { title: 'shop' },
    uiMethods: { shout: (_, text: string) => text.toUpperCase() },
    defaultHandler: Missing,
  });
  const served = await serve(t, [['/shop', shop]], { locals: { title: 'outer' } });
  const [, url = ''] =
    /^shop (\/shop\/static\/a\.txt\?v=\w+) \/shop\/page SHOP$/.exec(await (await served.get('/shop/page')).text()) ??
    [];
  const file = await served.get(url);
  assert.equal(await file.text(), 'static');
  assert.match(file.headers.get('cache-control') ?? '', /immutable/);
  assert.equal(await (await served.get('/shop/unknown')).text(), 'no such page of the shop');
  assert.match(await (await served.get('/unknown')).text(), /404: Not Found/);
});

test('one application can be mounted twice, in a group and in another application, and listen too', async (t) => {
  const inner = new Application([whereRoute], { log });
  const middle = new Application([['/inner', inner]], { log });
  const own = await inner.listen(0, '127.0.0.1');
  t.after(() => own.close({ graceMs: 0 }));
  const served = await serve(t, [
    ['/one', inner],
    ...group('/admin', { init: { unused: true }, name: 'admin' }, [['/two', inner]]),
    ['/middle', middle],
  ]);
  for (const path of ['/one/where/7', '/admin/two/where/7', '/middle/inner/where/7']) {
    assert.equal(await (await served.get(path)).text(), `7 at ${path}, sent ${path}`);
  }
  const alone = await fetch(`http://127.0.0.1:${own.port}/where/7`);
  assert.equal(await alone.text(), '7 at /where/7, sent /where/7');
});

test('its middlewares run inside those of the outer application, the group and the route', async (t) => {
  const steps: string[] = [];
  const noting = (name: string): Middleware => ({
    processRequest: () => void steps.push(`${name} in`),
    processResponse: () => void steps.push(`${name} out`),
  });
  const inner = new Application([['/', () => 'inner', { middleware: [noting('inner route')] }]], {
    log,
    middleware: [noting('inner app')],
  });
  const served = await serve(
    t,
    [...group('/a', { middleware: [noting('group')] }, [['/b', inner, { middleware: [noting('mount')] }]])],
    { middleware: [noting('outer')] },
  );
  const around = ['outer', 'group', 'mount', 'inner app'];
  for (const [path, names] of [
    ['/a/b', [...around, 'inner route']],
    ['/a/b/unknown', around],
    ['/a', ['outer', 'group']],
    ['/b', ['outer']],
  ] as const) {
    await (await served.get(path)).text();
    const expected = [...names.map((name) => `${name} in`), ...names.toReversed().map((name) => `${name} out`)];
    assert.deepEqual(steps.splice(0), expected, path);
  }
});

test('reverseUrl builds the paths of a mounted application from outside', async (t) => {
  const inner = new Application([['/', () => 'start', { name: 'start' }], whereRoute], { log });
  inner.addHandlers('localhost', [['/host/:id', () => '', { name: 'host' }]]);
  const middle = new Application([['/v1', inner, { name: 'v1' }]], { log });
  const app = new Application(
    [
      ['/api', inner, { name: 'api' }],
      ...group('/admin', { name: 'admin' }, [['/käse', middle, { name: 'inner' }]]),
      ['/own', () => '', { name: 'api:own' }],
      ['/links', (_, handler) => [handler.reverseUrl('api:where', 'a/b'), handler.reverseUrl('api')]],
    ],
    { log },
  );
  assert.equal(app.reverseUrl('api'), '/api');
  assert.equal(app.reverseUrl('api:start'), '/api');
  assert.equal(app.reverseUrl('api:where', 7), '/api/where/7');
  assert.equal(app.reverseUrl('api:where', { id: 'a b' }), '/api/where/a%20b');
  assert.equal(app.reverseUrl('admin.inner:v1'), '/admin/k%C3%A4se/v1');
  assert.equal(app.reverseUrl('admin.inner:v1:where', 7), '/admin/k%C3%A4se/v1/where/7');
  assert.equal(app.reverseUrl('api:own'), '/own');
  const wide: Application = app;
  assert.equal(wide.reverseUrl('api:host', 1), '/api/host/1');
  for (const name of ['api:unknown', 'unknown:where', 'links:where', ':where', 'api:']) {
    assert.throws(() => wide.reverseUrl(name, 1), { code: 'WEB_ROUTE', message: /^Unknown route name "/ }, name);
  }
  assert.throws(() => wide.reverseUrl('api:where'), { code: 'WEB_ROUTE' });
  assert.throws(() => wide.reverseUrl('api', 1), { code: 'WEB_ROUTE' });
  assert.deepEqual(
    app.routes().map(({ name }) => name),
    ['api', 'admin.inner', 'api:own', undefined],
  );
  const server = await app.listen(0, '127.0.0.1');
  t.after(() => server.close({ graceMs: 0 }));
  const links = await fetch(`http://127.0.0.1:${server.port}/links`);
  assert.deepEqual(await links.json(), ['/api/where/a%2Fb', '/api']);
});

test('host groups and WebSockets work below a path', async (t) => {
  class Talk extends WebSocketHandler {
    override open(): void {
      this.writeMessage(this.reverseUrl('talk'));
    }
  }
  const inner = new Application([['/talk', Talk, { name: 'talk' }]], { log });
  inner.addHandlers('localhost', [['/host', () => 'by host']]);
  const served = await serve(t, []);
  served.app.addHandlers('localhost', [['/inner', inner]]);
  const socket = new WebSocket(`ws://localhost:${served.port}/inner/talk`);
  const [message] = (await once(socket, 'message')) as [MessageEvent];
  assert.equal(message.data, '/inner/talk');
  socket.close();
  await once(socket, 'close');
  assert.equal(await (await fetch(`http://localhost:${served.port}/inner/host`)).text(), 'by host');
  assert.equal((await served.get('/inner/host')).status, 404);
});

test('refuses a mount that cannot work', () => {
  const inner = new Application([], { log });
  for (const [routes, message] of [
    [[['/:a', inner]], /^route "\/:a" must have a path without parameters and without a slash at its end/],
    [[['/', inner]], /^route "\/" must have a path without/],
    [[[/\/a/, inner]], /must have a path without/],
    [
      [['/a', inner, { init: 1 }]],
      /^route "\/a" must have no options but name and middleware, to mount an application; got init/,
    ],
    [[['/a', inner, { name: 'a:b' }]], /^route "\/a" must have a name without a colon, .*; got "a:b"/],
    [
      [
        ['/a', inner, { name: 'a' }],
        ['/b', inner, { name: 'a' }],
      ],
      /^route "\/b" must have another name than route "\/a"/,
    ],
    [
      [
        ['/a', inner],
        ['/a/b', () => 'b'],
      ],
      /^route "\/a\/b" must be able to match, but route "\/a" before it matches all its paths/,
    ],
    [
      [
        ['/a', inner],
        ['/a/:b', () => 'b'],
      ],
      /^route "\/a\/:b" must be able to match/,
    ],
    [
      [
        ['/a', inner],
        ['/a', inner],
      ],
      /^route "\/a" must be able to match, but route "\/a" before it has the same pattern/,
    ],
  ] as const) {
    assert.throws(() => create(routes), {
      name: 'GaleError',
      code: 'WEB_ROUTE',
      message,
    });
  }
});

test('a mounted application keeps its own trailingSlash; that of the outer one ends at the mount', async (t) => {
  const routes = [
    ['/items/:id', ({ id }: { id: string }) => id],
    ['/x', () => 'x'],
  ] as const;
  const redirecting = new Application(routes, { trailingSlash: 'redirect' });
  const served = await serve(t, [['/api', redirecting]]);
  const moved = await served.get('/api/items/5/?a=1');
  assert.equal(moved.status, 301);
  assert.equal(new URL(moved.headers.get('location') ?? '', 'http://a').pathname, '/api/items/5');
  assert.equal((await served.get('/api/x')).status, 200);
  const ignoring = await serve(t, [['/api', new Application(routes, { trailingSlash: 'ignore' })]]);
  assert.equal(await (await ignoring.get('/api/items/5/')).text(), '5');
  const outer = await serve(
    t,
    [
      ['/api', new Application(routes)],
      ['/y', () => 'y'],
    ],
    { trailingSlash: 'redirect' },
  );
  assert.equal((await outer.get('/api/x/')).status, 404);
  assert.equal((await outer.get('/y/')).status, 301);
});
