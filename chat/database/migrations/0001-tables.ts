/**
 * The first tables: people, rooms, all messages, and what belongs to them. tables.ts describes the columns.
 */
import { sql, type ColumnDefinitionBuilder, type Kysely } from 'kysely';
import type { ColumnTypes } from '../column-types.ts';

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull();
const zero = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull().defaultTo(0);
const empty = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull().defaultTo('');
const key = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull().primaryKey();
/** Deleted with the row that it refers to. */
const of =
  (reference: string) =>
  (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
    column.notNull().references(reference).onDelete('cascade');

export async function createTables(
  database: Kysely<unknown>,
  { integer, text, bytes, serial, tableOptions }: ColumnTypes,
): Promise<void> {
  const { schema } = database;
  await schema
    .createTable('person')
    .addColumn('id', text, key)
    .addColumn('name', text, required)
    .addColumn('name_key', text, (column) => column.notNull().unique())
    .addColumn('password_hash', text, required)
    .addColumn('role', text, (column) => column.notNull().defaultTo('member'))
    .addColumn('pinyin', text, empty)
    .addColumn('pinyin_initials', text, empty)
    .addColumn('created_at', integer, required)
    .addColumn('deactivated_at', integer)
    .addColumn('deleted_at', integer)
    .addColumn('language', text)
    .addColumn('theme', text)
    .addColumn('time_zone', text)
    .addColumn('send_key', text)
    .addColumn('room_order', text)
    .addColumn('picture_hash', text)
    .modifyEnd(tableOptions)
    .execute();
  await schema
    .createTable('picture')
    .addColumn('person_id', text, (column) => of('person.id')(column).primaryKey())
    .addColumn('type', text, required)
    .addColumn('bytes', bytes, required)
    .modifyEnd(tableOptions)
    .execute();
  await schema
    .createTable('room')
    .addColumn('id', text, key)
    .addColumn('kind', text, required)
    .addColumn('name', text, required)
    .addColumn('name_key', text, (column) => column.unique())
    .addColumn('topic', text, empty)
    .addColumn('people_key', text, (column) => column.unique())
    .addColumn('pinyin', text, empty)
    .addColumn('pinyin_initials', text, empty)
    .addColumn('made_by', text, required)
    .addColumn('made_at', integer, required)
    .addColumn('archived_at', integer)
    .addColumn('kept', integer, zero)
    .addColumn('hidden', integer, zero)
    .addColumn('top_seq', integer, zero)
    .addColumn('last_at', integer)
    .modifyEnd(tableOptions)
    .execute();
  await schema.createIndex('room_by_maker').on('room').columns(['made_by', 'made_at']).execute();
  await schema.createIndex('room_unjoined').on('room').columns(['kept', 'made_at']).execute();
  await schema
    .createTable('member')
    .addColumn('room_id', text, of('room.id'))
    .addColumn('person_id', text, of('person.id'))
    .addColumn('role', text, (column) => column.notNull().defaultTo('member'))
    .addColumn('joined_at', integer, required)
    .addColumn('read_seq', integer, zero)
    .addColumn('muted_until', integer)
    .addPrimaryKeyConstraint('member_key', ['person_id', 'room_id'])
    .modifyEnd(tableOptions)
    .execute();
  await schema.createIndex('member_by_room').on('member').column('room_id').execute();
  await schema
    .createTable('message')
    .addColumn('room_id', text, of('room.id'))
    .addColumn('seq', integer, required)
    .addColumn('author_id', text, required)
    .addColumn('message_id', text, required)
    .addColumn('text', text, required)
    .addColumn('sent_at', integer, required)
    .addColumn('change', integer, zero)
    .addColumn('pending', integer, zero)
    .addColumn('edited_at', integer)
    .addColumn('deleted_at', integer)
    .addColumn('deleted_by', text)
    .addColumn('reply_to', integer)
    .addColumn('mentions', text)
    .addColumn('pinned_at', integer)
    .addColumn('pinned_by', text)
    .addColumn('epoch', text, required)
    .addColumn('stream_offset', integer, required)
    .addPrimaryKeyConstraint('message_key', ['room_id', 'seq'])
    .addUniqueConstraint('message_sent_once', ['room_id', 'author_id', 'message_id'])
    .modifyEnd(tableOptions)
    .execute();
  await schema.createIndex('message_pending').on('message').column('pending').where('pending', '=', 1).execute();
  await schema.createIndex('message_by_time').on('message').column('sent_at').execute();
  await schema
    .createIndex('message_pinned')
    .on('message')
    .columns(['room_id', 'pinned_at'])
    .where('pinned_at', 'is not', null)
    .execute();
  await schema
    .createTable('segment')
    .addColumn('room_id', text, of('room.id'))
    .addColumn('epoch', text, required)
    .addColumn('first_offset', integer, required)
    .addColumn('delta', integer, required)
    .addPrimaryKeyConstraint('segment_key', ['room_id', 'epoch', 'first_offset'])
    .modifyEnd(tableOptions)
    .execute();
  await schema
    .createTable('reaction')
    .addColumn('room_id', text, required)
    .addColumn('seq', integer, required)
    .addColumn('person_id', text, of('person.id'))
    .addColumn('emoji', text, required)
    .addColumn('made_at', integer, required)
    .addPrimaryKeyConstraint('reaction_key', ['room_id', 'seq', 'emoji', 'person_id'])
    .addForeignKeyConstraint('reaction_message', ['room_id', 'seq'], 'message', ['room_id', 'seq'], (constraint) =>
      constraint.onDelete('cascade'),
    )
    .modifyEnd(tableOptions)
    .execute();
  await schema
    .createTable('mention')
    .addColumn('person_id', text, of('person.id'))
    .addColumn('room_id', text, required)
    .addColumn('seq', integer, required)
    .addColumn('sent_at', integer, required)
    .addPrimaryKeyConstraint('mention_key', ['person_id', 'room_id', 'seq'])
    .addForeignKeyConstraint('mention_message', ['room_id', 'seq'], 'message', ['room_id', 'seq'], (constraint) =>
      constraint.onDelete('cascade'),
    )
    .modifyEnd(tableOptions)
    .execute();
  await schema.createIndex('mention_by_time').on('mention').columns(['person_id', 'sent_at']).execute();
  await schema.createIndex('mention_by_message').on('mention').columns(['room_id', 'seq']).execute();
  await schema
    .createTable('invite')
    .addColumn('id', text, key)
    .addColumn('token_hash', text, (column) => column.notNull().unique())
    .addColumn('made_by', text, required)
    .addColumn('made_at', integer, required)
    .addColumn('expires_at', integer)
    .addColumn('max_uses', integer)
    .addColumn('uses', integer, zero)
    .addColumn('role', text, required)
    .addColumn('revoked_at', integer)
    .modifyEnd(tableOptions)
    .execute();
  await schema
    .createTable('invite_room')
    .addColumn('invite_id', text, of('invite.id'))
    .addColumn('room_id', text, of('room.id'))
    .addPrimaryKeyConstraint('invite_room_key', ['invite_id', 'room_id'])
    .modifyEnd(tableOptions)
    .execute();
  await schema
    .createTable('sign_in_link')
    .addColumn('token_hash', text, key)
    .addColumn('person_id', text, of('person.id'))
    .addColumn('made_by', text, required)
    .addColumn('expires_at', integer, required)
    .addColumn('used_at', integer)
    .modifyEnd(tableOptions)
    .execute();
  await schema
    .createTable('audit')
    .addColumn('id', serial)
    .addColumn('at', integer, required)
    .addColumn('actor_id', text)
    .addColumn('action', text, required)
    .addColumn('target', text)
    .addColumn('details', text, required)
    .modifyEnd(tableOptions)
    .execute();
  await schema
    .createTable('setting')
    .addColumn('name', text, key)
    .addColumn('value', text, required)
    .modifyEnd(tableOptions)
    .execute();
  // The room of everybody. Each page translates its name.
  await sql`INSERT INTO room (id, kind, name, made_by, made_at, kept) VALUES ('lobby', 'lobby', '', '', 0, 1)`.execute(
    database,
  );
}
