/**
 * Where Gale's log lines go: an interface of four methods that pino fits, and the pino behind it.
 * Lines are JSON on standard output. No line holds a password, a cookie or a token.
 */
import { pino } from 'pino';

/** What a log line may be; anything with pino's `(fields, message)` methods will do. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Levels from the chattiest to none at all. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Names of the levels, in order, for options and messages. */
export const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/**
 * Makes a logger that writes JSON lines to standard output.
 *
 * @param options - `level`: the least level that is written. Default `warn`.
 */
export function createLogger(options: { readonly level?: LogLevel } = {}): Logger {
  return pino({ level: options.level ?? 'warn', base: null });
}
