/**
 * Options of `close`: names, defaults and ranges.
 */
import { assertNames, maxTimerMs, readIntegers } from '../../run/given-options.ts';

/** How a server stops. */
export interface CloseOptions {
  /** Maximum time to wait for requests in flight and upgraded connections, in milliseconds. @defaultValue 10 000 */
  readonly graceMs?: number;
  /**
   * Time for which idle connections stay open, in milliseconds, because a request may already be on its way; at most `graceMs`.
   * @defaultValue 500
   */
  readonly idleMs?: number;
}

/** Validated {@link CloseOptions} with the defaults filled in. */
export type ResolvedCloseOptions = Readonly<Required<CloseOptions>>;

/** Default, minimum and maximum of each number. */
const ranges = { graceMs: [10_000, 0, maxTimerMs], idleMs: [500, 0, maxTimerMs] } as const;

/**
 * Validates the options and adds the defaults.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 */
export function resolveCloseOptions(options: CloseOptions): ResolvedCloseOptions {
  assertNames('close', options, Object.keys(ranges));
  const { graceMs, idleMs } = readIntegers(options, ranges);
  return { graceMs, idleMs: Math.min(graceMs, idleMs) };
}
