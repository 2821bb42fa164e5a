/** Routes and settings that the compiler must accept or refuse; checked by `tsc --noEmit`. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { Application } from './application.ts';
import { authenticated } from './authenticated.ts';
import { RequestHandler } from './handler.ts';
import { healthRoutes } from './health/health-routes.ts';
import type { CheckedRoute, MissingInit } from './checked-routes.ts';
import type { PathParams } from './path-params.ts';
import type { FunctionHandler, Route, VerbFunctions } from './route.ts';
import { group } from './route-group.ts';
import { StaticFileHandler } from './static/static-file.ts';
import { addslash, removeslash } from './trailing-slash.ts';
import { WebSocketHandler } from './websocket-handler.ts';

type Equal<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
function assertType<_Claim extends true>(): void {}

assertType<Equal<PathParams<'/story/:id'>, { readonly id: string }>>();
assertType<Equal<PathParams<'/:year-:month/:page.html/*rest'>, Record<'year' | 'month' | 'page' | 'rest', string>>>();
assertType<Equal<keyof PathParams<'/about'>, never>>();
assertType<Equal<keyof PathParams<'/a\\:b/\\*c'>, never>>();
assertType<Equal<PathParams<'/a\\:b/:c\\:d'>, { readonly c: string }>>();

class Plain extends RequestHandler {
  get(): void {}
}
class Story extends RequestHandler {
  get({ id }: { id: string }): void {
    this.write(id);
  }
  post(): void {}
}
class Optional extends RequestHandler {
  get(_params?: { id: string }): void {}
}
class Numbered extends RequestHandler {
  get(_params: { id: number }): void {}
}
class Positional extends RequestHandler {
  get(_first: string, _second?: string): void {}
}
class Talk extends WebSocketHandler {
  override open({ room }: { room: string }): void {
    this.writeMessage(room);
  }
}
class Made extends RequestHandler {
  override initialize(_init: { store: string }): void {}
  get(): void {}
}
class Declared extends RequestHandler<unknown, { store: string; tags?: string[] }> {
  get(): void {}
}
class Both extends RequestHandler<unknown, { store: string }> {
  override initialize(): void {}
}
class DeclaredTalk extends WebSocketHandler<unknown, { store: string }> {}
class OptionalInit extends RequestHandler<unknown, { store: string } | undefined> {}
class Inbox extends RequestHandler<{ name: string }> {
  readonly get = authenticated(function (this: Inbox, { id }: { id: string }): void {
    this.write(id + (this.currentUser?.name ?? ''));
  });
}
class Decorated extends RequestHandler {
  @authenticated
  get(): void {}
}

class Slashed extends RequestHandler {
  @addslash
  get(): string {
    return '';
  }
  @removeslash
  post(): void {}
}

type InitReason = 'The handler needs `init` in its route: [path, Handler, { init: … }]';
assertType<Equal<CheckedRoute<'/made', typeof Made, unknown>, MissingInit<InitReason, { store: string }>>>();
assertType<Equal<CheckedRoute<'/both', typeof Both, { name: 'both' }>, MissingInit<InitReason, { store: string }>>>();
assertType<Equal<CheckedRoute<'/', typeof Plain, unknown>[1], typeof Plain>>();
assertType<
  Equal<
    CheckedRoute<'/story', typeof Story, unknown>[1],
    'get() of the handler does not accept the parameters of the path /story'
  >
>();

export const accepted: readonly Application[] = [
  new Application([]),
  new Application([
    ['/', Plain],
    ['/about', Plain, { name: 'about' }],
    ['/story/:id', Story],
    ['/story/:id', Plain],
    ['/about', Optional],
    ['/story/:id', Optional],
    [/^\/index\/(\d+)$/, Positional],
    ['/talk/:room', Talk],
    ['/made', Made, { init: { store: 'x' }, name: 'made' }],
    ['/declared', Declared, { init: { store: 'x', tags: ['a'] } }],
    ['/both', Both, { init: { store: 'x' } }],
    ['/declared-talk', DeclaredTalk, { init: { store: 'x' } }],
    ['/optional-init', OptionalInit],
    ['/optional-init', OptionalInit, { name: 'optional' }],
    ['/optional-init', OptionalInit, { init: { store: 'x' } }],
    ['/inbox/:id', Inbox],
    ['/decorated', Decorated],
    ['/slashed', Slashed],
    ['/files/*path', StaticFileHandler, { init: { root: 'x' } }],
  ]),
];

const unknownAtCompileTime: Route[] = [[String(1), Story]];
export const wide: Application = new Application(unknownAtCompileTime, { debug: true });

export const refused: readonly Application[] = [
  // @ts-expect-error -- The path has no parameter `id`.
  new Application([['/story', Story]]),
  // @ts-expect-error -- The path has `name`, not `id`.
  new Application([['/story/:name', Story]]),
  // @ts-expect-error -- Parameters of a path are strings.
  new Application([['/story/:id', Numbered]]),
  // @ts-expect-error -- `open` of a WebSocketHandler is checked too.
  new Application([['/talk/:id', Talk]]),
  // @ts-expect-error -- A verb in `authenticated` is checked too.
  new Application([['/inbox', Inbox]]),
  // @ts-expect-error -- The parameter of `initialize` makes `init` required.
  new Application([['/made', Made]]),
  // @ts-expect-error -- … of the right shape.
  new Application([['/made', Made, { init: { store: 7 } }]]),
  // @ts-expect-error -- `Init` of the handler is required too.
  new Application([['/declared', Declared]]),
  // @ts-expect-error -- … beside a name.
  new Application([['/declared', Declared, { name: 'declared' }]]),
  // @ts-expect-error -- … of the right shape.
  new Application([['/declared', Declared, { init: { store: 7 } }]]),
  // @ts-expect-error -- … also if `initialize` does not use it.
  new Application([['/both', Both]]),
  // @ts-expect-error -- … in a handler of WebSockets.
  new Application([['/declared-talk', DeclaredTalk, { init: {} }]]),
  // @ts-expect-error -- An optional `init` has its shape.
  new Application([['/optional-init', OptionalInit, { init: { store: 7 } }]]),
  // @ts-expect-error -- Unknown option of a route.
  new Application([['/', Plain, { nmae: 'home' }]]),
  // @ts-expect-error -- Not a class of handlers.
  new Application([['/', Map]]),
  // @ts-expect-error -- Misspelt name of Tornado's setting.
  new Application([], { templates_path: 'templates' }),
  // @ts-expect-error -- Unknown setting.
  new Application([], { debgu: true }),
  // @ts-expect-error -- Wrong type.
  new Application([], { maxFormBytes: '1' }),
];

export function addMore(app: Application): void {
  app.addHandlers('*.example.com', [['/story/:id', Story]]);
  // @ts-expect-error -- Routes of a host group are checked too.
  app.addHandlers('*.example.com', [['/story/:name', Story]]);
}

// oxlint-disable-next-line typescript/no-explicit-any -- A handler without a type.
declare const untyped: any;
export const functions: readonly Application[] = [
  new Application([
    ['/', () => 'text'],
    ['/hello/:name', ({ name }) => `Hello, ${name}!`],
    ['/story/:id', Story],
    ['/files/*rest', async ({ rest }, handler) => handler.redirect(rest)],
    [/\/(\d+)/, ([id]) => id ?? '', { name: 'number' }],
    [/\/(?<year>\d+)/, ({ year }) => year ?? ''],
    [
      '/item/:id',
      {
        get: ({ id }, handler) => handler.render('item.html', { id }),
        async *post({ id }) {
          yield id;
        },
      },
    ],
    ['/written/:id', ({ id }: { id: string }) => ({ id })],
    ['/made', Made, { init: { store: 'x' } }],
    ['/bytes', () => new Uint8Array(1)],
    ['/any', untyped],
    ['/other/:any', ({ any }) => any.trim()],
    ...group('/admin/:team', { init: { store: 'x' } }, [
      ['/', ({ team }) => [team]],
      ['/:id', ({ team, id }) => team + id, { name: 'one' }],
      ['/made', Made],
      ...group('/deep/:deep', {}, [
        ['/:id', ({ deep, id }) => deep + id],
        ['/talk/:room', Talk],
      ]),
    ]),
  ]),
];

export const refusedFunctions: readonly unknown[] = [
  // @ts-expect-error -- null is no response.
  new Application([['/', () => null]]),
  // @ts-expect-error -- Nor is a number.
  new Application([['/', async () => 7]]),
  // @ts-expect-error -- The path has no parameter `name`.
  new Application([['/:id', ({ name }) => name]]),
  // @ts-expect-error -- Parameters of a path are strings.
  new Application([['/:id', (_params: { id: number }) => '']]),
  // @ts-expect-error -- Not the name of a verb.
  new Application([['/', { gett: () => '' }]]),
  // @ts-expect-error -- … also beside a verb.
  new Application([['/', { get: () => '', gett: () => '' }]]),
  // @ts-expect-error -- … in a group.
  new Application([...group('/a', {}, [['/', { get: () => '', gett: () => '' }]])]),
  // @ts-expect-error -- null is no response of one of two functions.
  new Application([['/', { get: () => '', post: () => null }]]),
  // @ts-expect-error -- Parameters are checked in objects too.
  new Application([['/:id', { get: ({ name }) => name }]]),
  // @ts-expect-error -- Unknown option of a route with a function.
  new Application([['/:id', ({ id }) => id, { nmae: 'x' }]]),
  // @ts-expect-error -- Unknown option beside a known one.
  new Application([['/', Plain, { name: 'x', middlewares: [] }]]),
  // @ts-expect-error -- Not a middleware.
  new Application([['/', Plain, { middleware: [{ process(): void {} }] }]]),
  // @ts-expect-error -- The group has no parameter `id`.
  new Application([...group('/a', {}, [['/:name', Story]])]),
  // @ts-expect-error -- `init` is missing in the route and in its group.
  new Application([...group('/a', { name: 'a' }, [['/', Made]])]),
  // @ts-expect-error -- The parameters of a function in a group.
  group('/a/:team', {}, [['/:id', ({ name }) => name]]),
  // @ts-expect-error -- Unknown option of a group.
  group('/a', { schemas: {} }, []),
];

/** The types of a list that another file builds. */
export const list: readonly Route[] = [
  ['/:id', ({ id }) => String(id)],
  ['/story/:id', Story],
  ...group('/admin', {}, [['/:id', ({ id }) => id]]),
];

