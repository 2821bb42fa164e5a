/**
 * Finds the route of a request: host groups in the order they were added, then the application's own routes; in each
 * the first that matches, in the order they were written. Paths without parameters are looked up in a map.
 */
import { GaleError } from '../errors.ts';
import { HandlerPlan } from './handler-plan.ts';
import { createHostTest, hostNameOf, type HostTest } from './host-pattern.ts';
import { createPathPattern, type PathArgument, type PathPattern } from './path-pattern.ts';
import type { HandlerClass, Route, RouteOptions } from './route.ts';

/** A route that is ready to be matched. */
export interface CompiledRoute {
  readonly pattern: PathPattern;
  readonly handler: HandlerClass;
  readonly plan: HandlerPlan;
  readonly name: string | undefined;
  /** For `initialize` of the handler. */
  readonly init: unknown;
}

/** A route that matches a path. */
export interface RouteMatch {
  readonly route: CompiledRoute;
  /** Groups of the match, still percent-encoded, behind the whole; `undefined` if the path has no parameters. */
  readonly groups: RegExpExecArray | undefined;
}

/** All routes of an application. */
export class Router {
  readonly #hosts: { readonly test: HostTest; readonly table: RouteTable }[] = [];
  readonly #everyHost: RouteTable;

  /** @throws {@link GaleError} `WEB_ROUTE` for a pattern that is none. */
  constructor(routes: readonly Route[]) {
    this.#everyHost = new RouteTable(routes);
  }

  /** Adds routes for some hosts, behind the host groups before it and in front of the routes for every host. */
  addHost(hostPattern: string | RegExp, routes: readonly Route[]): void {
    this.#hosts.push({ test: createHostTest(hostPattern), table: new RouteTable(routes) });
  }

  /**
   * Finds the first route that matches.
   *
   * @param host - Value of the Host header, lower-case.
   * @param path - As it was sent.
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
   * Makes the path of the route called `name`; of several, the one that was added last.
   *
   * @throws {@link GaleError} `WEB_ROUTE` if there is none, or the values do not fit it.
   */
  reverse(name: string, values: readonly (PathArgument | Readonly<Record<string, PathArgument>>)[]): string {
    for (const table of [this.#everyHost, ...this.#hosts.map((group) => group.table)]) {
      const route = table.named.get(name);
      if (route !== undefined) return route.pattern.toPath(values);
    }
    throw new GaleError('WEB_ROUTE', `No route is called ${JSON.stringify(name)}.`);
  }
}

/** Makes a route that answers whatever path it is asked for, without arguments. */
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
    return this.#exact.get(path) ?? this.#findPattern(path);
  }

  /** Keeps the order: an exact path that an earlier pattern matches never gets into the map. */
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
