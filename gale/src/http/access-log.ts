/**
 * The access log: one line for each request that was completed, aborted or upgraded. It omits the query, which may contain secrets.
 */
import type { Logger } from '../run/log.ts';
import type { HttpRequest } from './request.ts';
import type { HttpResponse } from './response.ts';

/**
 * How a request ended; the message of its line. `Request aborted`: the client left or the connection was reset before the response was
 * complete.
 */
export type RequestEnd = 'Request completed' | 'Request aborted' | 'Connection upgraded';

/** Writer of the access log. */
export class AccessLog {
  readonly #log: Logger;

  /** Makes one if the logger writes level `info`. A logger with `isLevelEnabled`, such as pino, is asked once; others get every line. */
  static for(log: Logger): AccessLog | undefined {
    const ask: unknown = Reflect.get(log, 'isLevelEnabled');
    return typeof ask !== 'function' || ask.call(log, 'info') === true ? new AccessLog(log) : undefined;
  }

  private constructor(log: Logger) {
    this.#log = log;
  }

  /**
   * Writes the line.
   *
   * @param beganAt - When the head of the request was complete, by `performance.now`.
   */
  write(request: HttpRequest, response: HttpResponse, beganAt: number, end: RequestEnd): void {
    this.#log.info(
      {
        requestId: request.id,
        method: request.method,
        path: request.path,
        status: end === 'Connection upgraded' ? 101 : response.status,
        bytes: response.bodyBytes,
        ms: Math.round((performance.now() - beganAt) * 1_000) / 1_000,
        remoteAddress: request.remoteAddress,
      },
      end,
    );
  }
}
