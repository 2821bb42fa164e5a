/**
 * What is said on standard error when a program cannot start: one line for what its user can mend, a stack for what is a fault
 * of the program itself.
 */
import { GaleError } from '../errors.ts';

/** Words for an error that `start` failed with; undefined leaves them to Gale. */
export type Explain = (error: unknown) => string | undefined;

/** Says on standard error why the program cannot start. */
export function sayWhy(error: unknown, explain?: Explain): void {
  process.stderr.write(`${explain?.(error) ?? wordsFor(error)}\n`);
}

function wordsFor(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A port in use, a file that cannot be read: errors of the operating system, which name the call that failed.
  const isExpected = error instanceof GaleError || 'syscall' in error;
  return isExpected ? error.message.replaceAll(/\s*\n\s*/g, ' ') : (error.stack ?? error.message);
}
