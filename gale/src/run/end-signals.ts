/**
 * The signals that ask a process to end. The first asks for good order, the second for an end at once.
 */
import { constants } from 'node:os';

/** The two signals that ask a program to end: a service manager's and Ctrl-C. */
export type EndSignal = 'SIGTERM' | 'SIGINT';

/**
 * The same signal within this time is the same request: Ctrl-C reaches every process of a terminal, and npm passes it on once more
 * to the program it runs.
 */
const echoMs = 500;

/**
 * Listens to `signals` from now on.
 *
 * @param stop - Called at the first of them.
 * @param end - Called at each that comes after, with 128 + its number, as a shell tells of a program that a signal ended.
 */
export function onEndSignals(signals: readonly EndSignal[], stop: () => void, end: (exitCode: number) => void): void {
  let first: { readonly signal: EndSignal; readonly atMs: number } | undefined;
  for (const signal of signals) {
    process.on(signal, () => {
      if (!first) {
        first = { signal, atMs: performance.now() };
        stop();
      } else if (signal !== first.signal || performance.now() - first.atMs > echoMs) {
        end(128 + constants.signals[signal]);
      }
    });
  }
}
