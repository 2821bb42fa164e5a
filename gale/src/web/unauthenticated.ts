/** The response to a request without a user: the login page for people, 401 for programs. */
import { assertNames, readChoices, wrongValue } from '../run/given-options.ts';
import { isReading } from './conditional-request.ts';
import { prefersJson } from './errors/error-response.ts';
import type { RequestHandler } from './handler.ts';
import { HttpError } from './http-error.ts';
import { withQuery } from './location.ts';
import { varyBy } from './middleware/vary.ts';

/** Options of `authenticated`. */
export interface AuthenticatedOptions {
  /**
   * What a request without a user gets. `login`: GET and HEAD are redirected to the login page, other methods are 403, since a redirect
   * cannot send a form again. `status`: 401. `auto`: 401 if the client prefers JSON by its Accept, else as `login`.
   *
   * @defaultValue 'auto'
   */
  readonly response?: 'auto' | 'login' | 'status';
  /** Value of WWW-Authenticate with 401, such as `Bearer realm="api"`: how clients can sign in. @defaultValue none */
  readonly challenge?: string;
}

/** The options with defaults. */
export interface ResolvedAuthenticatedOptions {
  readonly response: 'auto' | 'login' | 'status';
  readonly challenge: string | undefined;
}

export const authenticatedOptionNames: readonly string[] = ['response', 'challenge'];

/**
 * @param owner - What has the options, for messages.
 * @param moreNames - Names of its other options.
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 */
export function resolveAuthenticatedOptions(
  options: AuthenticatedOptions,
  owner = 'authenticated',
  moreNames: readonly string[] = [],
): ResolvedAuthenticatedOptions {
  assertNames(owner, options, [...moreNames, ...authenticatedOptionNames]);
  const { response } = readChoices(options, { response: ['auto', 'login', 'status'] });
  const challenge: unknown = options.challenge;
  if (challenge !== undefined && (typeof challenge !== 'string' || !/^[!-~](?:[ -~]*[!-~])?$/.test(challenge))) {
    throw wrongValue('challenge', 'printable ASCII, such as Bearer realm="api"', challenge);
  }
  return { response, challenge };
}

/**
 * Responds to a request without a user.
 *
 * @returns The redirect.
 * @throws {@link HttpError} 401 or 403
 */
export function refuseVisitor(handler: RequestHandler, options: ResolvedAuthenticatedOptions): Promise<void> {
  const { response, challenge } = options;
  const isAuto = response === 'auto';
  if (response === 'status' || (isAuto && prefersJson(handler.request, handler.getHeader('content-type')))) {
    const headers = challenge === undefined ? [] : ([['WWW-Authenticate', challenge]] as const);
    throw new HttpError(401, undefined, { headers, problem });
  }
  if (!isReading(handler.request.method)) throw new HttpError(403, undefined, { problem });
  const loginUrl = loginUrlFor(handler);
  if (isAuto) varyBy(handler, 'Accept');
  return handler.redirect(loginUrl);
}

const problem = { detail: 'This request needs a user who is signed in.' };

/** URL of the login page with `next`: a path, or a full URL if the login page is on another site. */
function loginUrlFor(handler: RequestHandler): string {
  const loginUrl = handler.getLoginUrl();
  if (/^[^#]*\?/.test(loginUrl)) return loginUrl;
  const { protocol, host, path, query } = handler.request;
  const here = query === '' ? path : `${path}?${query}`;
  const next = /^(?:[a-z][a-z0-9+.-]*:|[/\\]{2})/i.test(loginUrl) ? `${protocol}://${host}${here}` : here;
  return withQuery(loginUrl, `next=${encodeURIComponent(next)}`);
}
