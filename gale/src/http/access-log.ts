/**
 * The access log: one line for each request that was completed, reset or upgraded. It omits the query, which may contain secrets.
 */
import type { Logger } from '../run/log.ts';
import type { HttpRequest } from './request.ts';
import type { HttpResponse } from './response.ts';

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
   * @param what - How the request ended.
   */
  write(request: HttpRequest, response: HttpResponse, beganAt: number, what: 'Answered' | 'Cut' | 'Upgraded'): void {
    this.#log.info(
      {
        requestId: request.id,
        method: request.method,
        path: request.path,
        status: what === 'Upgraded' ? 101 : response.status,
        bytes: response.bodyBytes,
        ms: Math.round((performance.now() - beganAt) * 1_000) / 1_000,
        remoteAddress: request.remoteAddress,
      },
      what,
    );
  }
}
