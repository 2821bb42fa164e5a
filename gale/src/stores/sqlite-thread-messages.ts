/**
 * The messages between an SQLite thread and the thread that started it. Types only.
 */
import type { ErrorCode } from '../errors.ts';

/** A call of a method by its name. */
export type Call = readonly [name: string, ...args: unknown[]];

/** What the thread is told. */
export type ToWorker = { readonly now: number; readonly calls: readonly Call[] } | { readonly close: true };

/** What it tells: first whether it is open, then a word for each transaction, in the order of the calls. */
export type FromWorker =
  | { readonly state: 'open' }
  | { readonly state: 'refused'; readonly code: ErrorCode; readonly message: string }
  | { readonly state: 'done'; readonly results: readonly unknown[]; readonly faults: readonly Fault[] };

/** A call that could not be carried out, and why; its result is undefined. */
export interface Fault {
  readonly index: number;
  readonly message: string;
}
