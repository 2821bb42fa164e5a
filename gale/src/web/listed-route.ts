/** The routes of an application as a list, to show or to document them. */
import type { CompiledRoute } from './compiled-route.ts';
import type { HandlerClass } from './route.ts';
import { definesVerb, type RouteHandler } from './route-checks.ts';

/** A route in the list that `routes()` of an application returns. */
export interface ListedRoute {
  /** Methods that its handler responds to. If a step before the verb responds to all, all methods. */
  readonly methods: readonly string[];
  /** The path as written, with the prefixes of its groups. */
  readonly path: string | RegExp;
  /** Its name, with the names of its groups. */
  readonly name: string | undefined;
  /** The handler as written. */
  readonly handler: RouteHandler;
  /** The host of `addHandlers`; `undefined` for every host. */
  readonly host: string | RegExp | undefined;
}

/** @param host - The host pattern of the route. */
export function listRoute(
  { path, name, given, handler }: CompiledRoute,
  host: string | RegExp | undefined,
): ListedRoute {
  return { methods: methodsOf(handler), path, name, handler: given, host };
}

function methodsOf(handler: HandlerClass): readonly string[] {
  const { supportedMethods } = handler;
  const defined = supportedMethods.filter(
    (method) => definesVerb(handler, method.toLowerCase()) || (method === 'HEAD' && definesVerb(handler, 'get')),
  );
  return defined.length === 0 ? supportedMethods : defined;
}
