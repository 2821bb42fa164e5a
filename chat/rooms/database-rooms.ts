/**
 * Rooms and memberships in the database: rows of `room` and `member`. database/tables.ts describes the columns.
 * Changes of the list run one at a time: each locks the count of changes first. It is the version of the list on all servers.
 */
import type { Selectable, SelectQueryBuilder } from 'kysely';
import type { ChatDatabase, Step } from '../database/database.ts';
import { locking } from '../database/row-lock.ts';
import type { RoomTable, Tables } from '../database/tables.ts';
import { pinyinForms } from '../pinyin/pinyin.ts';
import { countListChange, lockList, readListVersion } from './list-version.ts';
import type { AddedRoom, ChatRoom, RoomBounds, RoomStore } from './room.ts';

const columns = ['id', 'name', 'nameKey', 'madeBy', 'madeAt'] as const;

/** A {@link RoomStore} in the database. */
export class DatabaseRooms implements RoomStore {
  readonly #database: ChatDatabase;
  readonly #tables: Step;

  constructor(database: ChatDatabase) {
    this.#database = database;
    this.#tables = database.tables;
  }

  add(room: ChatRoom, { most, maxOfPerson, since }: RoomBounds): Promise<AddedRoom> {
    const { id, name, nameKey, madeBy, madeAt } = room;
    return this.changeList(async (step, count) => {
      const all = step.selectFrom('room').where('kind', 'in', ['public', 'private']);
      if ((await countOf(all)) >= most) return 'tooMany';
      const own = all.where('madeBy', '=', madeBy).where('madeAt', '>', since);
      if ((await countOf(own)) >= maxOfPerson) return 'tooManyOfPerson';
      const added = await step
        .insertInto('room')
        .values({ ...pinyinForms(name, 'room'), id, kind: 'public', name, nameKey, madeBy, madeAt })
        .onConflict((conflict) => conflict.column('nameKey').doNothing())
        .executeTakeFirst();
      if (added.numInsertedOrUpdatedRows !== 1n) return 'nameTaken';
      await step
        .insertInto('member')
        .values({ roomId: id, personId: madeBy, role: 'owner', joinedAt: madeAt })
        .execute();
      await count();
      return 'added';
    });
  }

  async find(id: string): Promise<ChatRoom | undefined> {
    return toRoom(await this.#shown().where('id', '=', id).executeTakeFirst());
  }

  async list(): Promise<ChatRoom[]> {
    return (await this.#shown().orderBy('madeAt').orderBy('id').execute()).flatMap((row) => toRoom(row) ?? []);
  }

  async version(): Promise<string> {
    return readListVersion(this.#tables);
  }

  async join(roomId: string, personId: string): Promise<'joined' | 'alreadyIn' | 'unknown'> {
    return this.#tables.transaction().execute(async (step) => {
      const room = await locking(
        this.#database.kind,
        step
          .selectFrom('room')
          .select(['madeBy', 'kept', 'topSeq'])
          .where('id', '=', roomId)
          .where('hidden', '=', 0)
          .where('kind', '<>', 'lobby'),
      ).executeTakeFirst();
      if (room === undefined) return 'unknown';
      const joined = await step
        .insertInto('member')
        // Earlier messages are not unread.
        .values({ roomId, personId, joinedAt: Date.now(), readSeq: room.topSeq })
        .onConflict((conflict) => conflict.columns(['personId', 'roomId']).doNothing())
        .executeTakeFirst();
      if (joined.numInsertedOrUpdatedRows !== 1n) return 'alreadyIn';
      if (room.kept === 0 && room.madeBy !== personId) {
        await step.updateTable('room').set({ kept: 1 }).where('id', '=', roomId).execute();
      }
      return 'joined';
    });
  }

  async leave(roomId: string, personId: string): Promise<boolean> {
    const { numDeletedRows } = await this.#tables
      .deleteFrom('member')
      .where('personId', '=', personId)
      .where('roomId', '=', roomId)
      .executeTakeFirst();
    return numDeletedRows === 1n;
  }

  async isMember(roomId: string, personId: string): Promise<boolean> {
    const member = await this.#tables
      .selectFrom('member')
      .select('role')
      .where('personId', '=', personId)
      .where('roomId', '=', roomId)
      .executeTakeFirst();
    return member !== undefined;
  }

  async roomsOf(personId: string): Promise<Set<string>> {
    const rows = await this.#tables.selectFrom('member').select('roomId').where('personId', '=', personId).execute();
    return new Set(rows.map(({ roomId }) => roomId));
  }

  async unjoined(madeBefore: number, most: number): Promise<ChatRoom[]> {
    const rows = await this.#tables
      .selectFrom('room')
      .select(columns)
      .where('kept', '=', 0)
      .where('kind', '=', 'public')
      .where('madeAt', '<', madeBefore)
      .orderBy('madeAt')
      .orderBy('id')
      .limit(most)
      .execute();
    return rows.flatMap((row) => toRoom(row) ?? []);
  }

  hide(id: string): Promise<boolean> {
    return this.changeList(async (step, count) => {
      const { numUpdatedRows } = await step
        .updateTable('room')
        .set({ hidden: 1 })
        .where('id', '=', id)
        .where('kept', '=', 0)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) return false;
      await count();
      return true;
    });
  }

  async remove({ id }: ChatRoom): Promise<boolean> {
    // The foreign keys delete what belongs to the room.
    const { numDeletedRows } = await this.#tables
      .deleteFrom('room')
      .where('id', '=', id)
      .where('hidden', '=', 1)
      .executeTakeFirst();
    return numDeletedRows === 1n;
  }

  keep(id: string): Promise<void> {
    return this.changeList(async (step, count) => {
      const shown = await step
        .updateTable('room')
        .set({ hidden: 0 })
        .where('id', '=', id)
        .where('hidden', '=', 1)
        .executeTakeFirst();
      await step.updateTable('room').set({ kept: 1 }).where('id', '=', id).execute();
      if (shown.numUpdatedRows > 0n) await count();
    });
  }

  /**
   * Runs a transaction that may change the list of rooms, after all others.
   *
   * @param change - Calls `count` if the list changed; caches of the list end with the transaction.
   */
  changeList<Result>(change: (step: Step, count: () => Promise<void>) => Promise<Result>): Promise<Result> {
    return this.#tables.transaction().execute(async (step) => {
      await lockList(step, this.#database.kind);
      return change(step, () => countListChange(step));
    });
  }

  #shown(): SelectQueryBuilder<Tables, 'room', RoomRow> {
    return this.#tables.selectFrom('room').select(columns).where('hidden', '=', 0).where('kind', '=', 'public');
  }
}

type RoomRow = Pick<Selectable<RoomTable>, (typeof columns)[number]>;

function toRoom(row: RoomRow | undefined): ChatRoom | undefined {
  return row && { ...row, nameKey: row.nameKey ?? '' };
}

async function countOf(rooms: SelectQueryBuilder<Tables, 'room', object>): Promise<number> {
  const { count } = await rooms.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
  return count;
}
