import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { GaleError } from '../errors.ts';
import { Application } from './application.ts';
import { authenticated } from './authenticated.ts';
import { ErrorHandler } from './error-handler.ts';
import { RequestHandler } from './handler.ts';
import { RedirectHandler } from './redirect-handler.ts';
import type { Route } from './route.ts';
import { group } from './route-group.ts';
import { StaticFileHandler } from './static/static-file.ts';
import { WebSocketHandler } from './websocket-handler.ts';

class Story extends RequestHandler {
  get(): void {}
}

/** Asserts that each list of routes is refused when the application is created, with a message that has the text. */
function assertRefused(cases: readonly (readonly [routes: unknown, message: RegExp, settings?: object])[]): void {
  for (const [routes, message, settings = {}] of cases) {
    assert.throws(
      () => new Application(routes as Route[], settings),
      (error) => {
        assert.ok(error instanceof GaleError && /^WEB_(?:ROUTE|SETTING)$/.test(error.code), String(error));
        assert.match(error.message, message);
        return true;
      },
      String(message),
    );
  }
}

function isRouteError(message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof GaleError && error.code === 'WEB_ROUTE' && message.test(error.message);
}

function redirectTo(url: unknown, path: string | RegExp = '/:a/:b'): unknown {
  return [[path, RedirectHandler, { init: { url } }]];
}

test('a route without a path or a handler is refused', () => {
  assertRefused([
    [{ '/': Story }, /^routes must be an array of routes; got an object with \/\.$/],
    [['/', Story], /^route 1 of the list must be an array \[path, handler, options\]; got "\/"\.$/],
    [[['/', Story], { path: '/b' }], /^route 2 of the list .* an object with path\.$/],
    [[[undefined, Story]], /^path of route 1 of the list must be a string or a RegExp; got undefined\.$/],
    [[[new URL('http://x/'), Story]], /path of route 1/],
    [
      [['/story']],
      /^route "\/story" must have a handler, \[path, handler\]: a class .*, functions by verb, or an application; got undefined\.$/,
    ],
    [[[/\/story/, null]], /^route \/\\\/story\/ must have a handler.*got null/],
    [[['/story', Date]], /"\/story".*got the class Date/],
    [[['/story', 'app.Story']], /got "app.Story"/],
    [[['/story', [['/x', Story]]]], /got an array of 1/],
    [[['/story', Object.create(Story.prototype)]], /got an object of it; write its class/],
    [[], /^the setting defaultHandler must have a handler.*got the class Date/, { defaultHandler: Date }],
  ]);
});

test('a handler that can respond to no method is refused', () => {
  class Misspelt extends RequestHandler {
    gett(): unknown {
      return this.request.headers.get('x') === 'get';
    }
  }
  class Below extends Misspelt {
    static override readonly supportedMethods = ['GET', 'PURGE'];
  }
  assertRefused([
    [[['/story', Misspelt]], /^route "\/story" must have .* Misspelt has no verb: define one of get, head, post,/],
    [[['/story', Below]], /Below has no verb: define one of get, purge\.$/],
    [[['/story', RequestHandler]], /RequestHandler has no verb/],
    [[['/story', class extends RequestHandler {}]], /the class has no verb/],
    [[], /^the setting defaultHandler .*Misspelt has no verb/, { defaultHandler: Misspelt }],
  ]);
});

test('a verb may be inherited, a field, assigned, or replaced by an earlier step', () => {
  class Inherits extends Story {}
  class Field extends RequestHandler {
    readonly post = authenticated(function (this: Field): void {});
  }
  class InheritsField extends Field {}
  class Assigns extends RequestHandler {
    declare get: () => void;
    constructor(...values: ConstructorParameters<typeof RequestHandler>) {
      super(...values);
      this.get = () => {};
    }
  }
  class Mixes extends RequestHandler {
    readonly mixed = Object.assign(this, { get: () => {} });
  }
  class Prepares extends RequestHandler {
    override prepare(): Promise<void> {
      return this.finish();
    }
  }
  class Purges extends RequestHandler {
    static override readonly supportedMethods = ['PURGE'];
    purge(): void {}
  }
  class Talk extends WebSocketHandler {}
  const handlers = [Inherits, Field, InheritsField, Assigns, Mixes, Prepares, Purges, Talk, ErrorHandler];
  assert.doesNotThrow(() => new Application(handlers.map((handler, index): Route => [`/${index}`, handler])));
});

