/** A room that is being deleted: its rows are removed in steps, which continue after a crash. */
import type { Kysely } from 'kysely';
import type { ColumnTypes } from '../column-types.ts';

export async function addDeletedRooms(database: Kysely<unknown>, { integer }: ColumnTypes): Promise<void> {
  await database.schema.alterTable('room').addColumn('deleted_at', integer).execute();
  await database.schema
    .createIndex('room_deleted')
    .on('room')
    .column('deleted_at')
    .where('deleted_at', 'is not', null)
    .execute();
}
