/**
 * An application: routes, settings, and what all requests share (router, templates, versions of static files). It is a
 * listener of the HTTP server; `handle` also takes requests directly.
 */
import { GaleError } from '../errors.ts';
import type { BoundAddress } from '../http/socket/acceptor.ts';
import type { ListenOptions } from '../http/options/listen-options.ts';
import type { HttpRequest } from '../http/request.ts';
import type { HttpResponse } from '../http/response.ts';
import { HttpServer } from '../http/server.ts';
import { resolveServerOptions } from '../http/options/server-options.ts';
import { resolveWebSocketOptions } from '../websocket/websocket-options.ts';
import { ErrorHandler, type ErrorInit } from './error-handler.ts';
import { jsonEncode, squeeze, urlEscape } from './escape.ts';
import { RequestHandler, type HandlerApplication } from './handler.ts';
import { folderProblem } from './folder.ts';
import { failLifecycle, runLifecycle } from './lifecycle.ts';
import { MiddlewareScope } from './middleware/middleware-scope.ts';
import type { ListedRoute } from './listed-route.ts';
import type { Locales } from './locale/locales.ts';
import type { Middleware } from './middleware/middleware.ts';
import { Mountable, type Place } from './mountable.ts';
import { MountedApplication } from './mounted-application.ts';
import { createPathPattern } from './path-pattern.ts';
import { escapePath } from './path-syntax.ts';
import { hasBrokenEscape } from './percent-encoding.ts';
import type { CheckedRoutes } from './checked-routes.ts';
import type { PathArguments, RouteNames } from './reversed-route.ts';
import type { Route } from './route.ts';
import { togglePath, TrailingSlashHandler } from './trailing-slash.ts';
import { assertHandler } from './route-checks.ts';
import { createCatchAll, type CompiledRoute, type RouteMatch } from './compiled-route.ts';
import { Router } from './router.ts';
import { ServerOptionsHandler } from './server-options-handler.ts';
import { resolveSettings, type ResolvedSettings, type Settings } from './settings.ts';
import { FileCache } from './static/file-cache.ts';
import { FileVersions } from './static/file-versions.ts';
import { StaticFileHandler } from './static/static-file.ts';
import { StaticFiles } from './static/static-url.ts';
import { Loader } from './template/loader.ts';
import { builtInModules } from './ui-modules/built-in-modules.ts';
import type { PageModules } from './ui-modules/page-module.ts';
import { UncreatedHandler } from './uncreated-handler.ts';

/** What the handlers of one place where an application runs have in common: it listens, or is mounted. */
interface ApplicationPlace {
  readonly application: HandlerApplication;
  readonly scope: MiddlewareScope;
  /** Places of the applications that are mounted in this one. */
  readonly places: Map<CompiledRoute, Place>;
}

/** A listening server and its address. */
export type ListeningServer = HttpServer & BoundAddress;

/**
 * Dispatches requests to handlers.
 *
 * @example
 * const app = new Application([['/story/:id', Story, { name: 'story' }]], { templatePath: 'templates' });
 * await app.listen(8888);
 */
