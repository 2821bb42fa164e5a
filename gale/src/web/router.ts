/**
 * Finds the route of a request: first in the host groups, in the order they were added, then in the routes for all hosts.
 * In each group the first matching route is used. Paths without parameters are in a map.
 */
import { GaleError } from '../errors.ts';
import { showValue } from '../run/given-options.ts';
import { createFunctionHandler } from './function-handler.ts';
import { HandlerPlan } from './handler-plan.ts';
import { createHostTest, hostNameOf, type HostTest } from './host-pattern.ts';
import { assertMiddleware, type Middleware } from './middleware/middleware.ts';
import { createPathPattern, type PathArgument, type PathPattern } from './path-pattern.ts';
import { normalPath } from './percent-encoding.ts';
import type { HandlerClass, Route, RouteSchemas } from './route.ts';
import {
  isCovered,
  isHandlerClass,
  nameOf,
  readRoute,
  routeError,
  type CheckedItems,
  type RouteHandler,
} from './route-checks.ts';

/** A route with its compiled pattern. */
export interface CompiledRoute {
  /** The pattern as written. */
  readonly path: string | RegExp;
  readonly pattern: PathPattern;
  /** The handler as written: a class, a function, or functions by verb. */
  readonly given: RouteHandler;
  /** The class of the handler. */
  readonly handler: HandlerClass;
  readonly plan: HandlerPlan;
  readonly name: string | undefined;
  /** The `init` of the handler. */
  readonly init: unknown;
  /** Middlewares of groups, the route and the handler class, in order. */
  readonly middleware: readonly Middleware[];
  /** Validate the request before the verb. */
  readonly schemas: RouteSchemas | undefined;
}

/** A route that matches a request. */
export interface RouteMatch {
  readonly route: CompiledRoute;
  /** The match: groups from index 1, still percent-encoded. `undefined` if the path has no parameters. */
  readonly groups: RegExpExecArray | undefined;
}

/** All routes of an application. */
export class Router {
  readonly #hosts: { readonly test: HostTest; readonly table: RouteTable }[] = [];
  readonly #everyHost: RouteTable;
  readonly #named = new Map<string, CompiledRoute>();

  /**
   * @param builtIn - Routes of the settings, before all others.
   * @throws {@link GaleError} `WEB_ROUTE` for an invalid route, one that can never match, or a name that occurs twice.
   */
  constructor(routes: unknown, builtIn: readonly Route[] = []) {
    this.#everyHost = new RouteTable(routes, builtIn);
    this.#addNames(this.#everyHost);
  }

  /**
   * Adds a host group. It is tried after the earlier groups and before the routes for all hosts.
   *
   * @throws {@link GaleError} `WEB_ROUTE` for an invalid host or route, one that can never match, or a name that occurs twice.
   */
  addHost(hostPattern: string | RegExp, routes: unknown): void {
    const test = createHostTest(hostPattern);
    const table = new RouteTable(routes);
    this.#addNames(table);
    this.#hosts.push({ test, table });
  }

  /**
   * Finds the first route that matches.
   *
   * @param host - Value of the Host header in lower case.
   * @param path - As sent, percent-encoded. Routes are compared with its normal form (RFC 3986 §6.2.2).
   */
  find(host: string, path: string): RouteMatch | undefined {
    if (this.#hosts.length > 0) {
      const hostName = hostNameOf(host);
      for (const { test, table } of this.#hosts) {
        const match = test(hostName) ? table.find(path) : undefined;
        if (match !== undefined) return match;
      }
    }
    return this.#everyHost.find(path);
  }

  /**
   * Builds the path of the route with this name.
   *
   * @throws {@link GaleError} `WEB_ROUTE` if there is none, or if the arguments do not fit.
   */
  reverse(name: string, values: readonly (PathArgument | Readonly<Record<string, PathArgument>>)[]): string {
    const route = this.#named.get(name);
    if (route !== undefined) return route.pattern.toPath(values);
    throw new GaleError('WEB_ROUTE', `Unknown route name ${JSON.stringify(name)}.`);
  }

