/**
 * One line for each request that was answered, cut or upgraded. Its path is without the query, which may hold secrets.
 */
import type { Logger } from '../run/log.ts';
import type { HttpRequest } from './request.ts';
import type { HttpResponse } from './response.ts';

/** Writer of these lines. */
export class AccessLog {
  readonly #log: Logger;

  /** Makes one if lines of level `info` are written: a logger that can be asked (pino can) is asked once, any other gets every line. */
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
   * @param beganAt - When the head of the request had come, by `performance.now`.
   * @param what - How it ended.
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
