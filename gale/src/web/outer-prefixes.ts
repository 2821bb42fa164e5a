/**
 * Whether groups are where their option `within` says: the types of their functions have the parameters of the outer prefixes, so another
 * place is an error when the application is created.
 */
import type { GaleError } from '../errors.ts';
import { routeError } from './route-checks.ts';
import type { RouteOptions } from './route.ts';

/** What must be before the path of a route, by the options that `group` made for it. */
const missingOf: WeakMap<RouteOptions, readonly string[]> = new WeakMap();

/** A group around a route. */
interface Group {
  readonly prefix: string;
  readonly within: string | undefined;
}

/**
 * Notes the outer prefixes that a route in a group needs.
 *
 * @param options - Those of the route in the group.
 * @param own - Those of the route before it was in the group.
 * @throws {@link GaleError} `WEB_ROUTE` if this group has another prefix than an inner one needs.
 */
export function noteOuterPrefix(
  path: string | RegExp,
  options: RouteOptions,
  own: RouteOptions,
  { prefix, within }: Group,
): void {
  const missing = (missingOf.get(own) ?? []).flatMap((needed) => {
    if (prefix.endsWith(needed)) return [];
    if (needed.endsWith(prefix)) return [needed.slice(0, needed.length - prefix.length)];
    throw misplaced(path, needed);
  });
  const all = within === undefined ? missing : [...missing, within];
  if (all.length > 0) missingOf.set(options, all);
}

/** @throws {@link GaleError} `WEB_ROUTE` if the route needs an outer group. */
export function assertOuterPrefixes(path: string | RegExp, options: RouteOptions): void {
  const [needed] = missingOf.get(options) ?? [];
  if (needed !== undefined) throw misplaced(path, needed);
}

function misplaced(path: string | RegExp, needed: string): GaleError {
  const text = JSON.stringify(needed);
  return routeError(path, `must be in a group with the prefix ${text}, as the option within of its group says`);
}
