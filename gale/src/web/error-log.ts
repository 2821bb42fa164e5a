/** The log of errors of handlers, whose own `logException` may fail too. */
import type { Logger } from '../run/log.ts';

/** A handler with its own log of errors. */
interface LoggingHandler {
  readonly log: Logger;
  logException(error: unknown): void;
}

/** Calls `logException`. Never throws. */
export function logSafely(handler: LoggingHandler, error: unknown): void {
  try {
    handler.logException(error);
  } catch (fault) {
    // Without the thrown value: it may be what the log cannot write, such as an error with a circular reference.
    handler.log.error({ err: fault }, 'A handler and its logException failed');
  }
}
