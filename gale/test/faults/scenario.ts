/** What a scenario is, and the result of one run of it. */
import type { Counts } from './checker.ts';
import type { Trial } from './trial.ts';
import type { Violation } from './violation.ts';

/** Groups of scenarios, in the order of the report. */
export const groups = [
  'connections',
  'positions',
  'publishing',
  'load',
  'storms',
  'redis',
  'sqlite',
  'nodes',
  'inbox',
  'sessions',
] as const;

/** One fault, and what must hold during and after it. */
export interface Scenario {
  /** Number of the scenario; docs/reference/faults.md lists them. */
  readonly number: number;
  readonly name: string;
  readonly group: (typeof groups)[number];
  /** What the scenario does, and how far its scale is reduced. */
  readonly scale: string;
  /** Whether it needs `redis-server`. @defaultValue true */
  readonly needsRedis?: boolean;
  /** Whether it belongs to the short set of `npm test`. */
  readonly isShort?: boolean;
  /** Longest run, in milliseconds. @defaultValue 120 000 */
  readonly timeoutMs?: number;
  readonly run: (trial: Trial) => Promise<void>;
}

/** What one run of a scenario showed. */
export interface Result extends Counts {
  readonly scenario: Scenario;
  readonly seed: number;
  /** From the end of the last fault until every consumer was served again, in milliseconds; undefined without such a moment. */
  readonly recoveryMs: number | undefined;
  readonly tookMs: number;
  /** Values that the scenario measured, for the report. */
  readonly notes: readonly string[];
  readonly violations: readonly Violation[];
}
