/**
 * Lets only those in who are somebody: nobody's GET and HEAD are sent to the login page, which learns by `next` where to go
 * back to; nobody's other methods are 403, since a form cannot be sent again by a redirect.
 */
import { isSignedIn } from './current-user.ts';
import type { RequestHandler } from './handler.ts';
import { HttpError } from './http-error.ts';

/**
 * Wraps a verb, as a decorator or by a plain call.
 *
 * @example
 * class Inbox extends RequestHandler {
 *   \@authenticated
 *   get() { … }
 * }
 * @example
 * class Inbox extends RequestHandler {
 *   readonly get = authenticated(function (this: Inbox) { … });
 * }
 */
export function authenticated<This extends RequestHandler, Values extends unknown[], Result>(
  verb: (this: This, ...values: Values) => Result,
  _context?: ClassMethodDecoratorContext<This, (this: This, ...values: Values) => Result | Promise<void>>,
): (this: This, ...values: Values) => Result | Promise<void> {
  return function (this: This, ...values: Values): Result | Promise<void> {
    if (isSignedIn(this.currentUser)) return verb.apply(this, values);
    const { method } = this.request;
    if (method !== 'GET' && method !== 'HEAD') throw new HttpError(403);
    return this.redirect(loginUrlFor(this));
  };
}

/** The login page, with the way back: a path, or a whole URL if the login page is on another site. */
function loginUrlFor(handler: RequestHandler): string {
  const loginUrl = handler.getLoginUrl();
  if (loginUrl.includes('?')) return loginUrl;
  const { protocol, host, path, query } = handler.request;
  const here = query === '' ? path : `${path}?${query}`;
  const next = /^[a-z][a-z0-9+.-]*:|^\/\//i.test(loginUrl) ? `${protocol}://${host}${here}` : here;
  return `${loginUrl}?next=${encodeURIComponent(next)}`;
}
