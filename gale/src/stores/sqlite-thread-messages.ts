/**
 * The messages between an SQLite thread and the thread that started it. Types only.
 */
import type { ErrorCode } from '../errors.ts';

/** A method call: its name, then its arguments. */
export type Call = readonly [name: string, ...args: unknown[]];

/** Calls that were sent together, at the time `now`. */
export interface CallBatch {
  readonly now: number;
  readonly calls: readonly Call[];
}

/** A message to the thread. */
export type ToWorker = CallBatch | { readonly close: true };

/** A message from the thread: first whether the file is open, then one message for each batch, in the order of the calls. */
export type FromWorker =
  | { readonly state: 'open' }
  | { readonly state: 'refused'; readonly code: ErrorCode; readonly message: string }
  | { readonly state: 'done'; readonly results: readonly unknown[]; readonly faults: readonly Fault[] };

/** A failed call and its reason. The result of the call is undefined. */
export interface Fault {
  readonly index: number;
  readonly message: string;
}
