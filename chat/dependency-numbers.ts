/**
 * Checks the numbers that the creator of a chat passes. NaN or a text would otherwise switch a limit off, since no count is over it.
 * Numbers of `HttpServer` and `Rooms` are checked there.
 */
import { GaleError } from 'gale';
import type { HashCost } from './accounts/password-hash.ts';
import type { SignInLimits } from './accounts/attempt-limit.ts';
import type { RequestLimits } from './pages/request-limits.ts';
import { numberRanges } from './number-ranges.ts';

/** The numbers of a chat that the framework does not check. */
export interface DependencyNumbers {
  readonly signIn?: SignInLimits;
  readonly requests?: RequestLimits;
  readonly roomsPerHour?: number;
  readonly emptyRoomMs?: number;
  readonly auditDays?: number;
  readonly retentionDays?: number;
  readonly hashCost?: HashCost;
}

/** @throws {@link GaleError} `OPTION_VALUE` for a value that is not an integer in its range. */
export function assertNumbers({
  signIn,
  requests,
  roomsPerHour,
  emptyRoomMs,
  auditDays,
  retentionDays,
  hashCost,
}: DependencyNumbers): void {
  const numbers = { ...signIn, ...requests, roomsPerHour, emptyRoomMs, auditDays, retentionDays, ...hashCost };
  for (const [name, { min, max }] of Object.entries(numberRanges)) {
    const value = numbers[name as keyof typeof numbers];
    if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) continue;
    const shown = typeof value === 'number' ? String(value) : `a ${typeof value}`;
    throw new GaleError('OPTION_VALUE', `${name} must be an integer from ${min} to ${max}; got ${shown}.`);
  }
}
