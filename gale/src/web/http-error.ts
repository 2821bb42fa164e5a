/**
 * What a handler throws to end a request: with a status, for a missing argument, or just so.
 * Anything else that is thrown is a fault and becomes a 500.
 */

/** How an {@link HttpError} is answered, beside its status. */
export interface HttpErrorOptions {
  /** Words behind the status; sent to the client. Left out: those of RFC 9110. */
  readonly reason?: string;
  /** Headers of the answer, such as `Allow` or `Retry-After`. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** What led here. */
  readonly cause?: unknown;
}

/**
 * Ends a request with `status` and an error page.
 *
 * @example
 * if (story === undefined) throw new HttpError(404);
 */
export class HttpError extends Error {
  override readonly name: string = 'HttpError';
  /** Status of the answer, 400-599. */
  readonly status: number;
  /** What the log gets, as a warning; never sent to the client. */
  readonly logMessage: string | undefined;
  /** Words behind the status; sent to the client. */
  readonly reason: string | undefined;
  /** Headers of the answer. */
  readonly headers: readonly (readonly [name: string, value: string])[];

  /** @param logMessage - For the log only. Left out: nothing is logged for a status below 500. */
  constructor(status: number, logMessage?: string, options: HttpErrorOptions = {}) {
    const about = options.reason ?? reasonOf(status);
    super(
      logMessage === undefined ? `HTTP ${status}: ${about}` : `HTTP ${status}: ${about} (${logMessage})`,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.status = status;
    this.logMessage = logMessage;
    this.reason = options.reason;
    this.headers = options.headers ?? [];
  }
}

/** An argument without a fallback was not sent: 400. */
export class MissingArgumentError extends HttpError {
  override readonly name: string = 'MissingArgumentError';
  /** Which one. */
  readonly argumentName: string;

  constructor(argumentName: string) {
    super(400, `Missing argument ${argumentName}`);
    this.argumentName = argumentName;
  }
}

/** Ends a request as if the verb had returned: what was written so far, and `chunk`, is the answer. No error. */
export class Finish extends Error {
  override readonly name: string = 'Finish';
  /** The last thing written; as for `finish()`. */
  readonly chunk: string | Uint8Array | object | undefined;

  constructor(chunk?: string | Uint8Array | object) {
    super('The request was finished early');
    this.chunk = chunk;
  }
}

/** The words of RFC 9110 §15 (and its registry) for a status, `Unknown` for one that has none. */
export function reasonOf(status: number): string {
  return reasons[status] ?? 'Unknown';
}

const reasons: Readonly<Record<number, string>> = {
  100: 'Continue',
  101: 'Switching Protocols',
  103: 'Early Hints',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  203: 'Non-Authoritative Information',
  204: 'No Content',
  205: 'Reset Content',
  206: 'Partial Content',
  207: 'Multi-Status',
  300: 'Multiple Choices',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  417: 'Expectation Failed',
  418: "I'm a teapot",
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  423: 'Locked',
  424: 'Failed Dependency',
  425: 'Too Early',
  426: 'Upgrade Required',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  451: 'Unavailable For Legal Reasons',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
  507: 'Insufficient Storage',
  511: 'Network Authentication Required',
};
