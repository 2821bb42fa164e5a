/** Routes and settings that the compiler must accept or refuse; checked by `tsc --noEmit`. */
import { Application } from './application.ts';
import { authenticated } from './authenticated.ts';
import { RequestHandler } from './handler.ts';
import type { CheckedRoutes, MissingInit, PathParams, Route } from './route.ts';
import { StaticFileHandler } from './static/static-file.ts';
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

type OnlyRoute<Item extends Route> = CheckedRoutes<readonly [Item]>[0];
type InitReason = 'The handler needs `init` in its route: [path, Handler, { init: … }]';
assertType<Equal<OnlyRoute<readonly ['/made', typeof Made]>, MissingInit<InitReason, { store: string }>>>();
assertType<
  Equal<OnlyRoute<readonly ['/both', typeof Both, { name: 'both' }]>, MissingInit<InitReason, { store: string }>>
>();
assertType<Equal<OnlyRoute<readonly ['/', typeof Plain]>, readonly ['/', typeof Plain]>>();
assertType<
  Equal<
    OnlyRoute<readonly ['/story', typeof Story]>,
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
  new Application([['/', Date]]),
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
