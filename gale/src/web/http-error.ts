/**
 * Errors that a handler throws to end a request: with a status, for a missing argument, or early without an error.
 * Any other error becomes a 500.
 */
import { assertInteger, assertNames } from '../run/given-options.ts';
import { reasonPhrase } from '../http/protocol/status.ts';
import { checkProblem, type ProblemDetails } from './errors/problem.ts';
import { headerField } from './header-fields.ts';

/** Options of an {@link HttpError}. */
export interface HttpErrorOptions {
  /** Reason phrase, sent to the client. Left out: the phrase of RFC 9110. */
  readonly reason?: string;
  /** Headers of the response, such as `Allow` or `Retry-After`. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Public details for the client. */
  readonly problem?: ProblemDetails;
  /** The original error. */
  readonly cause?: unknown;
}

/**
 * Ends a request with `status` and an error page.
 *
 * @example
 * if (story === undefined) throw new HttpError(404);
 * if (balance < price) throw new HttpError(403, undefined, { problem: { detail: 'Your balance is too low.', balance } });
 */
export class HttpError extends Error {
  override readonly name: string = 'HttpError';
  /** Status of the response, 400-599. */
  readonly status: number;
  /** Why, for the log: the field `reason` of a warning. Never sent to the client. */
  readonly logMessage: string | undefined;
  /** Reason phrase, sent to the client. */
  readonly reason: string | undefined;
  /** Headers of the response. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Public details for the client. */
  readonly problem: ProblemDetails | undefined;

  /**
   * @param status - 400 to 599.
   * @param logMessage - For the log only. Left out: nothing is logged for a status below 500.
   * @throws {@link GaleError} `OPTION_VALUE` or `OPTION_UNKNOWN`, also for a problem that JSON would lose; `WEB_HEADER` for a header that `setHeader` would refuse.
   */
  constructor(status: number, logMessage?: string, options: HttpErrorOptions = {}) {
    assertInteger('status', status, 400, 599);
    assertNames('HttpError', options, ['reason', 'headers', 'problem', 'cause']);
    const about = options.reason ?? reasonPhrase(status);
    super(
      logMessage === undefined ? `HTTP ${status}: ${about}` : `HTTP ${status}: ${about} (${logMessage})`,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.status = status;
    this.logMessage = logMessage;
    this.reason = options.reason;
    // Here and not in the error page, which could not be sent.
    this.problem = options.problem === undefined ? undefined : checkProblem(options.problem);
    this.headers = (options.headers ?? []).map(([name, value]) => headerField(name, value));
  }
}

/** A required argument is missing: 400. */
export class MissingArgumentError extends HttpError {
  override readonly name: string = 'MissingArgumentError';
  /** Name of the argument. */
  readonly argumentName: string;

  constructor(argumentName: string) {
    super(400, `Missing argument ${argumentName}`, { problem: { detail: `The argument ${argumentName} is missing.` } });
    this.argumentName = argumentName;
  }
}

/** Ends a request as if the verb had returned. The response is the body so far and `chunk`. */
export class Finish extends Error {
  override readonly name: string = 'Finish';
  /** Written last, as by `finish()`. */
  readonly chunk: string | Uint8Array | object | undefined;

  constructor(chunk?: string | Uint8Array | object) {
    super('The request was finished early');
    this.chunk = chunk;
  }
}
