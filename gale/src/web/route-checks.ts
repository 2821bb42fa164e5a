/**
 * Checks of routes when an application is created, also for JavaScript and for lists of a wider type, which the compiler does
 * not check. Each error names the path and says what to write.
 */
import { GaleError } from '../errors.ts';
import { showValue } from '../run/given-options.ts';
import { RequestHandler } from './handler.ts';
import type { PathPattern } from './path-pattern.ts';
import type { HandlerClass, RouteOptions } from './route.ts';

/** A route whose items have the right types. */
export interface CheckedItems {
  readonly path: string | RegExp;
  readonly handler: HandlerClass;
  readonly options: RouteOptions;
}

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
  assertHandler(handler, `route ${nameOf(path)}`);
  if (more.length > 0) {
    throw routeError(path, `must have at most three items; got ${route.length}. Write a name as { name: 'story' }`);
  }
  assertOptions(options, path);
  return { path, handler, options };
}

/**
 * @param owner - What has the handler, for messages.
 * @throws {@link GaleError} `WEB_ROUTE` if the handler is no class of handlers, or can respond to no method.
 */
export function assertHandler(handler: unknown, owner: string): asserts handler is HandlerClass {
  if (!isHandlerClass(handler)) {
    const given = handler instanceof RequestHandler ? 'an object of it; write its class' : showValue(handler);
    const rule = 'must have a handler, [path, Handler], which is a class that extends RequestHandler';
    throw new GaleError('WEB_ROUTE', `${owner} ${rule}; got ${given}.`);
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

function assertOptions(options: unknown, path: string | RegExp): asserts options is RouteOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw routeError(path, `must have options of the form { name, init }; got ${showValue(options)}`);
  }
  const unknown = Object.keys(options).find((key) => key !== 'name' && key !== 'init');
  if (unknown !== undefined) {
    throw routeError(path, `must have no option but name and init; got ${unknown}. Write { init: { ${unknown}: … } }`);
  }
  const { name } = options as { readonly name?: unknown };
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    throw routeError(path, `must have a name that is a string and not empty; got ${showValue(name)}`);
  }
}

function isHandlerClass(handler: unknown): handler is HandlerClass {
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
