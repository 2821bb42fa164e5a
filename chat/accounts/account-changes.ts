/**
 * When people got a new password or were deactivated, as the audit log has it. Sessions in no store end with it: there is no row to delete.
 */
import type { ChatDatabase } from '../database/database.ts';

const actions = ['person.deactivate', 'person.own-password', 'person.password'] as const;

/** Finds the last change of each of some people. */
export type FindChanges = (people: readonly string[], since: number) => Promise<ReadonlyMap<string, number>>;

/** @param since - In milliseconds since 1970. An hour ago at most: all entries since then are read. @returns Times of people with a change. */
export function changesIn({ tables }: ChatDatabase): FindChanges {
  return async (people, since) => {
    const rows = await tables
      .selectFrom('audit')
      .select(['target', ({ fn }) => fn.max<number>('at').as('at')])
      .where('at', '>=', since)
      .where('action', 'in', actions)
      .where('target', 'in', people)
      .groupBy('target')
      .execute();
    return new Map(rows.map(({ target, at }) => [target ?? '', at]));
  };
}
