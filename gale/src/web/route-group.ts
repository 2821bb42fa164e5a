/**
 * Groups of routes: a list of routes whose paths, names, `init` and middleware have a common part. A group is spread into
 * the list of an application or of another group.
 */
import { GaleError } from '../errors.ts';
import { showValue } from '../run/given-options.ts';
import { withoutAnchors } from './expression-syntax.ts';
import { escapeExpression } from './path-syntax.ts';
import type { GroupRoutes } from './checked-routes.ts';
import { notePlace } from './group-places.ts';
import type { Grouped, GroupOptions, PrefixWithin } from './grouped-routes.ts';
import type { RouteOptions } from './route.ts';
import { Mountable } from './mountable.ts';
import { noteOuterPrefix } from './outer-prefixes.ts';
import { readRoute, routeError } from './route-checks.ts';
import { assertRouteOptions, type OptionName } from './route-options.ts';

/**
 * Creates routes with a common beginning of their paths. Spread the result into a list of routes.
 *
 * @param prefix - Begins with a slash and does not end with one. It can have parameters, which all routes of the group receive.
 *   Empty if only the options are common. The route `/` of the group is the prefix itself.
 * @param options - `name` precedes the names of the routes, with a dot. `init` is for routes without their own. `middleware` runs
 *   around that of the routes, and around the 404 of all other paths below the prefix. `within` names the prefixes of the outer groups, for
 *   functions of a nested group that need their parameters.
 * @throws {@link GaleError} `WEB_ROUTE` for a wrong prefix, option or route.
 * @example
 * const app = new Application([
 *   ['/', Home],
 *   ...group('/admin', { name: 'admin', middleware: [basicAuth(options)] }, [
 *     ['/', Dashboard],
 *     ['/users/:id', ({ id }) => users.find(id), { name: 'user' }], // reverseUrl('admin.user', 7)
 *   ]),
 * ]);
 */
export function group<
  const Prefix extends string,
  const Common extends GroupOptions,
  const Paths,
  const Handlers,
  const Options,
>(
  prefix: Prefix,
  options: Common,
  routes: GroupRoutes<PrefixWithin<Common, Prefix>, Paths, Handlers, Options>,
): Grouped<Prefix, Common, Paths, Handlers, Options> {
  const owner = `group ${typeof prefix === 'string' ? JSON.stringify(prefix) : showValue(prefix)}`;
  if (prefix !== '' && !isPrefix(prefix)) {
    throw new GaleError('WEB_ROUTE', `${owner} must have a prefix that begins with a slash and does not end with one.`);
  }
  assertRouteOptions(options, owner, groupOptionNames);
  const { middleware = [], within } = options;
  if (within !== undefined && !isPrefix(within)) {
    const rule = 'must have a within that begins with a slash and does not end with one';
    throw new GaleError('WEB_ROUTE', `${owner} ${rule}; got ${showValue(within)}.`);
  }
  if (!Array.isArray(routes)) {
    throw new GaleError('WEB_ROUTE', `${owner} must have an array of routes; got ${showValue(routes)}.`);
  }
  return (routes as readonly unknown[]).map((route, index) => {
    const { path, handler, options: own } = readRoute(route, index);
    // A mounted application has its own handlers.
    const common = handler instanceof Mountable ? { ...options, init: undefined } : options;
    const joined = joinOptions(common, own);
    const joinedPath = joinPaths(prefix, path);
    notePlace(joined, own, { prefix, middleware });
    noteOuterPrefix(joinedPath, joined, own, { prefix, within });
    return [joinedPath, handler, joined];
  }) as unknown as Grouped<Prefix, Common, Paths, Handlers, Options>;
}

const groupOptionNames: readonly OptionName[] = ['name', 'init', 'middleware', 'within'];

function isPrefix(value: unknown): boolean {
  return typeof value === 'string' && /^\/.*[^/]$/s.test(value);
}

function joinPaths(prefix: string, path: string | RegExp): string | RegExp {
  if (typeof path !== 'string') return joinExpression(prefix, path);
  if (!path.startsWith('/')) throw routeError(path, 'must have a path that begins with /');
  return path === '/' && prefix !== '' ? prefix : prefix + path;
}

/** The expression after the text of the prefix. */
function joinExpression(prefix: string, { source, flags }: RegExp): RegExp {
  if (/[:*\\]/.test(prefix)) {
    const rule = `must not be a regular expression in the group ${JSON.stringify(prefix)}, which has parameters`;
    throw routeError(new RegExp(source, flags), rule);
  }
  const inner = withoutAnchors(source);
  return new RegExp(escapeExpression(prefix) + (inner.includes('|') ? `(?:${inner})` : inner), flags);
}

function joinOptions(common: GroupOptions, own: RouteOptions): RouteOptions {
  const { name, init = common.init } = own;
  const fullName = name === undefined || common.name === undefined ? name : `${common.name}.${name}`;
  return {
    ...own,
    ...(fullName === undefined ? {} : { name: fullName }),
    ...(init === undefined ? {} : { init }),
    middleware: [...(common.middleware ?? []), ...(own.middleware ?? [])],
  };
}
