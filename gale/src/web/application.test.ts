import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { GaleError, type ErrorCode } from '../errors.ts';
import { Application } from './application.ts';
import { ErrorHandler } from './error-handler.ts';
import { RequestHandler } from './handler.ts';
import { group } from './route-group.ts';
import type { HandlerClass } from './route.ts';
import { RecordedLog, type RecordedLine } from '../../test/support/recorded-log.ts';
import { serve } from '../../test/support/web/web-server.ts';

const withCode =
  (code: ErrorCode) =>
  (error: unknown): boolean =>
    error instanceof GaleError && error.code === code;

/** A handler that writes its name and the arguments of the path. */
function named(name: string): HandlerClass {
  return class extends RequestHandler {
    get(...values: unknown[]): void {
      this.write({ name, values });
    }
  };
}

async function handledBy(response: Promise<Response>): Promise<unknown> {
  const { name, values } = (await (await response).json()) as { name: string; values: unknown[] };
  return values.length === 0 ? name : [name, ...values];
}

test('uses the first matching route, in the written order', async (t) => {
  const served = await serve(t, [
    ['/', named('home')],
    ['/story/new', named('new')],
    ['/story/:id', named('story')],
    ['/files/*path', named('files')],
    [/\/index\/(\d+)/, named('index')],
    [/\/date\/(?<year>\d+)(?:-(?<month>\d+))?/, named('date')],
    [/\/optional\/(.+)?/, named('optional')],
    [/\/\/double(.*)/, named('double')],
    ['/中/:x', named('chinese')],
  ]);
  const cases: [string, unknown][] = [
    ['/', 'home'],
    ['/?x=/story/1', 'home'],
    ['/story/new', 'new'],
    ['/story/7', ['story', { id: '7' }]],
    ['/story/old', ['story', { id: 'old' }]],
    ['/story/a%2Fb%20+%3F?id=no', ['story', { id: 'a/b +?' }]],
    ['/story/100%25', ['story', { id: '100%' }]],
    ['/%73tory/%37', ['story', { id: '7' }]],
    ['/story/a%252Fb', ['story', { id: 'a%2Fb' }]],
    ['/files/a/b%2Fc', ['files', { path: 'a/b/c' }]],
    ['/files/', ['files', { path: '' }]],
    ['/index/66', ['index', '66']],
    ['/date/2026-11', ['date', { year: '2026', month: '11' }]],
    ['/date/2026', ['date', { year: '2026' }]],
    ['/optional/', ['optional', null]],
    ['//doubleslash', ['double', 'slash']],
    ['/中/x', ['chinese', { x: 'x' }]],
    ['/%e4%b8%ad/%7e', ['chinese', { x: '~' }]],
  ];
  for (const [path, expected] of cases) assert.deepEqual(await handledBy(served.get(path)), expected, path);
  for (const path of ['/nothing', '/story/', '/story/1/2', '/index/x', '/index/66/', '/constructor']) {
    const response = await served.get(path);
    assert.equal(response.status, 404, path);
    assert.match(await response.text(), /404: Not Found/);
  }
  assert.equal((await served.get('/nothing', { method: 'POST' })).status, 404);
});

test('a path that is not UTF-8 gets the 400 of its handler', async (t) => {
  const served = await serve(t, [['/story/:id', named('story')]]);
  assert.equal((await served.get('/story/invalid%FF')).status, 400);
  await served.expectLine(/^debug: Handler responded with an error \(A name or path is not UTF-8/);
});

test('a path with a broken escape is 400, by its handler if a route matches', async (t) => {
  class Paged extends RequestHandler {
    get(_path: { id: string }): void {}
    override writeError(status: number): void {
      this.write(`page ${status}`);
    }
  }
  const routes: [string, HandlerClass][] = [
    ['/story/:id', Paged],
    ['/story', named('story')],
  ];
  const served = await serve(t, routes);
  for (const path of ['/story/%zz', '/story/100%', '/story/%4', '/story/%%34%31']) {
    const response = await served.get(path);
    assert.equal(response.status, 400, path);
    assert.equal(await response.text(), 'page 400');
  }
  for (const path of ['/%zz', '/story%', '/%73tory/%']) assert.equal((await served.get(path)).status, 400, path);
  assert.equal((await served.get('/nothing%FF')).status, 404);
  await served.expectLine(/% without two hex digits/);
  const withDefault = await serve(t, routes, { defaultHandler: named('default') });
  assert.equal(await handledBy(withDefault.get('/%zz')), 'default');
});

test('tries host groups before the routes for all hosts', async (t) => {
  const served = await serve(t, [
    ['/a', named('every a')],
    ['/b', named('every b')],
  ]);
  const ask = async (host: string, path: string): Promise<string> => {
    const received = await served.raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    return /"name":"([^"]*)"/.exec(received)?.[1] ?? received.slice(9, 12);
  };
  served.app.addHandlers('www.example.com', [['/a', named('www a')]]);
  assert.equal(await ask('www.example.com', '/a'), 'www a');
  served.app.addHandlers('*.example.com', [
    ['/a', named('sub a')],
    ['/c', named('sub c')],
  ]);
  served.app.addHandlers(/www\d\.test/, [['/a', named('numbered a')]]);
  served.app.addHandlers('www.example.com', [['/d', named('www d')]]);
  assert.equal(await ask('www.example.com:8888', '/a'), 'www a');
  assert.equal(await ask('WWW.Example.COM', '/a'), 'www a');
  assert.equal(await ask('www.example.com', '/b'), 'every b');
  assert.equal(await ask('www.example.com', '/c'), 'sub c');
  assert.equal(await ask('www.example.com', '/d'), 'www d');
  assert.equal(await ask('x.y.example.com', '/a'), 'sub a');
  assert.equal(await ask('example.com', '/a'), 'every a');
  assert.equal(await ask('wwwxexample.com', '/a'), 'every a');
  assert.equal(await ask('www1.test', '/a'), 'numbered a');
  assert.equal(await ask('www1.test.evil', '/a'), 'every a');
  assert.equal(await ask('other', '/c'), '404');
  assert.throws(() => served.app.addHandlers('http://x', []), withCode('WEB_ROUTE'));
});

