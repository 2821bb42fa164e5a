/**
 * Middleware: lets pages of other origins read responses (Fetch standard, §3.2, CORS protocol). It does not let them send forms: XSRF
 * tokens and the setting `allowedOrigins` decide that.
 */
import { isTokenText } from '../../http/protocol/characters.ts';
import { isThenable } from '../../http/thenable.ts';
import { assertNames, readChoices, readIntegers, wrongValue } from '../../run/given-options.ts';
import { normalOrigin } from '../../websocket/protocol/origin.ts';
import type { RequestHandler } from '../handler.ts';
import type { Middleware } from './middleware.ts';
import { varyBy } from './vary.ts';

/** Options of {@link cors}. */
export interface CorsOptions {
  /**
   * The origins whose pages may read responses: `'*'` for all, one such as `https://app.example`, several, or a function. `null`, the
   * origin of sandboxed pages and files, is only accepted by a function.
   */
  readonly origin:
    | string
    | readonly string[]
    | ((origin: string, handler: RequestHandler) => boolean | Promise<boolean>);
  /** Methods that pages may use. @defaultValue GET, HEAD, POST, PUT, PATCH, DELETE */
  readonly methods?: readonly string[];
  /** Headers that pages may send. @defaultValue those that the page asks for */
  readonly allowedHeaders?: readonly string[];
  /** Headers of the response that pages may read, in addition to a few basic ones. @defaultValue none */
  readonly exposedHeaders?: readonly string[];
  /** Whether pages may send cookies and read the response; not with `origin: '*'`. @defaultValue false */
  readonly credentials?: boolean;
  /** How long browsers remember the response to a preflight, in seconds. @defaultValue 600 */
  readonly maxAgeSeconds?: number;
}

/** A preflight with longer names is not granted. */
const maxRequestedCharacters = 1024;

/**
 * Creates a middleware that sets the headers of CORS and responds to preflights with 204. List it before middlewares that refuse requests,
 * such as {@link basicAuth}, since a preflight has no credentials.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 */
export function cors(options: CorsOptions): Middleware {
  const { origin, methods, allowedHeaders, exposedHeaders, credentials, maxAgeSeconds } = resolveCorsOptions(options);
  const isAllowed = readOrigin(origin);

  const allow = (handler: RequestHandler): void => {
    handler.setHeader(
      'Access-Control-Allow-Origin',
      origin === '*' ? '*' : (handler.request.headers.get('origin') ?? ''),
    );
    if (credentials) handler.setHeader('Access-Control-Allow-Credentials', 'true');
    if (!isPreflight(handler)) {
      if (exposedHeaders !== undefined) handler.setHeader('Access-Control-Expose-Headers', exposedHeaders);
      return;
    }
    handler.setHeader('Access-Control-Allow-Methods', methods);
    const requested = handler.request.headers.get('access-control-request-headers') ?? '';
    const granted = allowedHeaders ?? grantable(requested);
    if (granted !== '') handler.setHeader('Access-Control-Allow-Headers', granted);
    handler.setHeader('Access-Control-Max-Age', maxAgeSeconds);
  };

  return {
    processRequest(handler) {
      if (!isPreflight(handler)) return;
      handler.setStatus(204);
      void handler.finish();
    },
    processResponse(handler) {
      if (handler.getStatus() === 101) return undefined;
      if (origin !== '*') varyBy(handler, 'Origin');
      if (isPreflight(handler) && allowedHeaders === undefined) varyBy(handler, 'Access-Control-Request-Headers');
      const asking = handler.request.headers.get('origin');
      if (asking === undefined) {
        if (origin === '*') allow(handler);
        return undefined;
      }
      const decided: unknown = isAllowed(asking, handler);
      if (isThenable(decided)) {
        return Promise.resolve(decided).then((result) => {
          if (result === true) allow(handler);
        });
      }
      if (decided === true) allow(handler);
      return undefined;
    },
  };
}

/** The options with defaults; lists as the value of a header. */
interface ResolvedCorsOptions {
  readonly origin: CorsOptions['origin'];
  readonly methods: string;
  readonly allowedHeaders: string | undefined;
  readonly exposedHeaders: string | undefined;
  readonly credentials: boolean;
  readonly maxAgeSeconds: number;
}

/** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`, but for the values of `origin`. */
export function resolveCorsOptions(options: CorsOptions): ResolvedCorsOptions {
  assertNames('cors', options, [
    'origin',
    'methods',
    'allowedHeaders',
    'exposedHeaders',
    'credentials',
    'maxAgeSeconds',
  ]);
  const { origin } = options;
  const { credentials } = readChoices(options, { credentials: [false, true] });
  if (credentials && origin === '*') {
    throw wrongValue('credentials', "false with origin '*', or every site could act for the user", credentials);
  }
  if (credentials && options.exposedHeaders?.includes('*') === true) {
    throw wrongValue('exposedHeaders', "names instead of '*', which browsers take as a name with credentials", '*');
  }
  return {
    origin,
    methods: readTokens('methods', options.methods) ?? 'GET, HEAD, POST, PUT, PATCH, DELETE',
    allowedHeaders: readTokens('allowedHeaders', options.allowedHeaders),
    exposedHeaders: readTokens('exposedHeaders', options.exposedHeaders),
    credentials,
    ...readIntegers(options, { maxAgeSeconds: [600, 0, 86_400] }),
  };
}

function isPreflight({ request: { method, headers } }: RequestHandler): boolean {
  return method === 'OPTIONS' && headers.has('origin') && headers.has('access-control-request-method');
}

function readOrigin(origin: unknown): (asking: string, handler: RequestHandler) => boolean | Promise<boolean> {
  if (origin === '*') return () => true;
  if (typeof origin === 'function') return origin as (asking: string) => boolean;
  const list: readonly unknown[] = Array.isArray(origin) ? origin : [origin];
  const known = new Set<string>();
  for (const entry of list) {
    const normal = typeof entry === 'string' ? normalOrigin(entry) : undefined;
    if (typeof entry === 'string' && entry.includes('*')) {
      throw wrongValue(
        'origin',
        "'*' alone, or origins without a wildcard; for subdomains give a function",
        'a text with *',
      );
    }
    if (normal === undefined) {
      throw wrongValue(
        'origin',
        "'*', an origin such as https://app.example, an array of origins, or a function; an origin has no path, also no slash at its end",
        entry,
      );
    }
    known.add(normal);
  }
  if (known.size === 0) throw wrongValue('origin', 'an array with at least one origin', origin);
  return (asking) => {
    const normal = normalOrigin(asking);
    return normal !== undefined && known.has(normal);
  };
}

function readTokens(name: string, list: unknown): string | undefined {
  if (list === undefined) return undefined;
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string' && isTokenText(item))) {
    throw wrongValue(name, 'an array of names', list);
  }
  return list.join(', ');
}

/** The requested headers, if they are names. */
function grantable(requested: string): string {
  if (requested.length > maxRequestedCharacters) return '';
  const names = requested.split(',').map((name) => name.trim());
  return names.every(isTokenText) ? names.join(', ') : '';
}