export const afterSpreadLists: readonly Application[] = [
  new Application([
    ...healthRoutes(),
    ['/:id', ({ id }, handler) => handler.redirect(id)],
    ['/story/:id', Story],
    ['/item/:item', { get: ({ item }) => item.trim() }],
    [/\/(\d+)/, ([id]) => id ?? ''],
  ]),
  new Application([
    ['/first/:one', ({ one }) => one.trim()],
    ...group('/admin/:team', {}, [
      ...group('/deep/:deep', {}, [['/:id', ({ deep, id }) => deep + id]]),
      ['/:id', ({ team, id }) => team.trim() + id.trim()],
    ]),
    ...healthRoutes(),
    ['/last/:two', ({ two }) => two.trim()],
  ]),
  // Between two spread lists: if no path of a function in this list has parameters, or all have the same …
  new Application([
    ...healthRoutes(),
    ['/login', { post: (_, handler) => handler.redirect('/') }],
    ['/logout', (_, handler) => handler.redirect('/')],
    ['/story/:id', Story],
    ...group('/users/:user', {}, [
      ...healthRoutes(),
      ['/', ({ user }, handler) => handler.redirect(user)],
      ['/talk/:room', Talk],
      ['/one', { get: ({ user }) => user.trim(), put: async ({ user }, handler) => (await handler.readText()) + user }],
      ...group('/posts/:post', {}, [['/', ({ post }) => post.trim()]]),
    ]),
    ...list,
  ]),
  new Application([...healthRoutes(), ['/:id', ({ id }) => id.trim()], ...list]),
  // … or else in a group of their own.
  new Application([...healthRoutes(), ...group('', {}, [['/:id', ({ id }) => id.trim()]]), ...list]),
];
export const refusedAfterSpreadLists: readonly unknown[] = [
  // @ts-expect-error -- The path has no parameter `name`.
  new Application([...healthRoutes(), ['/:id', ({ name }) => name]]),
  // @ts-expect-error -- Parameters are strings, not `any`.
  new Application([...healthRoutes(), ['/:id', ({ id }) => id.toFixed()]]),
  // @ts-expect-error -- A number is no response.
  new Application([...healthRoutes(), ['/:id', ({ id }) => id.length]]),
  // @ts-expect-error -- Classes are checked too.
  new Application([...healthRoutes(), ['/story/:name', Story]]),
  // @ts-expect-error -- Unknown option.
  new Application([...healthRoutes(), ['/:id', ({ id }) => id, { nmae: 'x' }]]),
  // @ts-expect-error -- Between two spread lists, TypeScript infers no parameters if the paths of functions have different ones.
  new Application([...healthRoutes(), ['/:id', ({ id }) => id], ['/x/:other', ({ other }) => other], ...list]),
  // @ts-expect-error -- The path has no such parameter.
  new Application([...healthRoutes(), ['/:id', ({ name }) => name], ...list]),
  // @ts-expect-error -- A number is no response.
  new Application([...healthRoutes(), ['/:id', ({ id }) => id.length], ...list]),
];

