/** The log of errors of handlers, whose own `logException` may fail too. */
import type { RequestHandler } from './handler.ts';

/** Calls `logException`. Never throws. */
export function logSafely(handler: RequestHandler, error: unknown): void {
  try {
    handler.logException(error);
  } catch (fault) {
    // Without the thrown value: it may be what the log cannot write, such as an error with a circular reference.
    handler.settings.log.error({ err: fault }, 'A handler and its logException failed');
  }
}
