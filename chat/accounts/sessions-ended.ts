/**
 * When all sessions of a person ended, or all but one: with a new password, a deactivation, or because the person signed out the others. Sessions
 * in no store end with it: there is no row to delete.
 */
import type { ChatDatabase, Step } from '../database/database.ts';

/** Finds when the sessions of some people ended, in milliseconds since 1970. Those whose sessions never ended together are not in the map. */
export type FindEnds = (people: readonly string[]) => Promise<ReadonlyMap<string, number>>;

/** Reads from the database. */
export function endsIn({ tables }: ChatDatabase): FindEnds {
  return async (people) => {
    const rows = await tables
      .selectFrom('person')
      .select(['id', 'sessionsEndedAt'])
      .where('id', 'in', people)
      .where('sessionsEndedAt', 'is not', null)
      .execute();
    return new Map(rows.map(({ id, sessionsEndedAt }) => [id, sessionsEndedAt ?? 0]));
  };
}

/** Ends the sessions of a person that began until then and are in no store. Call it in the transaction that ends the stored ones, or before. */
export async function noteSessionsEnded(step: Step, personId: string, at: number): Promise<void> {
  await step.updateTable('person').set({ sessionsEndedAt: at }).where('id', '=', personId).execute();
}