export class Application<const Paths = readonly (string | RegExp)[], const Options = unknown, const Handlers = unknown>
  extends Mountable<Paths, Options, Handlers>
  implements HandlerApplication
{
  /** Versions and URLs of static files. @internal */
  readonly staticFiles: StaticFiles;
  /** The locales of the setting `locale`, also for mails and other texts outside of a request; `undefined` without it. */
  readonly locales: Locales | undefined;
  /** The UI modules by name: those of Gale and of the setting `uiModules`. @internal */
  readonly uiModules: PageModules;
  #settings: ResolvedSettings;
  readonly #router: Router;
  readonly #root: ApplicationPlace;
  readonly #notFound: RouteMatch;
  readonly #broken: RouteMatch;
  readonly #serverOptions: RouteMatch;
  /** The responses to a path without a route. */
  readonly #refusals: ReadonlySet<RouteMatch>;
  /** Those in the middlewares of a group. */
  readonly #grouped: Map<readonly Middleware[], Map<RouteMatch, RouteMatch>> = new Map();
  readonly #uiMethods: readonly (readonly [name: string, method: UnboundMethod])[];
  /** Methods in the `supportedMethods` of any handler. */
  readonly #methods: Set<string> = new Set(RequestHandler.supportedMethods);
  #templates: Loader | undefined;

  /**
   * @param routes - Tried in order. A handler whose verbs do not accept the parameters of the path does not compile.
   * @throws {@link GaleError} `WEB_SETTING` or `WEB_ROUTE`; `OPTION_UNKNOWN` or `OPTION_VALUE` for the settings `server` and `websocket`.
   */
  constructor(routes: CheckedRoutes<Paths, Handlers, Options>, settings: Settings = {}) {
    super();
    this.#settings = resolveSettings(settings);
    // Validated now, not at the first request.
    resolveServerOptions(this.settings.server ?? {});
    resolveWebSocketOptions(this.settings.websocket);
    const { locale } = this.settings;
    this.locales = locale?.translations.localesFor(locale, {
      log: () => this.settings.log,
      now: () => this.settings.now(),
    });
    const {
      templatePath,
      staticPath,
      staticUrlPrefix,
      debug,
      uiMethods = {},
      uiModules,
      defaultHandler,
    } = this.settings;
    assertFolders({ templatePath, staticPath });
    if (defaultHandler !== undefined) assertHandler(defaultHandler, 'the setting defaultHandler');
    this.staticFiles = new StaticFiles(
      staticPath,
      createPathPattern(escapePath(staticUrlPrefix)).toPath([]),
      () => this.settings.log,
      { versions: new FileVersions(debug), cache: new FileCache(this.settings.maxStaticCacheBytes, debug) },
    );
    this.settings.sessions?.attach(() => this.settings);
    this.#root = { application: this, scope: new MiddlewareScope(this.#around()), places: new Map() };
    this.#router = new Router(routes, staticRoutes(this.settings));
    this.#notFound = createCatchAll(defaultHandler ?? ErrorHandler);
    this.#noteMethods([...this.#router.routes, this.#notFound.route]);
    this.#broken = defaultHandler === undefined ? createCatchAll(ErrorHandler, brokenPath) : this.#notFound;
    this.#serverOptions = createCatchAll(ServerOptionsHandler, { methods: () => this.methods });
    this.uiModules =
      uiModules === undefined ? builtInModules : new Map([...builtInModules, ...Object.entries(uiModules)]);
    this.#refusals = new Set([this.#notFound, this.#broken, slashRedirect]);
    this.#uiMethods = Object.entries(uiMethods) as [string, UnboundMethod][];
  }

  /** Settings with every default filled in. */
  get settings(): ResolvedSettings {
    return this.#settings;
  }

  /**
   * Uses another log and clock, for gale/testing.
   *
   * @returns Restores the previous ones.
   * @internal
   */
  override useTools(tools: Pick<ResolvedSettings, 'log' | 'now'>): () => void {
    const previous = this.#settings;
    this.#settings = Object.freeze({ ...previous, ...tools });
    const mounted = new Set(this.#router.routes.map(({ mount }) => mount));
    const restores = [...mounted].map((mount) => mount?.useTools(tools));
    return () => {
      this.#settings = previous;
      for (const restore of restores) restore?.();
    };
  }

  /** Adds routes for a host (`www.example.com`), its subdomains (`*.example.com`), or hosts that match a regular expression. */
  addHandlers<const MorePaths, const MoreHandlers, const MoreOptions>(
    host: string | RegExp,
    routes: CheckedRoutes<MorePaths, MoreHandlers, MoreOptions>,
  ): void {
    this.#router.addHost(host, routes);
    this.#noteMethods(this.#router.routes);
  }

  /** Whether any handler has the HTTP method in its `supportedMethods`. Other methods are 501. */
  knowsMethod(method: string): boolean {
    return this.#methods.has(method);
  }

  /** All of these methods, also those of mounted applications. @internal */
  override get methods(): readonly string[] {
    const mounted = this.#router.routes.flatMap(({ mount }) => mount?.methods ?? []);
    return [...new Set([...this.#methods, ...mounted])];
  }

  /**
   * Builds the path of the route with this name. A route of a mounted application has the name of its mount before it:
   * `reverseUrl('api:item', 7)`. Names and arguments of `addHandlers` are not part of the types; `this.reverseUrl` of a
   * handler takes any text.
   *
   * @param values - Arguments of the path, in order or as one object by name.
   * @throws {@link GaleError} `WEB_ROUTE` if there is no such route, or if the arguments do not fit.
   */
  override reverseUrl<const Name extends RouteNames<Options, Handlers>>(
    name: Name,
    ...values: PathArguments<Paths, Options, Handlers, Name>
  ): string {
    return this.#router.reverse(name, values);
  }

  /** All routes in the order in which they are tried: those of host groups, of the settings, and of the list. */
  routes(): ListedRoute[] {
    return this.#router.list();
  }

  /**
   * Starts a server for this application.
   *
   * @param port - 0 selects a free port. Options can also name a Unix socket.
   * @param host - Address to listen on. Left out: all addresses.
   * @returns The server with its port and address. `close()` stops it.
   */
  async listen(port: number | ListenOptions, host?: string): Promise<ListeningServer> {
    const server = new HttpServer((request, response) => this.handle(request, response), {
      log: this.settings.log,
      ...this.settings.server,
    });
    return Object.assign(server, await server.listen(port, host));
  }

  /** Handles one request. Never throws. */
  handle(request: HttpRequest, response: HttpResponse): void {
    this.#handleAt(this.#root, request, response, request.path);
  }

  /** @internal */
  override placeAt(prefix: string, around: readonly Middleware[]): Place {
    const application = new MountedApplication(this, prefix);
    const scope = new MiddlewareScope(this.#around(around));
    const place = { application, scope, places: new Map() };
    return { handle: (request, response, path) => this.#handleAt(place, request, response, path, prefix) };
  }

  /** @param prefix - Path of the place where this application is mounted. */
  #handleAt(place: ApplicationPlace, request: HttpRequest, response: HttpResponse, path: string, prefix = ''): void {
    const match = this.#router.find(request.host, path) ?? this.#inGroup(this.#unmatched(request, path), request, path);
    const { route, groups } = match;
    const { application, scope, places } = place;
    const middleware = scope.listOf(route);
    if (route.mount !== undefined) {
      let below = places.get(route);
      if (below === undefined) {
        below = route.mount.placeAt(`${prefix}${route.pattern.start}`, middleware.all);
        places.set(route, below);
      }
      return below.handle(request, response, groups?.[1] ?? '/');
    }
    let handler: RequestHandler;
    try {
      handler = new route.handler(application, request, response);
    } catch (error) {
      failLifecycle(new UncreatedHandler(application, request, response), route, middleware, error);
      return;
    }
    runLifecycle(handler, match, middleware);
  }

  /**
   * That of `OPTIONS *`; the route with or without a slash at the end, if the setting wants it; else as `#refuse`.
   *
   * @param path - Path of the request below the place.
   */
  #unmatched(request: HttpRequest, path: string): RouteMatch {
    // Only OPTIONS has such a target.
    if (request.path === '*') return this.#serverOptions;
    const { trailingSlash } = this.settings;
    const other = trailingSlash === 'strict' ? undefined : togglePath(path);
    const match = other === undefined ? undefined : this.#router.find(request.host, other);
    if (match === undefined) return this.#refuse(request);
    return trailingSlash === 'ignore' ? match : slashRedirect;
  }

  /** The response to a path without a route, inside of the middlewares of the group that the path is in. */
  #inGroup(match: RouteMatch, { host }: HttpRequest, path: string): RouteMatch {
    // The route of the path with or without a slash has its own.
    if (!this.#refusals.has(match)) return match;
    const middleware = this.#router.groupAt(host, path);
    if (middleware === undefined) return match;
    let inGroup = this.#grouped.get(middleware)?.get(match);
    if (inGroup === undefined) {
      inGroup = { ...match, route: { ...match.route, middleware: [...middleware, ...match.route.middleware] } };
      const known = this.#grouped.get(middleware) ?? new Map<RouteMatch, RouteMatch>();
      this.#grouped.set(middleware, known.set(match, inGroup));
    }
    return inGroup;
  }

  /** The default handler; without one, 400 for a path with a `%` without two hex digits, else 404. */
  #refuse({ method, path }: HttpRequest): RouteMatch {
    // A method that no handler knows is 501 for every path.
    return this.knowsMethod(method) && hasBrokenEscape(path) ? this.#broken : this.#notFound;
  }

  /** Templates of the folder `templatePath`. */
  get templates(): Loader {
    if (this.#templates === undefined) {
      const { templatePath, autoescape, debug, locals } = this.settings;
      if (templatePath === undefined) throw new GaleError('WEB_HANDLER', 'render needs the setting templatePath.');
      const namespace = { jsonEncode, squeeze, urlEscape, ...locals };
      this.#templates = new Loader(templatePath, { autoescape, cache: !debug, namespace });
    }
    return this.#templates;
  }

  /** The setting `uiMethods`, with `handler` as the first argument of each. */
  bindUiMethods(handler: RequestHandler): Record<string, (...values: unknown[]) => unknown> {
    const bound: Record<string, (...values: unknown[]) => unknown> = {};
    for (const [name, method] of this.#uiMethods) bound[name] = (...values) => method(handler, ...values);
    return bound;
  }

  /**
   * What runs around all routes. The session is loaded first, so that every middleware has it, and stored last.
   *
   * @param outer - Middlewares of the place where the application is mounted.
   */
  #around(outer: readonly Middleware[] = []): readonly Middleware[] {
    const { sessions, middleware = [] } = this.settings;
    const all = [...outer, ...middleware];
    return sessions === undefined || outer.includes(sessions.steps) ? all : [sessions.steps, ...all];
  }

  #noteMethods(routes: readonly CompiledRoute[]): void {
    for (const { handler } of routes) for (const method of handler.supportedMethods) this.#methods.add(method);
  }
}

const slashRedirect: RouteMatch = createCatchAll(TrailingSlashHandler);

/** @throws {@link GaleError} `WEB_SETTING` if one of the folders is missing. */
function assertFolders(folders: Readonly<Record<string, string | undefined>>): void {
  for (const [name, path] of Object.entries(folders)) {
    const problem = path === undefined ? undefined : folderProblem(path);
    if (problem !== undefined) throw new GaleError('WEB_SETTING', `${name} must be ${problem}.`);
  }
}

type UnboundMethod = (handler: RequestHandler, ...values: unknown[]) => unknown;

function staticRoutes({ staticPath, staticUrlPrefix }: ResolvedSettings): Route[] {
  if (staticPath === undefined) return [];
  const options = { init: { root: staticPath } };
  return [
    [`${escapePath(staticUrlPrefix)}*path`, StaticFileHandler, options],
    [/\/(favicon\.ico|robots\.txt)/, StaticFileHandler, options],
  ];
}

/** The response to a path that cannot be decoded. */
const brokenPath: ErrorInit = { status: 400, detail: 'A path has a % without two hex digits.' };