test('builds URLs from the names of routes', () => {
  const app: Application = new Application([
    [/^\/index\/$/, named('a'), { name: 'name1' }],
    [/^\/index\/(\d+)$/, named('b'), { name: 'name2' }],
    ['/story/:id', named('c'), { name: 'story' }],
  ]);
  app.addHandlers('x', [['/host/:a', named('f'), { name: 'host' }]]);
  assert.equal(app.reverseUrl('name1'), '/index/');
  assert.equal(app.reverseUrl('name2', 666), '/index/666');
  assert.equal(app.reverseUrl('story', { id: 'a b' }), '/story/a%20b');
  assert.equal(app.reverseUrl('story', 7), '/story/7');
  assert.equal(app.reverseUrl('host', 'x'), '/host/x');
  assert.throws(() => app.reverseUrl('nothing'), withCode('WEB_ROUTE'));
  assert.throws(() => app.reverseUrl('toString'), withCode('WEB_ROUTE'));
  assert.throws(() => app.reverseUrl('name2'), withCode('WEB_ROUTE'));
});

const get = (): string => '';

test('lists all routes in order, with methods, path, name, handler and host', () => {
  class Field extends RequestHandler {
    readonly put = (): void => {};
  }
  const verbs = { get, post: get };
  const expression = /\/x(\d)/;
  const app = new Application([
    ['/', get, { name: 'home' }],
    ['/verbs/:id', verbs],
    ...group('/admin', { name: 'admin' }, [['/field', Field, { name: 'field' }]]),
    [expression, ErrorHandler],
  ]);
  app.addHandlers('a.example', [['/', get]]);
  app.addHandlers(/b\d/, [['/', get, { name: 'b' }]]);
  const [read, all] = [['GET', 'HEAD'], [...RequestHandler.supportedMethods]];
  assert.deepEqual(app.routes(), [
    { methods: read, path: '/', name: undefined, handler: get, host: 'a.example' },
    { methods: read, path: '/', name: 'b', handler: get, host: /b\d/ },
    { methods: read, path: '/', name: 'home', handler: get, host: undefined },
    { methods: ['GET', 'HEAD', 'POST'], path: '/verbs/:id', name: undefined, handler: verbs, host: undefined },
    { methods: ['PUT'], path: '/admin/field', name: 'admin.field', handler: Field, host: undefined },
    { methods: all, path: expression, name: undefined, handler: ErrorHandler, host: undefined },
  ]);
});

test('defaultHandler handles requests that no route matches', async (t) => {
  class Lost extends RequestHandler {
    override prepare(): Promise<void> {
      this.setStatus(404);
      return this.finish('lost');
    }
  }
  const served = await serve(t, [], { defaultHandler: Lost });
  const response = await served.get('/x', { method: 'POST' });
  assert.equal(response.status, 404);
  assert.equal(await response.text(), 'lost');
});

