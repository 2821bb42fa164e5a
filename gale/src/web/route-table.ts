/** The routes of one host group: the first that matches a path, in the written order. */
import { GaleError } from '../errors.ts';
import { showValue } from '../run/given-options.ts';
import { compileRoute, type CompiledRoute, type RouteMatch } from './compiled-route.ts';
import { GroupPlaces } from './group-places.ts';
import type { Middleware } from './middleware/middleware.ts';
import { normalPath } from './percent-encoding.ts';
import type { Route } from './route.ts';
import { assertOuterPrefixes } from './outer-prefixes.ts';
import { isCovered, nameOf, readRoute, routeError } from './route-checks.ts';
import { RouteTree, type TreeEntry } from './route-tree.ts';

/** The routes of one host group. */
export class RouteTable {
  /** In the written order. */
  readonly routes: CompiledRoute[] = [];
  readonly #exact = new Map<string, RouteMatch>();
  readonly #tree = new RouteTree<Entry>();
  /** Regular expressions and mounted applications, which are tried in order. */
  readonly #expressions: Entry[] = [];

  readonly #groups = new GroupPlaces();

  constructor(given: unknown, builtIn: readonly Route[] = []) {
    if (!Array.isArray(given)) {
      throw new GaleError('WEB_ROUTE', `routes must be an array of routes; got ${showValue(given)}.`);
    }
    const patterns: CompiledRoute[] = [];
    const byKey = new Map<string, CompiledRoute>();
    for (const [index, item] of [...builtIn, ...(given as readonly unknown[])].entries()) {
      const items = readRoute(item, index - builtIn.length);
      assertOuterPrefixes(items.path, items.options);
      const route = compileRoute(items);
      this.#groups.add(items.options);
      const earlier = byKey.get(route.pattern.key) ?? patterns.find(({ pattern }) => isCovered(route.pattern, pattern));
      if (earlier !== undefined) throw deadRoute(route, earlier, this.routes.indexOf(earlier) < builtIn.length);
      byKey.set(route.pattern.key, route);
      if (route.pattern.exact === undefined) patterns.push(route);
      this.#add(route, this.routes.push(route));
    }
  }

  /** No pattern before an exact path matches it, so the map can be first. */
  find(path: string): RouteMatch | undefined {
    return this.#exact.get(path) ?? this.#findNormal(path);
  }

  /** The middlewares of the group that a path without a route is in. */
  groupAt(path: string): readonly Middleware[] | undefined {
    return this.#groups.find(normalPath(path));
  }

  #findNormal(path: string): RouteMatch | undefined {
    const normal = normalPath(path);
    return (normal === path ? undefined : this.#exact.get(normal)) ?? this.#findPattern(normal);
  }

  /** The first match in the written order, of the tree and of the regular expressions. */
  #findPattern(path: string): RouteMatch | undefined {
    const found = this.#tree.find(path, Infinity);
    const limit = found?.position ?? Infinity;
    for (const { position, expression, route } of this.#expressions) {
      if (position >= limit) break;
      const groups = expression.exec(path);
      if (groups !== null) return { route, groups };
    }
    const groups = found?.expression.exec(path) ?? undefined;
    return found === undefined ? undefined : { route: found.route, groups };
  }

  #add(route: CompiledRoute, position: number): void {
    const { exact, expression } = route.pattern;
    const entry = { position, expression, route };
    if (exact !== undefined) this.#exact.set(exact, { route, groups: undefined });
    else if (typeof route.path === 'string' && route.mount === undefined) this.#tree.add(route.path, entry);
    else this.#expressions.push(entry);
  }
}

interface Entry extends TreeEntry {
  readonly route: CompiledRoute;
}

function deadRoute(route: CompiledRoute, earlier: CompiledRoute, isBuiltIn: boolean): GaleError {
  const isSame = route.pattern.key === earlier.pattern.key;
  const matches = isSame ? 'has the same pattern' : 'matches all its paths';
  const advice = isBuiltIn
    ? `of the setting staticPath ${matches}; serve it with a StaticFileHandler of your own instead of the setting`
    : `${matches}; ${isSame ? 'remove one' : `write route ${nameOf(route.path)} first`}`;
  return routeError(route.path, `must be able to match, but route ${nameOf(earlier.path)} before it ${advice}`);
}
