import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpError } from './http-error.ts';
import { GaleError } from '../errors.ts';
import { Application } from './application.ts';
import { RequestHandler } from './handler.ts';
import type { Middleware } from './middleware/middleware.ts';
import type { Route } from './route.ts';
import { group } from './route-group.ts';
import { serve } from '../../test/support/web/web-server.ts';

class Shown extends RequestHandler<unknown, { readonly title: string }> {
  get(params?: object): unknown {
    return { title: this.init.title, ...params };
  }
}

const named = (name: string): Middleware & { readonly name: string } => ({ name, processRequest: () => {} });
const get = (): string => '';

test('a group prefixes paths and names, and passes its init to routes without their own', async (t) => {
  const served = await serve(t, [
    ['/', () => 'home'],
    ...group('/admin', { name: 'admin', init: { title: 'Admin' } }, [
      ['/', Shown, { name: 'start' }],
      ['/users/:id', Shown, { name: 'user', init: { title: 'User' } }],
      [/\/logs\/(\d+)|\/all/, (groups) => groups, { name: 'logs' }],
      [/^\/old\/(?<id>\d+)$/, ({ id }) => `old ${id}`],
    ]),
    ['/last', () => 'last'],
  ]);
  const read = async (path: string): Promise<string> => (await served.get(path)).text();
  assert.equal(await read('/'), 'home');
  assert.equal(await read('/admin'), '{"title":"Admin"}');
  assert.equal(await read('/admin/users/7'), '{"title":"User","id":"7"}');
  assert.equal(await read('/admin/logs/7'), '["7"]');
  assert.equal(await read('/admin/all'), '[null]');
  assert.equal(await read('/admin/old/7'), 'old 7');
  assert.equal(await read('/last'), 'last');
  for (const path of ['/users/7', '/admin/', '/all', '/adminold/7']) assert.equal((await served.get(path)).status, 404);
  assert.equal(served.app.reverseUrl('admin.start'), '/admin');
  assert.equal(served.app.reverseUrl('admin.user', 7), '/admin/users/7');
});

test('groups nest, and the parameters of their prefixes are parameters of their routes', async (t) => {
  const served = await serve(t, [
    ...group('/team/:team', { name: 'team', init: { title: 'outer' } }, [
      ['/:page', ({ team, page }) => `${team} ${page}`, { name: 'page' }],
      ...group('/user/:user', { name: 'user' }, [
        ['/', Shown, { name: 'show' }],
        ['/post/:post', Shown, { init: { title: 'inner' } }],
      ]),
    ]),
    ...group('', {}, [
      ['/', () => 'root'],
      ['/x', () => 'x'],
    ]),
  ]);
  assert.deepEqual(await (await served.get('/team/a/user/b')).json(), { title: 'outer', team: 'a', user: 'b' });
  const post = await served.get('/team/a/user/b/post/c');
  assert.deepEqual(await post.json(), { title: 'inner', team: 'a', user: 'b', post: 'c' });
  assert.equal(await (await served.get('/team/a/b')).text(), 'a b');
  assert.equal(await (await served.get('/')).text(), 'root');
  assert.equal(await (await served.get('/x')).text(), 'x');
  assert.equal(served.app.reverseUrl('team.user.show', 'a', 'b'), '/team/a/user/b');
});

test('functions of a nested group have the parameters of the outer prefixes that it names', async (t) => {
  const posts = group('/posts/:post', { within: '/teams/:team/users/:user' }, [
    ['/', ({ team, user, post }) => [team, user, post]],
    ...group('', { within: '/teams/:team/users/:user/posts/:post' }, [['/:id', ({ team, id }) => [team, id]]]),
  ]);
  const served = await serve(t, [
    ...group('/teams/:team', {}, [...group('', {}, [...group('/users/:user', {}, [...posts])])]),
    ...group('/old/:age/teams/:team/users/:user', {}, [...posts]),
  ]);
  assert.deepEqual(await (await served.get('/teams/a/users/b/posts/c')).json(), ['a', 'b', 'c']);
  assert.deepEqual(await (await served.get('/teams/a/users/b/posts/c/d')).json(), ['a', 'd']);
  assert.deepEqual(await (await served.get('/old/1/teams/a/users/b/posts/c')).json(), ['a', 'b', 'c']);
});

test('a group at another place than its option within says is refused', () => {
  const inner: readonly Route[] = group('/posts', { within: '/a/:a/b/:b' }, [['/', ({ a, b }) => a + b]]);
  const message =
    /^route "\/(?:b\/:b\/)?posts" must be in a group with the prefix "\/a\/:a(?:\/b\/:b)?", as the option within of its group says\.$/;
  const isExpected = (error: unknown): boolean =>
    error instanceof GaleError && error.code === 'WEB_ROUTE' && message.test(error.message);
  assert.throws(() => new Application(inner), isExpected);
  assert.throws(() => new Application([...group('/b/:b', {}, inner)]), isExpected);
  assert.throws(() => group('/a/:other', {}, [...group('/b/:b', {}, inner)]), /"\/a\/:other\/b\/:b\/posts" must be in/);
  assert.throws(() => new Application([]).addHandlers('a.test', inner), isExpected);
});

