/**
 * The log of Gale: an interface of four methods, which a pino logger has, and the default implementation with pino.
 * It writes JSON lines to standard output. No line contains a password, a cookie or a token.
 * Messages are stable: a capital letter at the beginning, no full stop, and all values in fields. `err` is the Error of a failure;
 * `reason` says in one sentence why a request or a connection was refused, with `code` and `status`.
 */
import { pino } from 'pino';
import { assertNames, listChoices, wrongValue } from './given-options.ts';

/** Receives log lines. Any object with these methods of pino works. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Log levels, from the most verbose to none. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Names of the levels in the same order, for options and messages. */
export const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/** Lines that wait for space, in UTF-8. */
const maxWaitingBytes = 1024 * 1024;

/**
 * Creates a logger that writes JSON lines to standard output. It never throws: lines that cannot be written, such as to a full disk, wait for
 * space, and the newest of them are lost if there are too many. After the reader of a pipe has ended, all lines are lost.
 *
 * @param options - `level`: the lowest level that is written. Default `warn`.
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 */
export function createLogger(options: { readonly level?: LogLevel } = {}): Logger {
  assertNames('logger', options, ['level']);
  const { level = 'warn' } = options;
  if (!logLevels.includes(level)) throw wrongValue('level', listChoices(logLevels), level);
  const output = pino.destination({ fd: process.stdout.fd || 1, sync: true, maxLength: maxWaitingBytes });
  // Otherwise pino throws it where the line was logged, and the failure that the line is about stops half-way.
  output.on('error', () => undefined);
  return pino({ level, base: null }, output);
}
