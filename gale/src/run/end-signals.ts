/**
 * The signals that end a process. The first starts a graceful shutdown, the second ends the process immediately.
 */
import type { EventEmitter } from 'node:events';
import { constants } from 'node:os';

/** SIGTERM is the signal of service managers, SIGINT that of Ctrl-C. */
export type EndSignal = 'SIGTERM' | 'SIGINT';

/** Callbacks for an {@link EndSignal}. */
export interface EndCallbacks {
  /** Called for the first signal. */
  readonly stop: () => void;
  /** Called for each later signal, with 128 + its number: the exit code that shells use for a program ended by a signal. */
  readonly end: (exitCode: number) => void;
}

/**
 * A repeat of the first signal within this time is ignored. Ctrl-C reaches every process of a terminal, and npm also forwards it
 * to the program that it runs; timeout(1) signals its child, then the process group of the child.
 */
const echoMs = 300;

/**
 * Handles `signals` from now on.
 *
 * @param source - Emits them.
 * @param now - Monotonic clock, in milliseconds.
 */
export function onEndSignals(
  signals: readonly EndSignal[],
  { stop, end }: EndCallbacks,
  source: Pick<EventEmitter, 'on'> = process,
  now: () => number = () => performance.now(),
): void {
  let first: { readonly signal: EndSignal; readonly atMs: number } | undefined;
  for (const signal of signals) {
    source.on(signal, () => {
      if (!first) {
        first = { signal, atMs: now() };
        stop();
      } else if (signal !== first.signal || now() - first.atMs >= echoMs) {
        end(128 + constants.signals[signal]);
      }
    });
  }
}