declare const show: FunctionHandler<{ readonly id: string }>;
declare const byVerb: VerbFunctions<{ readonly id: string }>;
declare const isClass: boolean;
function generic<Params extends { readonly id: string }>({ id }: Params): string {
  return id;
}
class Service {
  get(): string {
    return '';
  }
  reload(): void {}
}
const numbered = [1, 2].map((number) => [`/numbered/${number}`, () => number.toFixed()] as const);
const wrong = [1, 2].map((number) => [`/numbered/${number}`, () => number] as const);

/** Functions that are not written in the list, and arrays of routes. */
export const knownFunctions: readonly Application[] = [
  new Application([
    ['/show/:id', show],
    ['/verbs/:id', byVerb],
    ['/generic/:id', generic],
    ['/either/:id', isClass ? Story : show],
    ['/service', new Service()],
    ...numbered,
    ['/x/:a', ({ a }) => a.trim()],
    [/\/(\d+)/, ([first]) => first ?? ''],
  ]),
  new Application([
    ...group('/:id', {}, [
      ['/show', show],
      ['/verbs', byVerb],
      ['/generic', generic],
      ['/service', new Service()],
      ...numbered,
      ['/x/:a', ({ id, a }) => id.trim() + a.trim()],
    ]),
    ...list,
    ['/x/:a', ({ a }) => a.trim()],
    [/\/(\d+)/, ([first]) => first ?? ''],
  ]),
];
export const refusedKnownFunctions: readonly unknown[] = [
  // @ts-expect-error -- The path has no parameter `id`.
  new Application([['/', show]]),
  // @ts-expect-error -- … for functions by verb.
  new Application([['/', byVerb]]),
  // @ts-expect-error -- … in a group.
  new Application([...group('/a', {}, [['/', show]])]),
  // @ts-expect-error -- … for a function or a class.
  new Application([['/', isClass ? Story : show]]),
  // @ts-expect-error -- A number is no response in an array of routes.
  new Application([...wrong]),
  // @ts-expect-error -- … before a function.
  new Application([...wrong, ['/x/:a', ({ a }) => a]]),
];

