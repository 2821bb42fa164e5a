/**
 * Rooms that people make, in the database: rows of `room`, with the membership of the maker. database/tables.ts describes the columns.
 */
import type { Selectable, SelectQueryBuilder } from 'kysely';
import type { ChatDatabase, Step } from '../database/database.ts';
import { locking } from '../database/row-lock.ts';
import type { RoomTable, Tables } from '../database/tables.ts';
import { pinyinForms } from '../pinyin/pinyin.ts';
import { lockList } from './list-lock.ts';
import { maxRoomsOfPerson } from './room-bounds.ts';
import type { AddedRoom, ChatRoom, RoomBounds, RoomStore } from './room.ts';
import { isShownToMember } from './shown-rooms.ts';

const columns = ['id', 'kind', 'name', 'nameKey', 'topic', 'madeBy', 'madeAt'] as const;

/** A {@link RoomStore} in the database. */
export class DatabaseRooms implements RoomStore {
  readonly #database: ChatDatabase;
  readonly #tables: Step;

  constructor(database: ChatDatabase) {
    this.#database = database;
    this.#tables = database.tables;
  }

  add(room: ChatRoom, { most, maxOfPerson, since }: RoomBounds): Promise<AddedRoom> {
    const { id, name, nameKey, madeBy, madeAt, kind = 'public', topic = '' } = room;
    return this.#inTurn(async (step) => {
      // A change to a guest comes before, or hands the room over.
      const person = step.selectFrom('person').select('role').where('id', '=', madeBy);
      const maker = await locking(this.#database.kind, person).executeTakeFirst();
      if (maker?.role === 'guest') return 'guest';
      const own = step
        .selectFrom('member')
        .innerJoin('room', 'room.id', 'member.roomId')
        .where('member.personId', '=', madeBy)
        .where(isShownToMember);
      if ((await countOf(own)) >= maxRoomsOfPerson) return 'tooManyOfMember';
      const all = step.selectFrom('room').where('kind', 'in', ['public', 'private']);
      if ((await countOf(all)) >= most) return 'tooMany';
      const made = all.where('madeBy', '=', madeBy).where('madeAt', '>', since);
      if ((await countOf(made)) >= maxOfPerson) return 'tooManyOfPerson';
      const added = await step
        .insertInto('room')
        .values({ ...pinyinForms(name, 'room'), id, kind, name, nameKey, topic, madeBy, madeAt })
        .onConflict((conflict) => conflict.column('nameKey').doNothing())
        .executeTakeFirst();
      if (added.numInsertedOrUpdatedRows !== 1n) return 'nameTaken';
      await step
        .insertInto('member')
        .values({ roomId: id, personId: madeBy, role: 'owner', joinedAt: madeAt })
        .execute();
      return 'added';
    });
  }

  async unjoined(madeBefore: number, most: number): Promise<ChatRoom[]> {
    const rows = await this.#tables
      .selectFrom('room')
      .select(columns)
      .where('kept', '=', 0)
      .where('kind', 'in', ['public', 'private'])
      .where('madeAt', '<', madeBefore)
      .orderBy('madeAt')
      .orderBy('id')
      .limit(most)
      .execute();
    return rows.map(toRoom);
  }

  async hide(id: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#tables
      .updateTable('room')
      .set({ hidden: 1 })
      .where('id', '=', id)
      .where('kept', '=', 0)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  async remove({ id }: Pick<ChatRoom, 'id'>): Promise<boolean> {
    // The foreign keys delete what belongs to the room.
    const { numDeletedRows } = await this.#tables
      .deleteFrom('room')
      .where('id', '=', id)
      .where('hidden', '=', 1)
      .where('deletedAt', 'is', null)
      .executeTakeFirst();
    return numDeletedRows === 1n;
  }

  async keep(id: string): Promise<void> {
    await this.#tables
      .updateTable('room')
      .set({ kept: 1, hidden: 0 })
      .where('id', '=', id)
      .where('deletedAt', 'is', null)
      .execute();
  }

  /** Runs a transaction that counts rooms after all others of its kind. */
  #inTurn<Result>(run: (step: Step) => Promise<Result>): Promise<Result> {
    return this.#tables.transaction().execute(async (step) => {
      await lockList(step, this.#database.kind);
      return run(step);
    });
  }
}

type RoomRow = Pick<Selectable<RoomTable>, (typeof columns)[number]>;

function toRoom(row: RoomRow): ChatRoom {
  return { ...row, nameKey: row.nameKey ?? '', kind: row.kind === 'private' ? 'private' : 'public' };
}

async function countOf<Table extends 'room' | 'member'>(
  rows: SelectQueryBuilder<Tables, Table, object>,
): Promise<number> {
  const { count } = await rows.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
  return count;
}
