/**
 * The signals that ask a process to end. The first asks for good order, the second for an end at once.
 */
import type { EventEmitter } from 'node:events';
import { constants } from 'node:os';

/** The two signals that ask a program to end: a service manager's and Ctrl-C. */
export type EndSignal = 'SIGTERM' | 'SIGINT';

/** What an {@link EndSignal} leads to. */
export interface EndOrders {
  /** Called at the first. */
  readonly stop: () => void;
  /** Called at each that comes after, with 128 + its number, as a shell tells of a program that a signal ended. */
  readonly end: (exitCode: number) => void;
}

/**
 * The same signal within this time is the same request: Ctrl-C reaches every process of a terminal, and npm passes it on once more
 * to the program it runs; timeout(1) signals its child, then the group that its child is in.
 */
const echoMs = 300;

/**
 * Listens to `signals` from now on.
 *
 * @param source - Emits them.
 * @param now - Milliseconds of a clock that only goes forward.
 */
export function onEndSignals(
  signals: readonly EndSignal[],
  { stop, end }: EndOrders,
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
