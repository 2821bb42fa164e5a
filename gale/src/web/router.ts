/**
 * Finds the route of a request: first in the host groups, in the order they were added, then in the routes for all hosts.
 * In each group the first matching route is used. Paths without parameters are in a map.
 */
import { GaleError } from '../errors.ts';
import { HandlerPlan } from './handler-plan.ts';
import { createHostTest, hostNameOf, type HostTest } from './host-pattern.ts';
import { createPathPattern, type PathArgument, type PathPattern } from './path-pattern.ts';
import { normalPath } from './percent-encoding.ts';
import type { HandlerClass, Route, RouteOptions } from './route.ts';

/** A route with its compiled pattern. */
export interface CompiledRoute {
  readonly pattern: PathPattern;
  readonly handler: HandlerClass;
  readonly plan: HandlerPlan;
  readonly name: string | undefined;
  /** The `init` of the handler. */
  readonly init: unknown;
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

  /** @throws {@link GaleError} `WEB_ROUTE` for an invalid pattern. */
  constructor(routes: readonly Route[]) {
    this.#everyHost = new RouteTable(routes);
  }

  /** Adds a host group. It is tried after the earlier groups and before the routes for all hosts. */
  addHost(hostPattern: string | RegExp, routes: readonly Route[]): void {
    this.#hosts.push({ test: createHostTest(hostPattern), table: new RouteTable(routes) });
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
   * Builds the path of the route with this name. In one group, the last route of a name is used.
   *
   * @throws {@link GaleError} `WEB_ROUTE` if there is none, or if the arguments do not fit.
   */
  reverse(name: string, values: readonly (PathArgument | Readonly<Record<string, PathArgument>>)[]): string {
    for (const table of [this.#everyHost, ...this.#hosts.map((group) => group.table)]) {
      const route = table.named.get(name);
      if (route !== undefined) return route.pattern.toPath(values);
    }
    throw new GaleError('WEB_ROUTE', `Unknown route name ${JSON.stringify(name)}.`);
  }
}

/** Creates a route for all paths, without arguments. */
export function createCatchAll(handler: HandlerClass, init?: unknown): RouteMatch {
  return { route: compileRoute(createPathPattern(/.*/), handler, { init }), groups: undefined };
}

function compileRoute(pattern: PathPattern, handler: HandlerClass, { name, init }: RouteOptions): CompiledRoute {
  return { pattern, handler, plan: new HandlerPlan(handler), name, init };
}

/** The routes of one host group. */
class RouteTable {
  readonly named = new Map<string, CompiledRoute>();
  readonly #exact = new Map<string, RouteMatch>();
  readonly #patterns: CompiledRoute[] = [];

  constructor(routes: readonly Route[]) {
    for (const [pattern, handler, options = {}] of routes) {
      const route = compileRoute(createPathPattern(pattern), handler, options);
      this.#add(route);
      if (route.name !== undefined) this.named.set(route.name, route);
    }
  }

  find(path: string): RouteMatch | undefined {
    return this.#exact.get(path) ?? this.#findNormal(path);
  }

  #findNormal(path: string): RouteMatch | undefined {
    const normal = normalPath(path);
    return (normal === path ? undefined : this.#exact.get(normal)) ?? this.#findPattern(normal);
  }

  /** Keeps the order: an exact path that an earlier pattern matches is not added to the map. */
  #add(route: CompiledRoute): void {
    const { exact } = route.pattern;
    if (exact === undefined) this.#patterns.push(route);
    else if (this.find(exact) === undefined) this.#exact.set(exact, { route, groups: undefined });
  }

  #findPattern(path: string): RouteMatch | undefined {
    for (const route of this.#patterns) {
      const groups = route.pattern.expression.exec(path);
      if (groups !== null) return { route, groups };
    }
    return undefined;
  }
}
