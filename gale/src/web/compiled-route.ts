/** A route as the router uses it: compiled once, when the application is created. */
import { createFunctionHandler } from './function-handler.ts';
import { RequestHandler } from './handler.ts';
import { HandlerPlan } from './handler-plan.ts';
import { Mountable } from './mountable.ts';
import { assertMiddleware, type Middleware } from './middleware/middleware.ts';
import { createPathPattern, type PathPattern } from './path-pattern.ts';
import { escapeExpression } from './path-syntax.ts';
import type { HandlerClass, RouteOptions } from './route.ts';
import type { RouteSchemas } from './validation/route-schemas.ts';
import { assertUsableSchemas } from './usable-schemas.ts';
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
  /** The application that handles all paths below this one. `handler` is not used then. */
  readonly mount: Mountable | undefined;
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
  if (given instanceof Mountable) return compileMount(path, given, options);
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
  const plan = new HandlerPlan(handler);
  if (schemas !== undefined) assertUsableSchemas(path, schemas, { handler, pattern, plan });
  const allMiddleware = [...middleware, ...handler.middleware];
  return {
    path,
    pattern,
    given,
    handler,
    plan,
    name,
    init,
    middleware: allMiddleware,
    mount: undefined,
    schemas,
  };
}

/** A route for a path and all paths below it. The first group is the path below. */
function compileMount(path: string | RegExp, mount: Mountable, options: RouteOptions): CompiledRoute {
  const { exact, toPath } = createPathPattern(path);
  if (typeof path !== 'string' || exact === undefined || exact.endsWith('/')) {
    throw routeError(
      path,
      'must have a path without parameters and without a slash at its end, to mount an application',
    );
  }
  const { name, middleware = [], ...others } = options;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw routeError(path, `must have no options but name and middleware, to mount an application; got ${other}`);
  }
  if (name?.includes(':') === true) {
    const rule = 'must have a name without a colon, which separates it from the names of the mounted application';
    throw routeError(path, `${rule}; got ${JSON.stringify(name)}`);
  }
  const pattern = createPathPattern(new RegExp(`${escapeExpression(exact)}(\\/.*)?`));
  return {
    path,
    pattern: { ...pattern, source: path, start: exact, everyAfter: `${exact}/`, toPath },
    given: mount,
    handler: RequestHandler,
    plan: new HandlerPlan(RequestHandler),
    name,
    init: undefined,
    middleware,
    mount,
    schemas: undefined,
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
}
