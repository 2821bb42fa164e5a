/**
 * Reports on standard error why a program cannot start: one line for errors that its user can correct, a stack for bugs of the
 * program.
 */
import { GaleError } from '../errors.ts';

/** Returns the text for an error of `start`; undefined uses the text of Gale. */
export type Explain = (error: unknown) => string | undefined;

/** Writes to standard error why the program cannot start or continue. */
export function reportFailure(error: unknown, explain?: Explain): void {
  process.stderr.write(`${explain?.(error) ?? textFor(error)}\n`);
}

function textFor(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Errors of the operating system name the system call that failed: a port in use, an unreadable file.
  const isExpected = error instanceof GaleError || 'syscall' in error;
  return isExpected ? error.message.replaceAll(/\s*\n\s*/g, ' ') : (error.stack ?? error.message);
}
