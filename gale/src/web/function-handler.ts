/**
 * Functions as handlers. A route with a function, or with an object of functions by verb, gets a class of its own when the
 * application is created. So functions have the life of every other handler.
 */
import { GaleError } from '../errors.ts';
import { showValue } from '../run/given-options.ts';
import { RequestHandler } from './handler.ts';
import type { HandlerClass } from './route.ts';

/** Verbs that an object of functions can have. Other methods need a class with `supportedMethods`. */
const verbs: readonly string[] = RequestHandler.supportedMethods.map((method) => method.toLowerCase());

type VerbFunction = (this: RequestHandler, params: unknown, handler: RequestHandler) => unknown;

/** Whether the handler of a route is a function, not a class. */
export function isHandlerFunction(handler: unknown): handler is VerbFunction {
  if (typeof handler !== 'function') return false;
  // Arrow functions and methods have no prototype. Classes have one, and so do built-in constructors such as Date.
  return handler.prototype === undefined || !/^class\b|\[native code\]\s*\}$/.test(sourceOf(handler));
}

function sourceOf(handler: object): string {
  return Function.prototype.toString.call(handler);
}

/** Whether the handler of a route is an object of functions, not the object of a class or of another kind. */
export function isVerbObject(handler: unknown): handler is Readonly<Record<string, unknown>> {
  if (typeof handler !== 'object' || handler === null) return false;
  const prototype: unknown = Object.getPrototypeOf(handler);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Creates the class of handlers for a function, which becomes `get`, or for an object of functions.
 *
 * @param owner - The route, for messages.
 * @param isPositional - Whether the arguments of the path are a list: the groups of a regular expression without names.
 * @throws {@link GaleError} `WEB_ROUTE` if the object has no function, or a name that is no verb.
 */
export function createFunctionHandler(
  given: VerbFunction | object,
  owner: string,
  isPositional: boolean,
): HandlerClass {
  class FunctionHandler extends RequestHandler {}
  const functions = typeof given === 'function' ? { get: given } : given;
  const entries = Object.entries(functions);
  if (entries.length === 0) throw new GaleError('WEB_ROUTE', `${owner} must have a function; got an empty object.`);
  for (const [verb, run] of entries) {
    if (!verbs.includes(verb)) {
      const rule = `must have functions for ${verbs.join(', ')} only; got ${verb}. Other methods need a class with supportedMethods`;
      throw new GaleError('WEB_ROUTE', `${owner} ${rule}.`);
    }
    if (!isHandlerFunction(run)) {
      throw new GaleError('WEB_ROUTE', `${verb} of ${owner} must be a function; got ${showValue(run)}.`);
    }
    const value = isPositional ? withList(run) : withObject(run);
    Object.defineProperty(FunctionHandler.prototype, verb, { value, configurable: true, writable: true });
  }
  return FunctionHandler;
}

/** The handler is `this` too, so that wrappers of verbs also wrap functions. */
function withObject(run: VerbFunction): (this: RequestHandler, params?: unknown) => unknown {
  return function (params = noParams) {
    return run.call(this, params, this);
  };
}

function withList(run: VerbFunction): (this: RequestHandler, ...groups: unknown[]) => unknown {
  return function (...groups) {
    return run.call(this, groups, this);
  };
}

const noParams: object = Object.freeze({});
