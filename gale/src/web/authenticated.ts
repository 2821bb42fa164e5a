/**
 * Restricts a verb to signed-in users. Without a user, GET and HEAD are redirected to the login page, with the current URL
 * in `next`. Other methods are 403, since a redirect cannot send a form again.
 */
import { wrongValue } from '../run/given-options.ts';
import { isSignedIn } from './current-user.ts';
import type { RequestHandler } from './handler.ts';
import { HttpError } from './http-error.ts';
import { isReading } from './conditional-request.ts';
import { withQuery } from './location.ts';

/**
 * Wraps a verb, as a decorator or as a function.
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
  _context?: ClassMethodDecoratorContext<This, (this: This, ...values: Values) => Result>,
): (this: This, ...values: Values) => Result {
  if (typeof verb !== 'function') throw wrongValue('verb', 'a function', verb);
  return function (this: This, ...values: Values): Result {
    if (isSignedIn(this.currentUser)) return verb.apply(this, values);
    const { method } = this.request;
    if (!isReading(method)) {
      throw new HttpError(403, undefined, { problem: { detail: 'This request needs a user who is signed in.' } });
    }
    // A decorator must not change the type of a verb. The lifecycle takes a promise from every verb.
    return this.redirect(loginUrlFor(this)) as Result;
  };
}

/** URL of the login page with `next`: a path, or a full URL if the login page is on another site. */
function loginUrlFor(handler: RequestHandler): string {
  const loginUrl = handler.getLoginUrl();
  if (/^[^#]*\?/.test(loginUrl)) return loginUrl;
  const { protocol, host, path, query } = handler.request;
  const here = query === '' ? path : `${path}?${query}`;
  const next = /^(?:[a-z][a-z0-9+.-]*:|[/\\]{2})/i.test(loginUrl) ? `${protocol}://${host}${here}` : here;
  return withQuery(loginUrl, `next=${encodeURIComponent(next)}`);
}
