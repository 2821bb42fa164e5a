/**
 * Who was removed from a room by somebody else, and when: an older invite does not bring them back. Earlier removals are in the log of
 * administration.
 */
import { sql, type Kysely } from 'kysely';
import type { ColumnTypes } from '../column-types.ts';

export async function addRemovals(
  database: Kysely<unknown>,
  { integer, text, tableOptions }: ColumnTypes,
): Promise<void> {
  const { schema } = database;
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
  await fillFromLog(database);
}

async function fillFromLog(database: Kysely<unknown>): Promise<void> {
  interface Entry {
    readonly id: number;
    readonly at: number;
    readonly target: string | null;
    readonly details: string;
  }
  for (let after = 0; ;) {
    const { rows } = await sql<Entry>`SELECT id, at, target, details FROM audit
      WHERE action = 'room.remove-person' AND id > ${after} ORDER BY id LIMIT 500`.execute(database);
    for (const { at, target, details } of rows) {
      const { person } = JSON.parse(details) as { readonly person?: string };
      if (person === undefined || target === null) continue;
      // Of several removals the last one counts. A member was added again.
      await sql`INSERT INTO removal (person_id, room_id, removed_at)
        SELECT person.id, room.id, CAST(${at} AS bigint) FROM person, room WHERE person.id = ${person} AND room.id = ${target}
          AND NOT EXISTS (SELECT 1 FROM member WHERE member.person_id = person.id AND member.room_id = room.id)
        ON CONFLICT (person_id, room_id) DO UPDATE SET removed_at = excluded.removed_at`.execute(database);
    }
    const last = rows.at(-1);
    if (rows.length < 500 || last === undefined) return;
    after = last.id;
  }
}
