/**
 * Why the signals of a request abort: the client has gone (`signal`), or the server closes (`closing`). What a handler throws for one of these
 * reasons is no fault of the handler.
 */
import { GaleError } from '../errors.ts';

/** The error for a client that has gone. */
export function clientGone(): GaleError {
  return new GaleError('HTTP_CLIENT_GONE', 'The client disconnected before its response was complete.');
}

/** The error for a response that is open when the server closes. */
export function serverClosing(): GaleError {
  return new GaleError('HTTP_CLOSING', 'The server is closing; send the request again to reach another server.');
}

/**
 * The reason for which a handler threw `error`: itself, or what aborted the operation that it awaited.
 *
 * @returns `HTTP_CLIENT_GONE` or `HTTP_CLOSING`; undefined if the handler failed for another reason.
 */
export function abortReason(error: unknown): GaleError | undefined {
  if (isAbortReason(error)) return error;
  // Node.js rejects an operation with an AbortError whose cause is the reason of the signal. One without it is the handler's own.
  return error instanceof Error && error.name === 'AbortError' && isAbortReason(error.cause) ? error.cause : undefined;
}

function isAbortReason(error: unknown): error is GaleError {
  return error instanceof GaleError && (error.code === 'HTTP_CLIENT_GONE' || error.code === 'HTTP_CLOSING');
}
