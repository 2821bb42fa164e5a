/** Who was removed from a room by somebody else, and when: an older invite does not bring them back. */
import type { Kysely } from 'kysely';
import type { ColumnTypes } from '../column-types.ts';

export async function addRemovals(
  { schema }: Kysely<unknown>,
  { integer, text, tableOptions }: ColumnTypes,
): Promise<void> {
  await schema
    .createTable('removal')
    .addColumn('person_id', text, (column) => column.notNull().references('person.id').onDelete('cascade'))
    .addColumn('room_id', text, (column) => column.notNull().references('room.id').onDelete('cascade'))
    .addColumn('removed_at', integer, (column) => column.notNull())
    .addPrimaryKeyConstraint('removal_key', ['person_id', 'room_id'])
    .modifyEnd(tableOptions)
    .execute();
  // A room is deleted with its rows.
  await schema.createIndex('removal_of_room').on('removal').column('room_id').execute();
}