/** Functions in a nested group know the parameters of the outer prefixes that the group names. */
export const within: Application = new Application([
  ...healthRoutes(),
  ...group('/users/:user', {}, [
    ['/', ({ user }) => user.trim()],
    ...group('/posts/:post', { within: '/users/:user', name: 'post' }, [
      ['/', ({ user, post }) => user.trim() + post.trim()],
      ['/likes/:like', { get: ({ user, post, like }) => user.trim() + post.trim() + like.trim() }, { name: 'like' }],
      ['/story/:id', Story],
      ...group('/deep/:deep', { within: '/users/:user/posts/:post' }, [
        ['/:id', ({ user, post, deep, id }) => [user, post, deep, id]],
      ]),
    ]),
    ['/last', ({ user }) => user.trim()],
  ]),
]);
export const refusedWithin: readonly unknown[] = [
  // @ts-expect-error -- No prefix has the parameter.
  group('/posts/:post', { within: '/users/:user' }, [['/', ({ team }) => team]]),
  // @ts-expect-error -- Nor has one of functions by verb.
  group('/posts/:post', { within: '/users/:user' }, [['/', { get: ({ team }) => team }]]),
  // @ts-expect-error -- The group is in no other.
  new Application([...group('/posts', { within: '/users/:user' }, [['/', ({ user }) => user]])]),
  new Application([
    // @ts-expect-error -- The outer group has another parameter.
    ...group('/teams/:team', {}, [...group('/posts', { within: '/users/:user' }, [['/', ({ user }) => user]])]),
  ]),
];

