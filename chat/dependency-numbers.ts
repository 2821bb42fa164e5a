/**
 * Checks the numbers that the creator of a chat passes. NaN or a text would otherwise switch a limit off, since no count is over it.
 * Numbers of `HttpServer` and `Rooms` are checked there.
 */
import { GaleError } from 'gale';
import type { HashCost } from './accounts/password-hash.ts';
import type { SignInLimits } from './accounts/try-limit.ts';

/** The numbers of a chat that the framework does not check. */
export interface DependencyNumbers {
  readonly signIn?: SignInLimits;
  readonly roomsPerHour?: number;
  readonly emptyRoomMs?: number;
  readonly hashCost?: HashCost;
}

/** Minimum and maximum of each number. */
const ranges: Readonly<Record<string, readonly [min: number, max: number]>> = {
  failuresPerAddress: [1, 1_000_000],
  signInsPerAddress: [1, 1_000_000],
  accountsPerHour: [1, 1_000_000],
  sessionsPerPerson: [1, 1000],
  roomsPerHour: [1, 1_000_000],
  emptyRoomMs: [0, 31_536_000_000],
  memoryKib: [8, 4_194_304],
  passes: [1, 1_000_000],
  lanes: [1, 1_000_000],
};

/** @throws {@link GaleError} `OPTION_VALUE` for a value that is not an integer in its range. */
export function assertNumbers({ signIn, roomsPerHour, emptyRoomMs, hashCost }: DependencyNumbers): void {
  for (const [name, value] of Object.entries({ ...signIn, roomsPerHour, emptyRoomMs, ...hashCost })) {
    const [min, max] = ranges[name] ?? [];
    if (value === undefined || min === undefined || max === undefined) continue;
    if (Number.isInteger(value) && value >= min && value <= max) continue;
    const shown = typeof value === 'number' ? String(value) : `a ${typeof value}`;
    throw new GaleError('OPTION_VALUE', `${name} must be an integer from ${min} to ${max}; got ${shown}.`);
  }
}