test('templates have names for the handler, the settings and their values', async (t) => {
  const templatePath = await mkdtemp(join(tmpdir(), 'gale-templates-'));
  const page =
    '{{ greeting }}|{{ name }}|{{ shout("a&b") }}|{{ site }}|{{ reverseUrl("page") }}|{{ request.method }}|' +
    '{{ currentUser }}|{{ handler.getStatus() }}|{{ urlEscape("a b") }}|{% raw xsrfFormHtml() %}|{{ own }}';
  await writeFile(join(templatePath, 'page.html'), page);
  await writeFile(join(templatePath, 'broken.html'), '\n{{ missing }}');
  class Page extends RequestHandler {
    override getCurrentUser(): Promise<string> {
      return Promise.resolve('Ann & Bob');
    }
    override getTemplateNamespace(): object {
      return { own: 'own', name: 'overridden' };
    }
    async get(): Promise<void> {
      await this.render('page.html', { name: '<b>', greeting: 'hello' });
    }
    async post(): Promise<void> {
      await this.render('broken.html');
    }
  }
  const served = await serve(t, [['/', Page, { name: 'page' }]], {
    templatePath,
    locals: { site: 'Gale', greeting: 'overridden' },
    uiMethods: { shout: (handler: RequestHandler, text: string) => `${text.toUpperCase()} ${handler.request.method}` },
  });
  const response = await served.get('/');
  assert.match(
    await response.text(),
    /^hello\|&lt;b&gt;\|A&amp;B GET\|Gale\|\/\|GET\|Ann &amp; Bob\|200\|a\+b\|<input type="hidden" name="_xsrf" value="2\|[^"]+"\/>\|own$/,
  );
  assert.match(response.headers.get('set-cookie') ?? '', /^_xsrf=/);
  assert.equal((await served.get('/', { method: 'POST' })).status, 500);
  await served.expectLine(/`missing` was not passed to the template at broken\.html:2/);
});

test('the error of render names a missing templatePath', async (t) => {
  class Page extends RequestHandler {
    async get(): Promise<void> {
      await this.render('x.html');
    }
  }
  const served = await serve(t, [['/', Page]]);
  assert.equal((await served.get('/')).status, 500);
  await served.expectLine(/render needs the setting templatePath/);
});

test('logs requests by path only, and only if the log level is enabled', async (t) => {
  const served = await serve(t, [['/story/:id', named('story')]]);
  await (await served.get('/story/7?token=secret')).text();
  const line = await served.expectLine(/^info: Request completed/);
  const { requestId, ms, bytes, ...fields } = line.fields;
  assert.equal(typeof requestId, 'string');
  assert.equal(typeof ms, 'number');
  assert.equal(typeof bytes, 'number');
  assert.deepEqual(fields, { method: 'GET', path: '/story/7', status: 200, remoteAddress: '127.0.0.1' });
});

test('the error names a misspelt or wrong setting', () => {
  const refused: [Record<string, unknown>, RegExp][] = [
    [{ templates_path: 'x' }, /Unknown setting "templates_path".*mean templatePath/],
    [{ templatesPath: 'x' }, /"templatesPath".*mean templatePath/],
    [{ cookieSecre: 'x' }, /"cookieSecre".*mean cookieSecret/],
    [{ loginUlr: '/' }, /"loginUlr".*mean loginUrl/],
    [{ debgu: true }, /"debgu".*mean debug/],
    [{ database: {} }, /"database".*locals/],
    [{ constructor: 1 }, /"constructor"/],
    [{ cookieSecret: '' }, /cookieSecret must be .*; got an empty string\./],
    [{ cookieSecret: 12_345 }, /cookieSecret must be .*; got a number\./],
    [{ cookieSecret: null }, /cookieSecret must be .*; got null\./],
    [{ cookieSecret: ['x'] }, /cookieSecret must be .*; got an array of 1\./],
    [{ cookieSecret: { a: 'x' } }, /cookieSecret must be .*; got the version "a"\./],
    [{ cookieSecret: {} }, /cookieSecret must be .*; got an object without versions\./],
    [{ cookieSecret: { '01': 'x' } }, /cookieSecret must be .*; got the version "01"\./],
    [{ cookieSecret: { 0: 'x', 7: '' } }, /cookieSecret must be .*; got an empty string as version 7\./],
    [{ cookieSecret: { 7: 12_345 } }, /cookieSecret must be .*; got a number as version 7\./],
    [{ cookieSecret: 'x', keyVersion: 3 }, /keyVersion must be omitted for a cookieSecret without versions; got 3/],
    [{ loginUrl: '' }, /loginUrl must be a path .*; got ""/],
    [{ loginUrl: 'login' }, /loginUrl must be a path .*; got "login"/],
    [{ loginUrl: 'javascript:alert(1)' }, /loginUrl must be a path/],
    [{ loginUrl: '/log\nin' }, /loginUrl must be a path/],
    [{ loginUrl: 'https://' }, /loginUrl must be a path/],
    [{ loginUrl: 5 }, /loginUrl must be a path .*; got 5/],
    [{ cookieSecret: { 0: 'x' } }, /keyVersion must be .* \(0\), which signs; got undefined/],
    [{ cookieSecret: { 1: 'x', 2: 'y' }, keyVersion: 3 }, /keyVersion must be .* \(1, 2\), which signs; got 3/],
    [{ keyVersion: 1 }, /keyVersion must be omitted without the setting cookieSecret; got 1/],
    [{ cookieSecret: { 1: 'x' }, keyVersion: Number.NaN }, /keyVersion must be an integer from 0.*; got NaN/],
    [{ maxFormBytes: Number.NaN }, /maxFormBytes must be an integer from 1 to 9007199254740991; got NaN/],
    [{ maxArguments: Infinity }, /maxArguments must be an integer from 1 to 9007199254740991; got Infinity/],
    [{ maxArguments: '5' }, /maxArguments must be an integer from 1 to 9007199254740991; got "5"/],
    [{ staticUrlPrefix: 'static/' }, /staticUrlPrefix must be a path.*"static\/"/],
    [{ staticUrlPrefix: '/static' }, /staticUrlPrefix/],
    [{ debug: 'yes' }, /debug must be true or false; got "yes"/],
    [{ maxFormBytes: 0 }, /maxFormBytes/],
    [{ autoescape: 'xhtml' }, /autoescape/],
    [{ log: {} }, /log must be/],
    [{ uiMethods: { a: 1 } }, /uiMethods/],
  ];
  for (const [settings, message] of refused) {
    const make = (): unknown => new Application([], settings);
    assert.throws(make, (error) => withCode('WEB_SETTING')(error) && message.test(String(error)), String(message));
  }
  assert.doesNotMatch(settingError({ cookieSecret: { secret: 'hush' } }), /hush/);
});