/** Without, they declare them. */
export const nested: Application = new Application([
  ...group('/users/:user', {}, [
    ...group('/posts/:post', {}, [
      ['/', ({ post }) => post.trim()],
      ['/show', ({ user, post }: { user: string; post: string }) => user + post],
      ['/edit', { get: ({ user }: { user: string }) => user, put: ({ post }: { post: string }) => post }],
      ['/likes/:like', { get: ({ post, like }) => post.trim() + like.trim() }],
    ]),
  ]),
]);
export const refusedNested: readonly unknown[] = [
  // @ts-expect-error -- The prefix of the outer group is not known in the inner one without a declaration.
  group('/users/:user', {}, [...group('/posts', {}, [['/:id', ({ user }) => user]])]),
  new Application([
    // @ts-expect-error -- No prefix has the parameter that the function declares.
    ...group('/users/:user', {}, [...group('/posts', {}, [['/', ({ team }: { team: string }) => team]])]),
  ]),
  // @ts-expect-error -- … nor that of functions by verb.
  new Application([...group('/users', {}, [['/', { get: ({ team }: { team: string }) => team }]])]),
  // @ts-expect-error -- Parameters of a path are strings.
  new Application([...group('/users', {}, [['/:id', (_params: { id: number }) => '']])]),
];

const api = new Application([
  ['/', Plain, { name: 'start' }],
  ['/items/:id', ({ id }) => id, { name: 'item' }],
]);
const site = new Application([
  ['/before/:id', ({ id }) => id],
  ['/api', api, { name: 'api', middleware: [] }],
  ['/unnamed', api],
  ...group('/v2', { name: 'v2', init: 1 }, [['/api', api, { name: 'api' }]]),
  ['/wide', wide, { name: 'wide' }],
  ['/after/:id', ({ id }) => id, { name: 'after' }],
]);
const nestedSites = new Application([['/site', site, { name: 'site' }]]);
export const mountedPaths: readonly string[] = [
  site.reverseUrl('api'),
  site.reverseUrl('api:start'),
  site.reverseUrl('api:item', 7),
  site.reverseUrl('api:item', { id: 7 }),
  site.reverseUrl('v2.api:item', 7),
  site.reverseUrl('wide:any text', 1, 2),
  nestedSites.reverseUrl('site:api:item', 7),
  nestedSites.reverseUrl('site:after', 7),
];
export const refusedMounts: readonly unknown[] = [
  // @ts-expect-error -- The mounted application has no such route.
  site.reverseUrl('api:itme', 7),
  // @ts-expect-error -- Nor such a mount.
  site.reverseUrl('apy:item', 7),
  // @ts-expect-error -- The parameter is missing.
  site.reverseUrl('api:item'),
  // @ts-expect-error -- The parameter has another name.
  site.reverseUrl('v2.api:item', { name: 7 }),
  // @ts-expect-error -- The path has no parameters.
  site.reverseUrl('api:start', 7),
  // @ts-expect-error -- The mount has no parameters.
  site.reverseUrl('api', 7),
  // @ts-expect-error -- A mount without a name adds no names.
  site.reverseUrl('item', 7),
  // @ts-expect-error -- Nor do the names of two places mix.
  nestedSites.reverseUrl('site:item', 7),
  // @ts-expect-error -- Not an application.
  new Application([['/api', { handle(): void {} }]]),
  // @ts-expect-error -- Unknown option.
  new Application([['/api', api, { nmae: 'api' }]]),
];

