/**
 * Responses of the server itself: for refused requests that reach no listener, and for errors of listeners.
 * The client gets one sentence; details of internal errors are only logged.
 */
import { GaleError } from '../errors.ts';
import type { Logger } from '../run/log.ts';
import { abortReason } from './abort-reasons.ts';
import { bodyRetryAfter } from './body-memory.ts';
import { isOutOfFiles, warnOutOfFiles } from '../run/open-files.ts';
import { dateHeader } from './timing/date-header.ts';
import type { HttpRequest } from './request.ts';
import { statusLine } from './protocol/response-head.ts';
import type { ResponseHeaders } from './protocol/response-head.ts';
import type { HttpResponse } from './response.ts';
import { reasonPhrase } from './protocol/status.ts';

/**
 * A whole response that gives the reason for a refusal and closes the connection; each character is one byte.
 *
 * @param isHead - Whether the refused request is HEAD: the body is left out, its headers stay (RFC 9110 §9.3.2).
 */
export function refusalResponse(error: GaleError, isHead: boolean): string {
  const body = Buffer.from(`${error.message}\n`).toString('latin1');
  return (
    `${statusLine(error.status, undefined)}Content-Type: text/plain; charset=utf-8\r\n` +
    `Content-Length: ${body.length}\r\n${dateHeader()}Connection: close\r\n\r\n${isHead ? '' : body}`
  );
}

/**
 * Logs what a listener threw and responds with the status of the error, 503 without free file descriptors, otherwise 500. If the response has
 * begun, or the client has gone, the connection is reset. Never throws, whatever was thrown.
 */
export function respondToError(error: unknown, request: HttpRequest, response: HttpResponse, log: Logger): void {
  const reason = reasonOf(error);
  const known = reason ?? knownError(error);
  const isShort = known === undefined && lacksFiles(error);
  const status = known?.status ?? (isShort ? 503 : 500);
  if (isShort) warnOutOfFiles(log, { path: request.path });
  else logError(error, known, request, log);
  if (response.finished) return;
  if (response.headSent || (reason !== undefined && request.signal.aborted)) return response.destroy();
  const retryAfter = known === undefined ? undefined : bodyRetryAfter(known);
  const isPublic = status < 500 || reason !== undefined || retryAfter !== undefined;
  const sentence = known !== undefined && isPublic ? known.message : `${reasonPhrase(status)}.`;
  const headers: ResponseHeaders = [['Content-Type', 'text/plain; charset=utf-8']];
  response.send(
    status,
    retryAfter === undefined ? headers : [...headers, ['Retry-After', retryAfter]],
    `${sentence}\n`,
  );
}

function reasonOf(error: unknown): GaleError | undefined {
  try {
    return abortReason(error);
  } catch {
    // A Proxy object can throw on instanceof.
    return undefined;
  }
}

function lacksFiles(error: unknown): boolean {
  try {
    return isOutOfFiles(error);
  } catch {
    return false;
  }
}

function knownError(error: unknown): GaleError | undefined {
  try {
    return error instanceof GaleError ? error : undefined;
  } catch {
    // A Proxy object can throw on instanceof.
    return undefined;
  }
}

function logError(error: unknown, known: GaleError | undefined, request: HttpRequest, log: Logger): void {
  const fields = { requestId: request.id, method: request.method, path: request.path };
  try {
    if (known?.code === 'HTTP_CLIENT_GONE' || known?.code === 'HTTP_CLOSING')
      log.debug({ err: error, code: known.code, ...fields }, 'Request listener stopped: the connection closes');
    else if (known !== undefined && (known.status < 500 || bodyRetryAfter(known) !== undefined)) {
      const limit = known.option === undefined ? {} : { option: known.option };
      log.info(
        { err: error, code: known.code, ...limit, status: known.status, ...fields },
        'Request listener responded with an error',
      );
    } else log.error({ err: error, ...fields }, 'Request listener failed');
  } catch {
    // The logger cannot serialise an error with a cycle or with getters that throw.
    log.error(fields, 'Request listener failed with an error that cannot be serialised');
  }
}
