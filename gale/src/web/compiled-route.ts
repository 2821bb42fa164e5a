/** A route as the router uses it: compiled once, when the application is created. */
import { createFunctionHandler } from './function-handler.ts';
import { HandlerPlan } from './handler-plan.ts';
import { assertMiddleware, type Middleware } from './middleware/middleware.ts';
import { createPathPattern, type PathPattern } from './path-pattern.ts';
import type { HandlerClass } from './route.ts';
import type { RouteSchemas } from './validation/route-schemas.ts';
import { isHandlerClass, nameOf, routeError, type CheckedItems, type RouteHandler } from './route-checks.ts';

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

/** Creates a route for all paths, without arguments. */
export function createCatchAll(handler: HandlerClass, init?: unknown): RouteMatch {
  return { route: compileRoute({ path: /.*/, handler, options: { init } }), groups: undefined };
}

/** @throws {@link GaleError} `WEB_ROUTE` if the pattern, the handler or its `init` is invalid. */
export function compileRoute({ path, handler: given, options }: CheckedItems): CompiledRoute {
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
