/**
 * Restricts a verb to signed-in users. Without a user, clients that prefer JSON get 401. Others are redirected to the login page, with
 * the current URL in `next`, or get 403 for methods other than GET and HEAD.
 */
import { wrongValue } from '../run/given-options.ts';
import { isSignedIn } from './current-user.ts';
import type { RequestHandler } from './handler.ts';
import {
  refuseVisitor,
  resolveAuthenticatedOptions,
  type AuthenticatedOptions,
  type ResolvedAuthenticatedOptions,
} from './unauthenticated.ts';

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
  context?: ClassMethodDecoratorContext<This, (this: This, ...values: Values) => Result>,
): (this: This, ...values: Values) => Result;
/**
 * Creates a wrapper of verbs with options, also a decorator.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 * @example
 * const forPrograms = authenticated({ response: 'status', challenge: 'Bearer realm="api"' });
 * class Inbox extends RequestHandler {
 *   readonly get = forPrograms(function (this: Inbox) { … });
 * }
 */
export function authenticated(
  options: AuthenticatedOptions,
): <This extends RequestHandler, Values extends unknown[], Result>(
  verb: (this: This, ...values: Values) => Result,
  context?: ClassMethodDecoratorContext<This, (this: This, ...values: Values) => Result>,
) => (this: This, ...values: Values) => Result;
export function authenticated(given: AnyVerb | AuthenticatedOptions): unknown {
  if (typeof given === 'function') return wrapVerb(given, defaults);
  if (typeof given !== 'object' || given === null)
    throw wrongValue('verb', 'a function, or an object of options', given);
  const options = resolveAuthenticatedOptions(given);
  return (verb: AnyVerb) => {
    if (typeof verb !== 'function') throw wrongValue('verb', 'a function', verb);
    return wrapVerb(verb, options);
  };
}

type AnyVerb = (this: RequestHandler, ...values: unknown[]) => unknown;

const defaults: ResolvedAuthenticatedOptions = resolveAuthenticatedOptions({});

function wrapVerb(verb: AnyVerb, options: ResolvedAuthenticatedOptions): AnyVerb {
  return function (...values) {
    // The lifecycle takes a promise from every verb.
    return isSignedIn(this.currentUser) ? verb.apply(this, values) : refuseVisitor(this, options);
  };
}
