/**
 * The slash at the end of a path: the setting `trailingSlash`, and wrappers of single verbs. A redirect stays on its host, whatever the
 * path is, and keeps the query.
 */
import type { HttpRequest } from '../http/request.ts';
import { wrongValue } from '../run/given-options.ts';
import { isReading } from './conditional-request.ts';
import { RequestHandler } from './handler.ts';
import { HttpError } from './http-error.ts';

/** The path with a slash at its end instead of without, or the reverse. `undefined` if there is no such path. */
export function togglePath(path: string): string | undefined {
  if (!path.startsWith('/') || path === '/') return undefined;
  return path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
}

/** Redirects every method to the path with or without the slash: 301 for GET and HEAD; 308 keeps other methods and their body. */
export class TrailingSlashHandler extends RequestHandler {
  static override readonly bodyMode: 'parsed' | 'stream' = 'stream';
  static override readonly usesSession: boolean = false;

  /** The handler of the target checks the token. */
  override checkXsrfCookie(): void {}

  override prepare(): Promise<void> {
    const { request } = this;
    return redirectTo(this, togglePath(request.path) ?? '/', isReading(request.method) ? 301 : 308);
  }
}

/**
 * Wraps a verb, as a decorator or as a function, so that its path ends with a slash. GET and HEAD without it are redirected with 301;
 * other methods are 404.
 *
 * @example
 * class Folder extends RequestHandler {
 *   readonly get = addslash(function (this: Folder) { … });
 * }
 */
export function addslash<This extends RequestHandler, Values extends unknown[], Result>(
  verb: (this: This, ...values: Values) => Result,
  _context?: ClassMethodDecoratorContext<This, (this: This, ...values: Values) => Result>,
): (this: This, ...values: Values) => Result {
  return wrap(verb, ({ path }) => (path.endsWith('/') ? undefined : `${path}/`));
}

/**
 * Wraps a verb, as a decorator or as a function, so that its path does not end with a slash. GET and HEAD with one are redirected with 301;
 * other methods are 404. The path `/` stays.
 */
export function removeslash<This extends RequestHandler, Values extends unknown[], Result>(
  verb: (this: This, ...values: Values) => Result,
  _context?: ClassMethodDecoratorContext<This, (this: This, ...values: Values) => Result>,
): (this: This, ...values: Values) => Result {
  return wrap(verb, ({ path }) => {
    let end = path.length;
    while (path[end - 1] === '/') end--;
    return end === path.length || end === 0 ? undefined : path.slice(0, end);
  });
}

/** @param targetOf - Where a request belongs; `undefined` if its path is right. */
function wrap<This extends RequestHandler, Values extends unknown[], Result>(
  verb: (this: This, ...values: Values) => Result,
  targetOf: (request: HttpRequest) => string | undefined,
): (this: This, ...values: Values) => Result {
  if (typeof verb !== 'function') throw wrongValue('verb', 'a function', verb);
  return function (this: This, ...values: Values): Result {
    const target = targetOf(this.request);
    if (target === undefined) return verb.apply(this, values);
    if (!isReading(this.request.method)) throw new HttpError(404);
    // A decorator must not change the type of a verb. The lifecycle takes a promise from every verb.
    return redirectTo(this, target, 301) as Result;
  };
}

/** Browsers read two slashes at the start as a host, and a backslash as a slash. */
function redirectTo(handler: RequestHandler, path: string, status: number): Promise<void> {
  const { query } = handler.request;
  const encoded = path.replaceAll('\\', '%5C');
  const local = encoded.startsWith('//') ? `/.${encoded}` : encoded;
  return handler.redirect(query === '' ? local : `${local}?${query}`, { status });
}
