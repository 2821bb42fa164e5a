/**
 * What a handler throws to end a request: with a status, for a missing argument, or just so.
 * Anything else that is thrown is a fault and becomes a 500.
 */
import { reasonPhrase } from '../http/protocol/status.ts';

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
    const about = options.reason ?? reasonPhrase(status);
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