test('middleware of outer groups precedes that of inner groups and of the route', () => {
  const routes = group('/a', { middleware: [named('a')] }, [
    ...group('/b', { middleware: [named('b'), named('c')] }, [['/', () => '', { middleware: [named('d')] }]]),
    ['/e', () => ''],
  ]);
  const names = routes.map(([, , options]) =>
    (options.middleware ?? []).map((item) => (item as { name?: string }).name),
  );
  assert.deepEqual(names, [['a', 'b', 'c', 'd'], ['a']]);
});

test('a group with a wrong prefix, option or route is refused', () => {
  const make = group as unknown as (prefix: unknown, options: unknown, routes: unknown) => never[];
  const cases: readonly (readonly [prefix: unknown, options: unknown, routes: unknown, message: RegExp])[] = [
    ['admin', {}, [], /^group "admin" must have a prefix that begins with a slash and does not end with one\.$/],
    ['/', {}, [], /prefix that begins/],
    ['/admin/', {}, [], /prefix that begins/],
    [/\/a/, {}, [], /^group an instance of RegExp must have a prefix/],
    [
      '/a',
      [['/', get]],
      undefined,
      /^group "\/a" must have options of the form \{ name, init, middleware, within \}; got an array/,
    ],
    ['/a', {}, undefined, /^group "\/a" must have an array of routes; got undefined\.$/],
    ['/a', { schemas: {} }, [], /must have no options but name, init, middleware, within; got schemas/],
    ['/a', { name: '' }, [], /^group "\/a" must have a name/],
    ['/a', { middleware: {} }, [], /^group "\/a" must have valid options: middleware must be an array of middlewares/],
    ['/a', { middleware: [() => {}] }, [], /middleware\[0\] must be an object with processRequest/],
    [
      '/a',
      { within: 'b' },
      [],
      /^group "\/a" must have a within that begins with a slash and does not end with one; got/,
    ],
    ['/a', { within: '/' }, [], /must have a within/],
    ['/a', { within: 7 }, [], /must have a within .* got 7/],
    ['/a', {}, [['b', get]], /^route "b" must have a path that begins with \/\.$/],
    ['/a', {}, [['/b', null]], /^route "\/b" must have a handler/],
    [
      '/:a',
      {},
      [[/\/(\d+)/, get]],
      /^route \/\\\/\(\\d\+\)\/ must not be a regular expression in the group "\/:a", which has/,
    ],
  ];
  for (const [prefix, options, routes, message] of cases) {
    const isExpected = (error: unknown): boolean =>
      error instanceof GaleError && error.code === 'WEB_ROUTE' && message.test(error.message);
    assert.throws(() => make(prefix, options, routes), isExpected, String(message));
  }
  assert.throws(() => new Application([...group('/a', {}, [['/b?', get]])]), /path pattern "\/a\/b\?"/);
});

test('wrong schemas and middleware of a route are refused', () => {
  const cases: readonly (readonly [options: unknown, message: RegExp])[] = [
    [{ schemas: [] }, /^route "\/x" must have schemas of the form \{ params, query, body \}; got an array of 0\.$/],
    [{ schemas: { form: {} } }, /schemas of the form \{ params, query, body \}; got form\.$/],
    [{ schemas: { body: { type: 'object' } } }, /must have a Standard Schema as schemas\.body, such as one of Zod/],
    [{ middleware: [{}] }, /^route "\/x" must have valid options: middleware\[0\] must be an object with/],
  ];
  for (const [options, message] of cases) {
    const isExpected = (error: unknown): boolean => error instanceof GaleError && message.test(error.message);
    assert.throws(() => new Application([['/x', () => '', options]] as Route[]), isExpected, String(message));
  }
});

test('the middlewares of a group are around the 404 of a path below its prefix, last of all routes', async (t) => {
  const seen: string[] = [];
  const asking = (name: string): Middleware => ({
    processRequest(handler) {
      seen.push(name);
      if (!handler.request.headers.has('authorization')) throw new HttpError(401);
    },
  });
  const served = await serve(
    t,
    [
      ...group('/adm', { name: 'adm', middleware: [asking('adm')] }, [
        ['/page', () => 'page', { name: 'page' }],
        ...group('/users/:id', { middleware: [asking('user')] }, [['/mail', ({ id }: { id: string }) => id]]),
        ...group('', { middleware: [asking('none')] }, [['/other', () => 'other']]),
      ]),
      ['/adm/open', () => 'open'],
    ],
    { trailingSlash: 'redirect' },
  );
  const signedIn = { headers: { authorization: 'x' } };
  for (const [path, status, names] of [
    ['/adm', 404, 'adm'],
    ['/adm/nope', 404, 'adm'],
    ['/adm/page/', 301, 'adm'],
    ['/adm/%zz', 400, 'adm'],
    ['/adm/users/7/nope', 404, 'adm user'],
    ['/admin', 404, ''],
    ['/adm/open', 200, ''],
    ['/adm/page', 200, 'adm'],
    ['/adm/other', 200, 'adm none'],
  ] as const) {
    const response = await served.get(path, signedIn);
    assert.equal(response.status, status, path);
    assert.equal(seen.splice(0).join(' '), names, path);
    const expected = names === '' ? status : 401;
    assert.equal((await served.get(path)).status, expected, path);
    seen.length = 0;
  }
  assert.equal((await served.get('/adm/page', { ...signedIn, method: 'POST' })).status, 405);
  assert.equal(served.app.routes().length, 4);
});
