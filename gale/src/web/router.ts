/**
 * Finds the route of a request: first in the host groups, in the order they were added, then in the routes for all hosts.
 * In each group the first matching route is used.
 */
import { GaleError } from '../errors.ts';
import type { CompiledRoute, RouteMatch } from './compiled-route.ts';
import { createHostTest, hostNameOf, type HostTest } from './host-pattern.ts';
import type { Middleware } from './middleware/middleware.ts';
import { listRoute, type ListedRoute } from './listed-route.ts';
import type { PathArgument } from './path-pattern.ts';
import type { Route } from './route.ts';
import { nameOf, routeError } from './route-checks.ts';
import { RouteTable } from './route-table.ts';

/** All routes of an application. */
export class Router {
  readonly #hosts: { readonly pattern: string | RegExp; readonly test: HostTest; readonly table: RouteTable }[] = [];
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
    this.#hosts.push({ pattern: hostPattern, test, table });
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

  /** The middlewares of the group that a path without a route is in, in the order of {@link Router.find}. */
  groupAt(host: string, path: string): readonly Middleware[] | undefined {
    const hostName = hostNameOf(host);
    for (const { test, table } of this.#hosts) {
      const found = test(hostName) ? table.groupAt(path) : undefined;
      if (found !== undefined) return found;
    }
    return this.#everyHost.groupAt(path);
  }

  /**
   * Builds the path of the route with this name. A name with a colon is of a route in a mounted application.
   *
   * @throws {@link GaleError} `WEB_ROUTE` if there is none, or if the arguments do not fit.
   */
  reverse(name: string, values: readonly (PathArgument | Readonly<Record<string, PathArgument>>)[]): string {
    const route = this.#named.get(name);
    if (route !== undefined) return route.pattern.toPath(values);
    const [mountName = '', ...rest] = name.split(':');
    const place = rest.length === 0 ? undefined : this.#named.get(mountName);
    if (place?.mount !== undefined) {
      const path = place.mount.reverseUrl(rest.join(':'), ...values);
      return path === '/' ? place.pattern.start : place.pattern.start + path;
    }
    throw new GaleError('WEB_ROUTE', `Unknown route name ${JSON.stringify(name)}.`);
  }

  /** All routes in the order in which they are tried. */
  get routes(): readonly CompiledRoute[] {
    return [...this.#hosts.flatMap(({ table }) => table.routes), ...this.#everyHost.routes];
  }

  /** Describes all routes in this order. */
  list(): ListedRoute[] {
    const ofHosts = this.#hosts.flatMap(({ pattern, table }) => table.routes.map((route) => listRoute(route, pattern)));
    return [...ofHosts, ...this.#everyHost.routes.map((route) => listRoute(route, undefined))];
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
