/** When all sessions of a person ended. Those in no store end with it; they last an hour, so nothing has to be filled in. */
import type { Kysely } from 'kysely';
import type { ColumnTypes } from '../column-types.ts';

export async function addSessionsEnded({ schema }: Kysely<unknown>, { integer }: ColumnTypes): Promise<void> {
  await schema.alterTable('person').addColumn('sessions_ended_at', integer).execute();
  // Servers look twice a second for those of the last minutes.
  await schema
    .createIndex('person_sessions_ended_at')
    .on('person')
    .column('sessions_ended_at')
    .where('sessions_ended_at', 'is not', null)
    .execute();
}
