/** The response to an error: `application/problem+json` for clients that prefer JSON, else an HTML page. In debug mode with the stack. */
import { GaleError, ProtocolError } from '../../errors.ts';
import type { HttpRequest } from '../../http/request.ts';
import { comparePreferences, preferenceFor, readAccept, type Preference } from '../accept.ts';
import { debugPage } from './debug-page.ts';
import { isJsonType, readMediaType } from '../body/media-type.ts';
import { HttpError } from '../http-error.ts';
import { errorPage } from './error-page.ts';
import type { ProblemDetails } from './problem.ts';
import { describeThrown } from './thrown.ts';

/** Type and text of a body. */
export interface ErrorBody {
  readonly contentType: string;
  readonly text: string;
}

/** What is known about an error. */
export interface ErrorFacts {
  readonly status: number;
  readonly reason: string;
  /** The thrown value; undefined if there is none. */
  readonly error: unknown;
  /** In debug mode the nonce of the page's styles, and the client sees the stack; undefined if not. */
  readonly nonce: string | undefined;
  /** Type of the responses of the handler, for clients that prefer none. */
  readonly usualType?: string | undefined;
}

/** Writes the body of the response to an error. It depends on Accept, so the response needs `Vary: Accept`. */
export function errorBody(request: HttpRequest, { status, reason, error, nonce, usualType }: ErrorFacts): ErrorBody {
  const { type = 'about:blank', title = reason, ...rest } = problemOf(error, status);
  const thrown = nonce !== undefined && error !== undefined ? describeThrown(error) : undefined;
  if (!prefersJson(request, usualType)) {
    const page = { status, title, problem: rest, requestId: request.id };
    if (thrown === undefined) return html(errorPage(page));
    return html(debugPage({ ...page, method: request.method, path: request.path, thrown, nonce }));
  }
  const debug = thrown === undefined ? {} : { debug: thrown };
  const problem = { type, title, status, ...rest, instance: instanceOf(request), ...debug };
  return { contentType: 'application/problem+json', text: `${JSON.stringify(problem)}\n` };
}

function html(text: string): ErrorBody {
  return { contentType: 'text/html; charset=UTF-8', text };
}

/**
 * Whether the client gets JSON. Accept decides. If it wants JSON and HTML equally, as that of `fetch` does, the client gets JSON if the
 * handler usually responds with JSON or the body of the request is JSON.
 */
export function prefersJson({ headers }: HttpRequest, usualType: string | undefined): boolean {
  const ranges = readAccept(headers.get('accept') ?? '');
  const others = ranges
    .filter(({ subtype }) => subtype.endsWith('+json'))
    .map(({ type, subtype }) => `${type}/${subtype}`);
  const json = ['application/problem+json', 'application/json', ...others.slice(0, maxJsonTypes)]
    .map((type) => preferenceFor(ranges, type))
    .reduce((best: Preference, next) => (comparePreferences(next, best) > 0 ? next : best));
  const order = comparePreferences(json, preferenceFor(ranges, 'text/html'));
  if (order !== 0) return order > 0;
  return isJson(usualType) || isJson(headers.get('content-type'));
}

/** Other JSON types in Accept that are considered: each is compared with all ranges. */
const maxJsonTypes = 4;

function isJson(contentType: string | undefined): boolean {
  return isJsonType(readMediaType(contentType)?.type ?? '');
}

/** URI of this error: path and, as fragment, the id of the request, which the log has too. */
function instanceOf({ path, id }: HttpRequest): string {
  // Two slashes would begin with a host (RFC 3986 §4.2).
  return `${path.startsWith('//') ? '/.' : ''}${path}#${id}`;
}

/**
 * What a client may know about the error of a response with this status. A {@link ProtocolError} says what the client did wrong, some
 * errors which limit it has reached. A 404 of Gale itself has no details, so that a missing route, file and item look the same.
 */
function problemOf(error: unknown, status: number): ProblemDetails {
  if (error instanceof HttpError && error.status === status) return error.problem ?? {};
  const isPublic = error instanceof ProtocolError || (error instanceof GaleError && publicCodes.includes(error.code));
  return isPublic && error.status === status && status !== 500 ? { detail: error.message, code: error.code } : {};
}

/** Errors of a request that are no {@link ProtocolError}. Their messages name limits of the server, and nothing of the application. */
const publicCodes: readonly string[] = [
  'HTTP_BODY_TOO_LARGE',
  'HTTP_BODY_MEMORY',
  'HTTP_REQUEST_TIMEOUT',
  'HTTP_CLOSING',
];