test('refuses attributes of the XSRF cookie that would fail at the first form', () => {
  for (const [xsrfCookieOptions, code] of [
    [{ expiresDays: Number.NaN }, 'WEB_COOKIE'],
    [{ maxAge: '60' }, 'WEB_COOKIE'],
    [{ maxAgeDays: 1 }, 'OPTION_UNKNOWN'],
    [{ sameSite: 'None', secure: false }, 'WEB_COOKIE'],
    [{ sameSite: 'None' }, 'WEB_COOKIE'],
    [{ partitioned: true }, 'WEB_COOKIE'],
  ] as const) {
    assert.throws(() => new Application([], { xsrfCookieOptions: xsrfCookieOptions as object }), withCode(code));
  }
});

const longSecret = '0123456789abcdef0123456789abcdef';

for (const [what, settings, bytes] of [
  ['a short secret', { cookieSecret: longSecret.slice(1) }, 31],
  ['several short secrets', { cookieSecret: { 1: 'first', 2: longSecret, 3: 'é' }, keyVersion: 2 }, 2],
] as const) {
  test(`logs one warning for ${what}, with a command that makes a good one and without the secret`, () => {
    const log = new RecordedLog();
    void new Application([], { ...settings, log });
    const [{ level, fields, message }] = log.lines as [RecordedLine];
    assert.equal(log.lines.length, 1);
    assert.equal(level, 'warn');
    const command = `node -e "console.log(require('node:crypto').randomBytes(32).toString('base64url'))"`;
    assert.deepEqual(fields, { bytes, minBytes: 32, command });
    assert.equal(message, 'A secret in cookieSecret is too short; make a random one with the command');
  });
}

test('logs nothing for secrets of 32 bytes', () => {
  const log = new RecordedLog();
  void new Application([], { cookieSecret: longSecret, log });
  void new Application([], { cookieSecret: { 7: 'é'.repeat(16) }, keyVersion: 7, log });
  void new Application([], { log });
  assert.deepEqual(log.lines, []);
});

function settingError(settings: Record<string, unknown>): string {
  try {
    return String(new Application([], settings));
  } catch (error) {
    return String(error);
  }
}

test('refuses an invalid route when the application is created', () => {
  for (const pattern of ['story', '^/story$', '/:a/:a']) {
    assert.throws(() => new Application([[pattern, named('x')]]), withCode('WEB_ROUTE'), pattern);
  }
});

test('staticUrl refuses paths that browsers would change', () => {
  const { staticFiles } = new Application([]);
  for (const path of ['..', 'a/../b', './a', 'a\\..\\b', undefined as unknown as string]) {
    assert.throws(() => staticFiles.url(path), {
      code: 'OPTION_VALUE',
      message: /path of a static URL must be a path without/,
    });
  }
  assert.equal(staticFiles.url('.a/..b'), '/static/.a/..b');
});