  /** All routes in the order in which they are tried. */
  get routes(): readonly CompiledRoute[] {
    return [...this.#hosts.flatMap(({ table }) => table.routes), ...this.#everyHost.routes];
  }

  /** Adds all names of a table, or none if one is taken. */
  #addNames({ routes }: RouteTable): void {
    const added = new Map<string, CompiledRoute>();
    for (const route of routes) {
      if (route.name === undefined) continue;
      const other = this.#named.get(route.name) ?? added.get(route.name);
      if (other !== undefined) {
        const rule = `must have another name than route ${nameOf(other.path)}; got ${JSON.stringify(route.name)} for both`;
        throw routeError(route.path, rule);
      }
      added.set(route.name, route);
    }
    for (const [name, route] of added) this.#named.set(name, route);
  }
}

/** Creates a route for all paths, without arguments. */
export function createCatchAll(handler: HandlerClass, init?: unknown): RouteMatch {
  return { route: compileRoute({ path: /.*/, handler, options: { init } }), groups: undefined };
}

function compileRoute({ path, handler: given, options }: CheckedItems): CompiledRoute {
  const pattern = createPathPattern(path);
  const handler = isHandlerClass(given)
    ? given
    : createFunctionHandler(given, `route ${nameOf(path)}`, pattern.names === undefined);
  const { name, init, middleware = [], schemas } = options;
  try {
    assertMiddleware(`middleware of ${handler.name}`, handler.middleware);
  } catch (error) {
    throw routeError(path, `must have a valid handler: ${reasonOf(error)}`, error);
  }
  try {
    handler.assertInit(init, pattern.slots);
  } catch (error) {
    throw routeError(path, `must have a valid init: ${reasonOf(error)}`, error);
  }
  const allMiddleware = [...middleware, ...handler.middleware];
  return {
    path,
    pattern,
    given,
    handler,
    plan: new HandlerPlan(handler),
    name,
    init,
    middleware: allMiddleware,
    schemas,
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
}

/** The routes of one host group. */
class RouteTable {
  /** In the written order. */
  readonly routes: CompiledRoute[] = [];
  readonly #exact = new Map<string, RouteMatch>();
  readonly #patterns: CompiledRoute[] = [];

  constructor(given: unknown, builtIn: readonly Route[] = []) {
    if (!Array.isArray(given)) {
      throw new GaleError('WEB_ROUTE', `routes must be an array of routes; got ${showValue(given)}.`);
    }
    const byExpression = new Map<string, CompiledRoute>();
    for (const [index, item] of [...builtIn, ...(given as readonly unknown[])].entries()) {
      const route = compileRoute(readRoute(item, index - builtIn.length));
      // Names of parameters do not matter.
      const key = String(route.pattern.expression);
      const earlier = byExpression.get(key) ?? this.#patterns.find(({ pattern }) => isCovered(route.pattern, pattern));
      if (earlier !== undefined) throw deadRoute(route, earlier, this.routes.indexOf(earlier) < builtIn.length);
      byExpression.set(key, route);
      this.routes.push(route);
      if (route.pattern.exact === undefined) this.#patterns.push(route);
      else this.#exact.set(route.pattern.exact, { route, groups: undefined });
    }
  }

  /** No pattern before an exact path matches it, so the map can be first. */
  find(path: string): RouteMatch | undefined {
    return this.#exact.get(path) ?? this.#findNormal(path);
  }

  #findNormal(path: string): RouteMatch | undefined {
    const normal = normalPath(path);
    return (normal === path ? undefined : this.#exact.get(normal)) ?? this.#findPattern(normal);
  }

  #findPattern(path: string): RouteMatch | undefined {
    for (const route of this.#patterns) {
      const groups = route.pattern.expression.exec(path);
      if (groups !== null) return { route, groups };
    }
    return undefined;
  }
}

function deadRoute(route: CompiledRoute, earlier: CompiledRoute, isBuiltIn: boolean): GaleError {
  const isSame = String(route.pattern.expression) === String(earlier.pattern.expression);
  const matches = isSame ? 'has the same pattern' : 'matches all its paths';
  const advice = isBuiltIn
    ? `of the setting staticPath ${matches}; serve it with a StaticFileHandler of your own instead of the setting`
    : `${matches}; ${isSame ? 'remove one' : `write route ${nameOf(route.path)} first`}`;
  return routeError(route.path, `must be able to match, but route ${nameOf(earlier.path)} before it ${advice}`);
}
