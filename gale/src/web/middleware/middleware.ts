/** What runs before and after the handlers of an application, a group, a route or a class. middleware-list.ts runs it. */
import { wrongValue } from '../../run/given-options.ts';
import type { RequestHandler } from '../handler.ts';

/**
 * Runs around handlers. Both methods may be async; a synchronous one keeps the response synchronous. One object serves all
 * requests, so the state of a request does not belong in it: use a `WeakMap` by handler.
 *
 * @example
 * const timing: Middleware = {
 *   processResponse(handler) {
 *     handler.setHeader('Server-Timing', 'app');
 *   },
 * };
 */
export interface Middleware {
  /**
   * Runs after `initialize` and before the body is read, in the order of the list. If it throws or finishes the response, the
   * following middlewares and the handler are skipped. Headers that it sets are lost if an error page is sent: set those of
   * every response in {@link Middleware.processResponse}.
   */
  processRequest?(handler: RequestHandler): void | Promise<void>;
  /**
   * Runs once, in reverse order, before the head of any response is sent: also for error pages, redirects, 304, streams and the
   * 101 of a WebSocket, and if `processRequest` did not run. It may change status and headers, and call `transformBody`. If it
   * throws, returns a value, or sends another response (`write`, `finish`, `sendError`, …), the response becomes an error page with
   * status 500, and the rest still run.
   */
  processResponse?(handler: RequestHandler): void | Promise<void>;
  /**
   * Whether `processResponse` has something to do for this response. If all middlewares of a request return false, the response is sent
   * without their `processResponse`, which is faster; otherwise all of them run. Called synchronously before the head is sent, perhaps more
   * than once; it must not change the response. If it throws, the error is logged and `processResponse` runs.
   *
   * @defaultValue true
   */
  hasResponseWork?(handler: RequestHandler): boolean;
}

/**
 * Checks a list of middlewares.
 *
 * @param name - What has the list, for messages.
 * @throws {@link GaleError} `OPTION_VALUE` if it is no array of objects with a `processRequest` or `processResponse`.
 */
export function assertMiddleware(name: string, list: unknown): asserts list is readonly Middleware[] {
  if (!Array.isArray(list)) throw wrongValue(name, 'an array of middlewares', list);
  for (const [index, item] of (list as readonly unknown[]).entries()) {
    const { processRequest, processResponse, hasResponseWork } = (item ?? {}) as Readonly<Record<string, unknown>>;
    const methods = [processRequest, processResponse].filter((method) => method !== undefined);
    if (methods.length === 0 || methods.some((method) => typeof method !== 'function')) {
      const wanted = 'an object with processRequest, processResponse or both, such as compress()';
      throw wrongValue(`${name}[${index}]`, wanted, item);
    }
    if (hasResponseWork !== undefined && typeof hasResponseWork !== 'function') {
      throw wrongValue(`${name}[${index}].hasResponseWork`, 'a function', hasResponseWork);
    }
  }
}
