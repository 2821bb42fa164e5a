/**
 * What the server itself answers: refusals of requests that reach no listener, and the errors of listeners.
 * The client is told a sentence; what went wrong inside stays in the log.
 */
import { GaleError } from '../errors.ts';
import type { Logger } from '../run/log.ts';
import { dateHeader } from './date-header.ts';
import type { HttpRequest } from './request.ts';
import { statusLine } from './response-head.ts';
import type { HttpResponse } from './response.ts';
import { reasonPhrase } from './status.ts';

/** A whole answer that says why a request is refused and that the connection closes, each byte one character. */
export function refusalText(error: GaleError): string {
  const body = Buffer.from(`${error.message}\n`).toString('latin1');
  return (
    `${statusLine(error.status, undefined)}Content-Type: text/plain; charset=utf-8\r\n` +
    `Content-Length: ${body.length}\r\n${dateHeader()}Connection: close\r\n\r\n${body}`
  );
}

/** Logs what a listener threw and answers with the error's status, 500 if it has none; cuts the connection if an answer was begun. */
export function answerFailure(error: unknown, request: HttpRequest, response: HttpResponse, log: Logger): void {
  const status = error instanceof GaleError ? error.status : 500;
  const fields = { err: error, requestId: request.id, method: request.method, path: request.path };
  if (error instanceof GaleError && error.code === 'HTTP_CLIENT_GONE') log.debug(fields, error.message);
  else if (error instanceof GaleError && status < 500) log.info(fields, error.message);
  else log.error(fields, 'The request listener failed.');
  if (response.finished) return;
  if (response.headSent) return response.destroy();
  const sentence = error instanceof GaleError && status < 500 ? error.message : `${reasonPhrase(status)}.`;
  response.send(status, [['Content-Type', 'text/plain; charset=utf-8']], `${sentence}\n`);
}
