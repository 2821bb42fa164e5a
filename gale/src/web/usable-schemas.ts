/** Checks when an application is created that a route can use its schemas: what its handler would never validate, or never receive. */
import type { HandlerPlan } from './handler-plan.ts';
import type { PathPattern } from './path-pattern.ts';
import type { HandlerClass } from './route.ts';
import { definesVerb, routeError } from './route-checks.ts';
import { bodyMethods, type RouteSchemas } from './validation/route-schemas.ts';

/** What decides whether schemas can be used. */
interface SchemaUser {
  readonly handler: HandlerClass;
  readonly pattern: PathPattern;
  readonly plan: HandlerPlan;
}

/** @throws {@link GaleError} `WEB_ROUTE` for a schema that is never used, or that fails at each request. */
export function assertUsableSchemas(
  path: string | RegExp,
  { params, body }: RouteSchemas,
  { handler, pattern, plan }: SchemaUser,
): void {
  if (params !== undefined && pattern.slots.length === 0) {
    throw routeError(path, 'must have a path with parameters for schemas.params; it has none');
  }
  if (body === undefined) return;
  const name = handler.name || 'the class';
  if (plan.takesData) {
    const advice = `onData of ${name} receives the body in parts; use one of both`;
    throw routeError(path, `must not have schemas.body, since ${advice}`);
  }
  if (plan.streamsBody) {
    const advice = `bodyMode of ${name} is "stream", so no body is read before the verb; call this.body(schema) in the verb instead`;
    throw routeError(path, `must not have schemas.body, since ${advice}`);
  }
  const { supportedMethods } = handler;
  const methods = bodyMethods.filter((method) => supportedMethods.includes(method));
  if (!methods.some((method) => definesVerb(handler, method.toLowerCase()))) {
    const advice = 'the bodies of other methods are not validated. Write a function as { post: … }';
    throw routeError(path, `must have post, put or patch for schemas.body; ${advice}`);
  }
}
