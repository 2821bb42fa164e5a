/** Middleware: only signed-in users pass. For groups, for functions, and for classes that do not wrap each verb in `authenticated`. */
import { GaleError } from '../../errors.ts';
import { isThenable } from '../../http/thenable.ts';
import { assertFunctions } from '../../run/given-options.ts';
import { isSignedIn } from '../current-user.ts';
import type { RequestHandler } from '../handler.ts';
import {
  refuseVisitor,
  resolveAuthenticatedOptions,
  type AuthenticatedOptions,
  type ResolvedAuthenticatedOptions,
} from '../unauthenticated.ts';
import type { Middleware } from './middleware.ts';

/** Options of {@link requireUser}. */
export interface RequireUserOptions<User = unknown> extends AuthenticatedOptions {
  /**
   * Finds the user of a request, which becomes `handler.currentUser`. Cookies and headers can be read, the body cannot. It is also called
   * if an earlier middleware has assigned a user, who may have fewer rights.
   *
   * @defaultValue `getCurrentUser` of the handler
   */
  readonly load?: (handler: RequestHandler) => User | null | undefined | Promise<User | null | undefined>;
}

/** What {@link requireUser} creates. */
export interface UserMiddleware<User> extends Middleware {
  /**
   * The user, with its type: functions know `handler.currentUser` as `unknown`.
   *
   * @throws {@link GaleError} `WEB_HANDLER` if the route does not have this middleware.
   */
  userOf(handler: RequestHandler): User;
}

/**
 * Creates a middleware that lets only signed-in users pass. Others get 401 or the login page, before the body is read and `prepare` runs.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 * @example
 * const signedIn = requireUser({ load: (handler) => users.find(handler.getSignedCookie('user')) });
 * group('/api', { middleware: [signedIn] }, [['/me', (_, handler) => signedIn.userOf(handler)]]);
 */
export function requireUser<User = unknown>(options: RequireUserOptions<User> = {}): UserMiddleware<User> {
  const refusal = resolveRequireUserOptions(options);
  const { load } = options;
  const passed = new WeakSet<RequestHandler>();

  const decide = (handler: RequestHandler): Promise<void> | undefined => {
    if (!isSignedIn(handler.currentUser)) return refuseVisitor(handler, refusal);
    passed.add(handler);
    return undefined;
  };

  return {
    processRequest(handler) {
      // In the list of an outer group too.
      if (passed.has(handler)) return undefined;
      if (load === undefined) return handler.loadCurrentUser().then(() => decide(handler));
      const user: unknown = load(handler);
      if (isThenable(user)) {
        return Promise.resolve(user).then((loaded) => {
          handler.currentUser = loaded;
          return decide(handler);
        });
      }
      handler.currentUser = user;
      return decide(handler);
    },
    userOf(handler) {
      if (passed.has(handler) && isSignedIn(handler.currentUser)) return handler.currentUser as User;
      throw new GaleError('WEB_HANDLER', 'userOf() needs a route whose middleware list contains this requireUser().');
    },
  };
}

/** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`. */
export function resolveRequireUserOptions<User>(options: RequireUserOptions<User>): ResolvedAuthenticatedOptions {
  const resolved = resolveAuthenticatedOptions(options, 'requireUser', ['load']);
  assertFunctions(options, ['load']);
  return resolved;
}
