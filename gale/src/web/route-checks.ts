/**
 * Checks of routes when an application is created, also for JavaScript and for lists of a wider type, which the compiler does
 * not check. Each error names the path and says what to write.
 */
import { GaleError } from '../errors.ts';
import { showValue } from '../run/given-options.ts';
import { RequestHandler } from './handler.ts';
import type { PathPattern } from './path-pattern.ts';
import { isHandlerFunction, isVerbObject } from './function-handler.ts';
import { Mountable } from './mountable.ts';
import type { HandlerClass, Route, RouteOptions } from './route.ts';
import { assertRouteOptions, type OptionName } from './route-options.ts';

/** Names of the options of a route. */
const optionNames: readonly OptionName[] = ['name', 'init', 'schemas', 'middleware'];

/** A route whose items have the right types. */
export interface CheckedItems {
  readonly path: string | RegExp;
  /** A class of handlers, a function, an object of functions, or an application to mount. */
  readonly handler: RouteHandler;
  readonly options: RouteOptions;
}

/** What can handle a route. */
export type RouteHandler = Route[1];

/**
 * Checks the items of a route.
 *
 * @param index - Its position in the list, for messages.
 * @throws {@link GaleError} `WEB_ROUTE` if there is no path or handler, or if an option is unknown or wrong.
 */
export function readRoute(route: unknown, index: number): CheckedItems {
  if (!Array.isArray(route)) {
    throw new GaleError(
      'WEB_ROUTE',
      `route ${index + 1} of the list must be an array [path, handler, options]; got ${showValue(route)}.`,
    );
  }
  const [path, handler, options = {}, ...more] = route as unknown[];
  if (typeof path !== 'string' && !(path instanceof RegExp)) {
    throw new GaleError(
      'WEB_ROUTE',
      `path of route ${index + 1} of the list must be a string or a RegExp; got ${showValue(path)}.`,
    );
  }
  const owner = `route ${nameOf(path)}`;
  assertRouteHandler(handler, owner);
  if (more.length > 0) {
    throw routeError(path, `must have at most three items; got ${route.length}. Write a name as { name: 'story' }`);
  }
  assertRouteOptions(options, owner, optionNames);
  return { path, handler, options };
}

function assertRouteHandler(handler: unknown, owner: string): asserts handler is RouteHandler {
  if (isHandlerClass(handler)) return assertHandler(handler, owner);
  if (isHandlerFunction(handler) || isVerbObject(handler) || handler instanceof Mountable) return;
  const rule =
    'must have a handler, [path, handler]: a class that extends RequestHandler, a function, functions by verb, or an application';
  throw new GaleError('WEB_ROUTE', `${owner} ${rule}; got ${describeHandler(handler)}.`);
}

function describeHandler(handler: unknown): string {
  if (handler instanceof RequestHandler) return 'an object of it; write its class';
  return typeof handler === 'function' ? `the class ${handler.name || 'without a name'}` : showValue(handler);
}

/**
 * @param owner - What has the handler, for messages.
 * @throws {@link GaleError} `WEB_ROUTE` if the handler is no class of handlers, or can respond to no method.
 */
export function assertHandler(handler: unknown, owner: string): asserts handler is HandlerClass {
  if (!isHandlerClass(handler)) {
    const rule = 'must have a handler, which is a class that extends RequestHandler';
    throw new GaleError('WEB_ROUTE', `${owner} ${rule}; got ${describeHandler(handler)}.`);
  }
  if (respondsToAny(handler)) return;
  const verbs = verbsOf(handler).join(', ');
  throw new GaleError(
    'WEB_ROUTE',
    `${owner} must have a handler that can respond; ${handler.name || 'the class'} has no verb: define one of ${verbs}.`,
  );
}

/**
 * Whether an earlier pattern of a list matches all paths of a later one, whose expression is different. Only what is certain:
 * the later one has a single path, or the earlier one matches every path that begins like the later one.
 */
export function isCovered(later: PathPattern, earlier: PathPattern): boolean {
  if (later.exact !== undefined) return earlier.expression.test(later.exact);
  return earlier.everyAfter !== undefined && later.start.startsWith(earlier.everyAfter);
}

/** The error of a route. `rule` begins with `must`. */
export function routeError(path: string | RegExp, rule: string, cause?: unknown): GaleError {
  return new GaleError('WEB_ROUTE', `route ${nameOf(path)} ${rule}.`, cause === undefined ? {} : { cause });
}

/** The path of a route as written, for messages. */
export function nameOf(path: string | RegExp): string {
  return typeof path === 'string' ? JSON.stringify(path) : String(path);
}

/** Whether the value is a class of handlers. */
export function isHandlerClass(handler: unknown): handler is HandlerClass {
  return handler === RequestHandler || (typeof handler === 'function' && handler.prototype instanceof RequestHandler);
}

function verbsOf({ supportedMethods }: HandlerClass): string[] {
  return supportedMethods.map((method) => method.toLowerCase());
}

/** Whether the class has a verb, or a step before the verb that can respond to every method. */
function respondsToAny(handler: HandlerClass): boolean {
  const own = handler.prototype as RequestHandler;
  const base = RequestHandler.prototype;
  const verbs = verbsOf(handler);
  if (own.prepare !== base.prepare || own.initialize !== base.initialize) return true;
  return verbs.some((verb) => verb in own) || assignsVerb(handler, verbs);
}

/** Whether the class has the verb. In doubt it is true: see {@link assignsVerb}. */
export function definesVerb(handler: HandlerClass, verb: string): boolean {
  return verb in handler.prototype || assignsVerb(handler, [verb]);
}

/**
 * Whether a constructor or a field may assign a verb, as in `readonly get = authenticated(…)`. Fields are on no prototype, and
 * no object is made before a request, so this reads the source of the class. In doubt it is true.
 */
function assignsVerb(handler: HandlerClass, verbs: readonly string[]): boolean {
  const assignment = new RegExp(
    `\\b(?:${verbs.join('|')})\\b['"\`]?\\]?\\s*=(?!=)|\\]\\s*=(?!=)|\\bObject\\.|\\bReflect\\.`,
  );
  for (let ancestor: unknown = handler; ancestor !== RequestHandler; ancestor = Object.getPrototypeOf(ancestor)) {
    if (assignment.test(Function.prototype.toString.call(ancestor))) return true;
  }
  return false;
}
