/**
 * The sessions of people, and the number of changes of the list of rooms. accounts/database-sessions.ts describes the columns.
 */
import { sql, type Kysely } from 'kysely';
import type { ColumnTypes } from '../column-types.ts';

export async function createSessions(
  database: Kysely<unknown>,
  { integer, text, tableOptions }: ColumnTypes,
): Promise<void> {
  const { schema } = database;
  await schema
    .createTable('session')
    .addColumn('id', text, (column) => column.notNull().primaryKey())
    .addColumn('person_id', text)
    .addColumn('created_at', integer, (column) => column.notNull())
    .addColumn('seen_at', integer, (column) => column.notNull())
    .addColumn('expires_at', integer, (column) => column.notNull())
    .modifyEnd(tableOptions)
    .execute();
  await schema.createIndex('session_of_person').on('session').columns(['person_id', 'seen_at']).execute();
  await schema.createIndex('session_by_end').on('session').column('expires_at').execute();
  await schema
    .createTable('session_value')
    .addColumn('session_id', text, (column) =>
      column.notNull().references('session.id').onDelete('cascade').onUpdate('cascade'),
    )
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('text', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('session_value_key', ['session_id', 'name'])
    .modifyEnd(tableOptions)
    .execute();
  await sql`INSERT INTO setting (name, value) VALUES ('room-changes', '0')`.execute(database);
}