test('an unknown or wrong option of a route is refused', () => {
  assertRefused([
    [
      [['/story', Story, { path: 'x' }]],
      /^route "\/story" must have no options but name, init, schemas, middleware; got path\. Write \{ init:/,
    ],
    [[['/story', Story, 'story']], /must have options of the form \{ name, init, schemas, middleware \}; got "story"/],
    [[['/story', Story, null]], /options of the form/],
    [[['/story', Story, {}, 'story']], /at most three items; got 4\. Write a name as \{ name: 'story' \}/],
    [[['/story', Story, { name: '' }]], /must have a name/],
    [[['/story', Story, { name: 7 }]], /must have a name that is a string and not empty; got 7/],
  ]);
});

test('a route that can never match is refused', () => {
  const same = /must be able to match, but route .* before it has the same pattern; remove one\.$/;
  assertRefused([
    [
      [
        ['/a', Story],
        ['/b', Story],
        ['/a', Story],
      ],
      /^route "\/a" must .* route "\/a" before it has the same pattern/,
    ],
    [
      [
        ['/café', Story],
        ['/caf%c3%a9', Story],
      ],
      same,
    ],
    [
      [
        ['/~ada', Story],
        ['/%7Eada', Story],
      ],
      same,
    ],
    [
      [
        ['/story/:id', Story],
        ['/story/:name', Story],
      ],
      same,
    ],
    [
      [
        [/\/a(\d)/, Story],
        [/\/a(\d)/, Story],
      ],
      same,
    ],
    [
      [
        [/\/a(?<x>\d)/, Story],
        [/\/a(?<y>\d)/, Story],
      ],
      same,
    ],
    [
      [
        [/\/a(\d)/, Story],
        [/^\/a(\d)$/, Story],
      ],
      same,
    ],
    [
      [
        [/\/a[(?<x>](?<x>\d)/, Story],
        [/^\/a[(?<x>](\d)/, Story],
      ],
      same,
    ],
    [
      [
        ['/story/:id', Story],
        ['/story/new', Story],
      ],
      /"\/story\/new" must .*"\/story\/:id" .* write route "\/story\/new" first/,
    ],
    [
      [
        [/\/\w+/, Story],
        ['/a', Story],
      ],
      /matches all its paths/,
    ],
    [
      [
        ['/files/*path', Story],
        ['/files/:id/x', Story],
      ],
      /matches all its paths/,
    ],
    [
      [
        ['/*path', Story],
        ['/files/*path', Story],
      ],
      /matches all its paths/,
    ],
    [
      [
        [/.*/, Story],
        ['/:id', Story],
      ],
      /matches all its paths/,
    ],
    [
      [
        [/^\/(.*)$/, Story],
        [/\/(\d+)/, Story],
      ],
      /matches all its paths/,
    ],
  ]);
  assert.doesNotThrow(
    () =>
      new Application([
        ['/story/new', Story],
        ['/story/:id', Story],
        ['/:a/:b', Story],
        [/\/story\/(\d+)\/x/, Story],
        ['/files/:id/x', Story],
        ['/files/*path', Story],
        ['/filesystem/*path', Story],
        [/\/b[(?<x>](\d)/, Story],
        [/\/b[(](\d)/, Story],
        [/\/(?<c>\w)\k<c>/, Story],
        [/\/(?<d>\w)\k<d>/, Story],
        [/\/e/, Story],
        [/\/e/i, Story],
        [/.*/, Story],
      ]),
  );
});

test('host groups may repeat patterns, but names are unique in an application', () => {
  const app: Application = new Application([['/a', Story, { name: 'a' }]]);
  app.addHandlers('one.example', [['/a', Story]]);
  app.addHandlers('two.example', [['/a', Story, { name: 'two' }]]);
  const taken = isRouteError(/^route "\/b" must have another name than route "\/a"; got "two" for both\.$/);
  assert.throws(
    () =>
      app.addHandlers('three.example', [
        ['/c', Story, { name: 'c' }],
        ['/b', Story, { name: 'two' }],
      ]),
    taken,
  );
  assert.throws(
    () =>
      app.addHandlers('three.example', [
        ['/a', Story],
        ['/a', Story],
      ]),
    isRouteError(/same pattern/),
  );
  assert.throws(() => app.reverseUrl('c'), isRouteError(/Unknown route name/));
  assert.equal(app.reverseUrl('two'), '/a');
  assertRefused([
    [
      [
        ['/a', Story, { name: 'x' }],
        ['/b', Story, { name: 'x' }],
      ],
      /^route "\/b" must have another name than route "\/a"/,
    ],
  ]);
});

test('a missing folder of templates or static files is refused', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'gale-folders-'));
  t.after(() => rm(root, { recursive: true }));
  const file = join(root, 'file.txt');
  await writeFile(file, 'x');
  const missing = join(root, 'missing');
  assertRefused([
    [[], /^templatePath must be a folder that exists; got ".*\/missing"\.$/, { templatePath: missing }],
    [[], /^templatePath must be a folder; got the file ".*\/file\.txt"\.$/, { templatePath: file }],
    [[], /^staticPath must be a folder that exists; got "\/.*\/no-such-folder"\.$/, { staticPath: 'no-such-folder' }],
    [[], /staticPath must be a folder that exists/, { staticPath: join(file, 'x') }],
    [
      [['/f/*path', StaticFileHandler, { init: { root: missing } }]],
      /^route "\/f\/\*path" must have a valid init: root must be a folder that exists; got/,
    ],
    [[['/f/*path', StaticFileHandler]], /root must be the path of a folder; got undefined/],
    [[['/f/*path', StaticFileHandler, { init: { root: '' } }]], /root must be the path of a folder; got ""/],
    [
      [['/f/*path', StaticFileHandler, { init: { root, default_filename: 'index.html' } as never }]],
      /Unknown StaticFileHandler option default_filename, use defaultFilename; the options are root, defaultFilename/,
    ],
    [
      [['/f/*path', StaticFileHandler, { init: { path: root } as never }]],
      /Unknown StaticFileHandler option path; the options are root/,
    ],
    ...[5, '', '..', '../x', 'a/b', 'a\\b'].map(
      (name) =>
        [
          [['/f/*path', StaticFileHandler, { init: { root, defaultFilename: name } as never }]],
          /defaultFilename must be the name of a file in the folder, such as "index\.html"; got/,
        ] as const,
    ),
    [[['/f/*rest', StaticFileHandler, { init: { root } }]], /one parameter, \*path, or one group; got rest\.$/],
    [[['/f', StaticFileHandler, { init: { root } }]], /got none/],
    [[[/\/(a)(b)/, StaticFileHandler, { init: { root } }]], /got 0, 1/],
    [
      [['/favicon.ico', Story]],
      /"\/favicon\.ico" must .* of the setting staticPath matches all its paths; serve it with/,
      { staticPath: root },
    ],
    [[['/static/:id', Story]], /of the setting staticPath/, { staticPath: root }],
  ]);
  class Renamed extends StaticFileHandler {
    override get(_path: string | { readonly rest: string; readonly path: string }): Promise<void> {
      return this.finish();
    }
  }
  const routes: Route[] = [
    ['/f/*path', StaticFileHandler, { init: { root } }],
    [/\/g\/(.*)/, StaticFileHandler, { init: { root } }],
    ['/h/*rest', Renamed, { init: { root } }],
  ];
  assert.doesNotThrow(
    () => new Application(routes, { templatePath: root, staticPath: root, staticUrlPrefix: '/a:b(c)/' }),
  );
});

test('a wrong init of RedirectHandler or ErrorHandler is refused', () => {
  assertRefused([
    [[['/a', RedirectHandler]], /^route "\/a" must have a valid init: url must be a string; got undefined\.$/],
    [
      [['/a', RedirectHandler, { init: { url: '/b', status: 302 } as never }]],
      /Unknown RedirectHandler option status; the options are url, permanent/,
    ],
    [
      [['/a', RedirectHandler, { init: { url: '/b', permanent: 'false' } as never }]],
      /permanent must be true or false; got "false"/,
    ],
    [[['/a', ErrorHandler, { init: { status: 404, code: 1 } as never }]], /Unknown ErrorHandler option code/],
    [redirectTo('/x/{c}'), /url must have no slots but \{a\}, \{b\}; got \{c\}\.$/],
    [redirectTo('/x/{0}'), /\{0\}/],
    [redirectTo('/x/{1}', /\/(\d)/), /url must have no slots but \{0\}; got \{1\}/],
    [redirectTo('/x/{a}', '/a'), /no slots, since the path has no arguments; got \{a\}/],
    [redirectTo(''), /must not be empty/],
    [redirectTo('http://a b/'), /browsers can follow/],
    [redirectTo('/\n{a}'), /control characters/],
    [redirectTo('{a}'), /must begin with \/ or with a host/],
    [redirectTo('https://site.example{a}'), /slash between its host and an argument; got https/],
    [redirectTo('//site-{a}?x'), /slash between its host/],
    [redirectTo('x{a}'), /must begin with \//],
    [redirectTo('https:{a}'), /must begin with \//],
    [redirectTo('https:/{a}'), /must begin with \//],
    [[['/a', ErrorHandler, { init: { status: 200 } }]], /status must be an integer from 400 to 599; got 200/],
    [[['/a', ErrorHandler, { init: { status: '404' } }]], /got "404"/],
  ]);
  const accepted = [
    '/{a}',
    '/x?q={a}#{b}',
    '?q={a}',
    './{a}',
    'https://{a}.site.example:8080/{b}',
    '//{a}/',
    'http://site.example:{b}/',
  ];
  for (const url of [...accepted, 'http://www{a}.{b}/']) {
    assert.doesNotThrow(() => new Application(redirectTo(url) as Route[]), url);
  }
});

test('schemas that the handler cannot use are refused', () => {
  const schema = z.object({ id: z.string() });
  const body = { schemas: { body: schema } };
  class Upload extends RequestHandler {
    override onData(): void {}
    post(): void {}
  }
  class Streamed extends RequestHandler {
    static override readonly bodyMode = 'stream';
    post(): void {}
  }
  class Purge extends RequestHandler {
    static override readonly supportedMethods = ['GET', 'PURGE'];
    purge(): void {}
    post(): void {}
  }
  class Talk extends WebSocketHandler {}
  class Field extends RequestHandler {
    readonly put = authenticated(function (this: Field): void {});
  }
  assertRefused([
    [
      [['/a', Upload, body]],
      /^route "\/a" must not have schemas\.body, since onData of Upload receives the body in parts/,
    ],
    [[['/a', Streamed, body]], /^route "\/a" must not have schemas\.body, since bodyMode of Streamed is "stream"/],
    [[['/a', () => '', body]], /^route "\/a" must have post, put or patch for schemas\.body; .* \{ post: … \}\.$/],
    [[['/a', { get: () => '', delete: () => '' }, body]], /^route "\/a" must have post, put or patch/],
    [[['/a', Story, body]], /must have post, put or patch/],
    [[['/a', Purge, body]], /must have post, put or patch/],
    [[['/a', Talk, body]], /must have post, put or patch/],
    [group('/g', {}, [['/a', () => '', body]]), /^route "\/g\/a" must have post, put or patch/],
    [
      [['/a', () => '', { schemas: { params: schema } }]],
      /^route "\/a" must have a path with parameters for schemas\.params; it has none\.$/,
    ],
    [[[/\/a/, () => '', { schemas: { params: schema } }]], /must have a path with parameters/],
  ]);
  const routes = [
    ['/1', { post: () => '' }, body],
    ['/2', Field, body],
    ['/item/:id', () => '', { schemas: { params: schema } }],
    [/\/item\/(\d)\/x/, () => '', { schemas: { params: schema, query: schema } }],
    ['/3', Upload, { schemas: { query: schema } }],
    ['/4', Streamed, { schemas: { query: schema } }],
  ];
  assert.doesNotThrow(() => new Application(routes as unknown as Route[]));
});
