/**
 * The 403 of a static path, which a client can cause as often as it likes, as scanners do. Each reason is one warning at once, then one per
 * minute with the count.
 */
import type { Logger } from '../../run/log.ts';
import { RateLimitedWarning } from '../../run/rate-limited-warning.ts';
import { HttpError } from '../http-error.ts';

/** For the log. A fixed set, so that the number of warnings is bounded. */
export type RefusalReason =
  | 'A static path is outside of its folder'
  | 'A link in a static folder leads outside of it'
  | 'A static path is not a regular file'
  | 'A static path is a folder'
  | 'A static file cannot be read'
  | 'A redirect would lead to another host';

/** Responds with 403. The client gets the same text for every reason; only the log says why. */
export class StaticRefusal extends HttpError {
  readonly #reason: RefusalReason;

  constructor(reason: RefusalReason, options: { readonly cause?: unknown } = {}) {
    super(403, reason, { problem: { detail: 'This path is not served.' }, ...options });
    this.#reason = reason;
  }

  /** @param fields - Of the request, for the log. */
  warn(log: Logger, fields: Readonly<Record<string, unknown>>): void {
    const warning = RateLimitedWarning.of(log, 'Static paths are refused', this.#reason);
    warning.note({ status: this.status, reason: this.#reason, ...fields });
  }
}
