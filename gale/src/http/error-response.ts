/**
 * What the server itself answers: refusals of requests that reach no listener, and the errors of listeners.
 * The client is told a sentence; what went wrong inside stays in the log.
 */
import { GaleError } from '../errors.ts';
import type { Logger } from '../run/log.ts';
import { isOutOfFiles, warnOutOfFiles } from '../run/open-files.ts';
import { dateHeader } from './timing/date-header.ts';
import type { HttpRequest } from './request.ts';
import { statusLine } from './protocol/response-head.ts';
import type { HttpResponse } from './response.ts';
import { reasonPhrase } from './protocol/status.ts';

/** A whole answer that says why a request is refused and that the connection closes, each byte one character. */
export function refusalResponse(error: GaleError): string {
  const body = Buffer.from(`${error.message}\n`).toString('latin1');
  return (
    `${statusLine(error.status, undefined)}Content-Type: text/plain; charset=utf-8\r\n` +
    `Content-Length: ${body.length}\r\n${dateHeader()}Connection: close\r\n\r\n${body}`
  );
}

/**
 * Logs what a listener threw and answers with the error's status, 503 if no file descriptor was left, else 500; cuts the connection if an answer was begun.
 * Never throws, whatever was thrown.
 */
export function respondToError(error: unknown, request: HttpRequest, response: HttpResponse, log: Logger): void {
  const known = knownError(error);
  const isShort = known === undefined && lacksFiles(error);
  const status = known?.status ?? (isShort ? 503 : 500);
  if (isShort) warnOutOfFiles(log, { path: request.path });
  else logFailure(error, known, request, log);
  if (response.finished) return;
  if (response.headSent) return response.destroy();
  const sentence = known !== undefined && status < 500 ? known.message : `${reasonPhrase(status)}.`;
  response.send(status, [['Content-Type', 'text/plain; charset=utf-8']], `${sentence}\n`);
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
    // A proxy object can throw when it is only looked at.
    return undefined;
  }
}

function logFailure(error: unknown, known: GaleError | undefined, request: HttpRequest, log: Logger): void {
  const fields = { requestId: request.id, method: request.method, path: request.path };
  try {
    if (known?.code === 'HTTP_CLIENT_GONE') log.debug({ err: error, ...fields }, known.message);
    else if (known !== undefined && known.status < 500) log.info({ err: error, ...fields }, known.message);
    else log.error({ err: error, ...fields }, 'The request listener failed.');
  } catch {
    // An error that holds itself, or getters that throw: the logger gives up on it.
    log.error(fields, 'The request listener failed with something that cannot be written down.');
  }
}
