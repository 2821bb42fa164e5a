/**
 * Errors of requests that Gale itself finds. Every client can cause them as often as it likes, so they do not write a warning each: most are
 * only for debugging, and those that a wrong setting of the application can cause are one warning per minute.
 */
import type { Logger } from '../run/log.ts';
import { RateLimitedWarning } from '../run/rate-limited-warning.ts';
import { HttpError, type HttpErrorOptions } from './http-error.ts';

/** A fault of the client, such as an argument that is not UTF-8. */
export class ClientFault extends HttpError {
  /** @param logMessage - For the log. The client gets the problem of the options. */
  // oxlint-disable-next-line no-useless-constructor -- Requires the message for the log.
  constructor(status: number, logMessage: string, options?: HttpErrorOptions) {
    super(status, logMessage, options);
  }

  /** @param fields - Of the request, for the log. */
  note(log: Logger, fields: Readonly<Record<string, unknown>>): void {
    log.debug({ status: this.status, reason: this.logMessage, ...fields }, 'Handler responded with an error');
  }
}

/** What is wrong. Each kind has its own warning, so that the number of warnings is bounded and none hides the others. */
export type SiteRefusalKind = 'other origin' | 'xsrf token' | 'websocket origin';

/** A request is refused because of the page that sent it: by an attack, or because a proxy or a setting is wrong. */
export class SiteRefusal extends ClientFault {
  readonly #kind: SiteRefusalKind;

  /**
   * @param why - For the log.
   * @param detail - For the client.
   */
  constructor(kind: SiteRefusalKind, why: string, detail: string) {
    super(403, why, { problem: { detail } });
    this.#kind = kind;
  }

  override note(log: Logger, fields: Readonly<Record<string, unknown>>): void {
    super.note(log, fields);
    let ofLog = warnings.get(log);
    if (ofLog === undefined) warnings.set(log, (ofLog = new Map()));
    let warning = ofLog.get(this.#kind);
    if (warning === undefined) {
      warning = new RateLimitedWarning(log, 'Requests are refused because of the page that sent them');
      ofLog.set(this.#kind, warning);
    }
    warning.note({ status: this.status, reason: this.logMessage, ...fields });
  }
}

const warnings = new WeakMap<Logger, Map<SiteRefusalKind, RateLimitedWarning>>();
