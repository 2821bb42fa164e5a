/**
 * The form of a name that is the same for all names that look alike. names/name-forms.ts fills it.
 */
import { sql, type Kysely } from 'kysely';
import type { ColumnTypes } from '../column-types.ts';

export async function addNameSkeletons({ schema }: Kysely<unknown>, { text }: ColumnTypes): Promise<void> {
  await schema
    .alterTable('person')
    .addColumn('name_skeleton', text, (column) => column.notNull().defaultTo(sql`''`))
    .execute();
  await schema.createIndex('person_by_skeleton').on('person').column('name_skeleton').execute();
}
