/**
 * Where groups with middlewares are: a path below the prefix of a group that no route matches gets a 404 inside of the middlewares of the
 * group, so that one that asks for a password does not show which paths exist.
 */
import type { Middleware } from './middleware/middleware.ts';
import { createPathPattern } from './path-pattern.ts';
import type { RouteOptions } from './route.ts';

/** A group as its routes know it. */
export interface GroupPlace {
  readonly prefix: string;
  /** Of the outer groups and of this one, in order. */
  readonly middleware: readonly Middleware[];
}

/** The groups of a route, the outermost last, by the options that `group` made for it. */
const placesOf: WeakMap<RouteOptions, readonly GroupPlace[]> = new WeakMap();

/**
 * Notes the group of a route.
 *
 * @param options - Those of the route in the group.
 * @param own - Those of the route before it was in the group.
 */
export function notePlace(options: RouteOptions, own: RouteOptions, { prefix, middleware }: GroupPlace): void {
  const inner = (placesOf.get(own) ?? []).map((place) => ({
    prefix: prefix + place.prefix,
    middleware: [...middleware, ...place.middleware],
  }));
  // A group without a prefix has no paths of its own.
  placesOf.set(options, prefix === '' || middleware.length === 0 ? inner : [...inner, { prefix, middleware }]);
}

/** Finds the group of a path. */
export class GroupPlaces {
  readonly #places: {
    readonly prefix: string;
    readonly expression: RegExp;
    readonly middleware: readonly Middleware[];
  }[] = [];

  /** Adds the groups of a route. The first of two groups with the same prefix counts. */
  add(options: RouteOptions): void {
    for (const { prefix, middleware } of placesOf.get(options) ?? []) {
      if (this.#places.some((place) => place.prefix === prefix)) continue;
      const { source } = createPathPattern(prefix).expression;
      const expression = new RegExp(`${source.slice(0, -1)}(?:/.*)?$`);
      this.#places.push({ prefix, expression, middleware });
    }
    // The deepest first.
    this.#places.sort((one, other) => depthOf(other.prefix) - depthOf(one.prefix));
  }

  /** @param path - In its normal form. */
  find(path: string): readonly Middleware[] | undefined {
    return this.#places.find(({ expression }) => expression.test(path))?.middleware;
  }
}

function depthOf(prefix: string): number {
  return prefix.split('/').length;
}
