/** Changes of sessions, for tests of their stores. */
import { createHash } from 'node:crypto';
import type {
  ListedSession,
  SaveResult,
  SessionChange,
  SessionLimits,
  StoredSession,
} from '../../../src/web/sessions/session-store.ts';

/** A time of tests. Lifetimes are long, since Redis removes sessions by its own clock. */
export const now = 1_700_000_000_000;
export const lifeMs = 10_000_000;
export const limits: SessionLimits = { maxBytes: 1000, maxKeys: 5, maxPerPerson: 3 };

let count = 0;
/** An id that no other test uses. */
export const newId = (): string => idOf(`${process.pid}-${count++}`);
export const idOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A change of an existing session; `more` replaces parts. */
export function change(
  id: string,
  values: Readonly<Record<string, string | undefined>>,
  more: Partial<SessionChange> = {},
): SessionChange {
  return {
    id,
    from: undefined,
    person: undefined,
    createdAt: now,
    seenAt: now,
    expiresAt: now + lifeMs,
    isLogin: false,
    clears: false,
    expected: undefined,
    limits,
    values: new Map(Object.entries(values)),
    ...more,
  };
}

export const valuesOf = (stored: StoredSession | undefined): unknown => stored && Object.fromEntries(stored.values);
export const idsOf = (listed: readonly ListedSession[]): string[] => listed.map(({ id }) => id).toSorted();
export const saved: SaveResult = { state: 'saved', ended: [] };