declare const order: StandardSchemaV1<unknown, { readonly count: number }>;
declare const search: StandardSchemaV1<unknown, { readonly q: string }>;
export const validated: Application = new Application([
  [
    '/order/:id',
    {
      get: (_, { validated }) => validated.query.q,
      post: ({ id }, { validated: { body, query } }) => ({ id, count: body.count.toFixed(), q: query.q }),
    },
    { schemas: { body: order, query: search } },
  ],
  ['/search', (_, handler) => handler.validated.query.q, { schemas: { query: search } }],
  ['/story/:id', Story, { schemas: { query: search } }],
]);
export const refusedSchemas: readonly unknown[] = [
  // @ts-expect-error -- The body of a GET is not validated.
  new Application([['/', { get: (_, { validated }) => validated.body, post: () => '' }, { schemas: { body: order } }]]),
  // @ts-expect-error -- … nor that of a DELETE.
  new Application([['/', { delete: (_, h) => h.validated.body, put: () => '' }, { schemas: { body: order } }]]),
  // @ts-expect-error -- There is no schema for the body.
  new Application([['/', (_, handler) => handler.validated.body.q, { schemas: { query: search } }]]),
  // @ts-expect-error -- Not a schema.
  new Application([['/', Plain, { schemas: { query: { q: 'string' } } }]]),
];

export class Site extends Application {
  constructor() {
    super([...list, ['/site', Plain]], { debug: true });
  }
}

const named = new Application([
  ['/', Plain, { name: 'home' }],
  ['/story/:id', Story, { name: 'story' }],
  ['/:year-:month/*rest', () => '', { name: 'archive' }],
  ['/no-name', () => ''],
  [/\/(\d+)/, () => '', { name: 'number' }],
  ...group('/admin/:team', { name: 'admin' }, [
    ['/', () => '', { name: 'start' }],
    ...group('/users', { name: 'users' }, [['/:id', ({ id }) => id, { name: 'show' }]]),
  ]),
]);
export const paths: readonly string[] = [
  named.reverseUrl('home'),
  named.reverseUrl('story', 7),
  named.reverseUrl('story', { id: 'x' }),
  named.reverseUrl('archive', 2026, 11, 'a/b'),
  named.reverseUrl('archive', { year: 2026, month: 11, rest: '' }),
  named.reverseUrl('number', 7n),
  named.reverseUrl('admin.start', 'red'),
  named.reverseUrl('admin.users.show', { team: 'red', id: 7 }),
  wide.reverseUrl('any text', 1, 2),
];
export const refusedPaths: readonly string[] = [
  // @ts-expect-error -- There is no route with this name.
  named.reverseUrl('hoem'),
  // @ts-expect-error -- The path has no parameters.
  named.reverseUrl('home', 1),
  // @ts-expect-error -- The parameter is missing.
  named.reverseUrl('story'),
  // @ts-expect-error -- The path has one parameter.
  named.reverseUrl('story', 1, 2),
  // @ts-expect-error -- The parameter has another name.
  named.reverseUrl('story', { name: 'x' }),
  // @ts-expect-error -- A parameter is missing.
  named.reverseUrl('archive', { year: 2026, month: 11 }),
  // @ts-expect-error -- The routes of health checks have no names.
  new Application([...healthRoutes(), ['/', Plain, { name: 'home' }]]).reverseUrl('hoem'),
  // @ts-expect-error -- Names of a group begin with its name.
  named.reverseUrl('start', 'red'),
];
