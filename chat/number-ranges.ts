/** Minimum and maximum of the numbers that the chat checks itself: those of options.ts, and those of the creator of a chat. */
import type { HashCost } from './accounts/password-hash.ts';
import type { SignInLimits } from './accounts/attempt-limit.ts';
import type { RequestLimits } from './pages/request-limits.ts';

/** The smallest and the largest value. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/** A maximum of something that the chat counts. */
export const countRange: NumberRange = { min: 1, max: 1_000_000 };

/** Names of the numbers of a chat that the framework does not check. */
type CheckedNumber =
  | keyof SignInLimits
  | keyof HashCost
  | keyof RequestLimits
  | 'roomsPerHour'
  | 'emptyRoomMs'
  | 'auditDays'
  | 'retentionDays';

/** The numbers of a chat that the framework does not check. */
export const numberRanges: Readonly<Record<CheckedNumber, NumberRange>> = {
  failuresPerAddress: countRange,
  signInsPerAddress: countRange,
  accountsPerHour: countRange,
  sessionsPerPerson: { min: 1, max: 1000 },
  requestsPerMinute: countRange,
  formsPerMinute: countRange,
  visitorRequestsPerMinute: countRange,
  roomsPerHour: countRange,
  emptyRoomMs: { min: 0, max: 31_536_000_000 },
  auditDays: { min: 0, max: 36_500 },
  retentionDays: { min: 0, max: 36_500 },
  memoryKib: { min: 8, max: 4_194_304 },
  passes: countRange,
  lanes: countRange,
};
