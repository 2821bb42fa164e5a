/**
 * Changes of a room in the database: name, topic, archive and deletion. No rights are checked here: room-access.ts has them.
 */
import type { ChatDatabase } from '../database/database.ts';
import { isOfUniqueKey } from '../database/database-errors.ts';
import { roomColumns, type KnownRoom } from './room-access.ts';
import { removedAtOnce } from './room-bounds.ts';
import type { StoredName } from './room.ts';

/** Properties of a room to change. */
export interface RoomChange {
  readonly name?: StoredName;
  readonly topic?: string;
}

export class RoomChanges {
  readonly #database: ChatDatabase;
  readonly #now: () => number;

  constructor(database: ChatDatabase, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /** Changes a room. @returns `taken` if another room has the name, `gone` if the room is. */
  async change(roomId: string, { name, topic }: RoomChange): Promise<'changed' | 'taken' | 'gone'> {
    const values = { ...name, ...(topic === undefined ? {} : { topic }) };
    if (Object.keys(values).length === 0) return 'changed';
    try {
      const { numUpdatedRows } = await this.#database.tables
        .updateTable('room')
        .set(values)
        .where('id', '=', roomId)
        .where('hidden', '=', 0)
        .executeTakeFirst();
      return numUpdatedRows === 0n ? 'gone' : 'changed';
    } catch (error) {
      if (name && isOfUniqueKey(error)) return 'taken';
      throw error;
    }
  }

  /** Archives a room, or ends that. Its name stays taken. @returns When it was archived; undefined if the room is gone. */
  async archive(roomId: string, isArchived: boolean): Promise<number | null | undefined> {
    const row = await this.#database.tables
      .updateTable('room')
      .set(({ fn, val }) => ({ archivedAt: isArchived ? fn.coalesce('archivedAt', val(this.#now())) : null }))
      .where('id', '=', roomId)
      .where('hidden', '=', 0)
      .where('kind', 'in', ['public', 'private'])
      .returning('archivedAt')
      .executeTakeFirst();
    return row?.archivedAt;
  }

  /** Marks a room as deleted: nobody finds it again, and its name is free. @returns Whether it existed. */
  async markDeleted(roomId: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#database.tables
      .updateTable('room')
      .set({ hidden: 1, kept: 1, nameKey: null, peopleKey: null, deletedAt: this.#now() })
      .where('id', '=', roomId)
      .where('hidden', '=', 0)
      .where('kind', 'in', ['public', 'private'])
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** Ids of rooms that are marked as deleted and still have rows. */
  async deleted(most: number): Promise<string[]> {
    const rows = await this.#database.tables
      .selectFrom('room')
      .select('id')
      .where('deletedAt', 'is not', null)
      .orderBy('deletedAt')
      .limit(most)
      .execute();
    return rows.map(({ id }) => id);
  }

  /** What the pages show of a room; undefined if it is gone. */
  async find(roomId: string): Promise<KnownRoom | undefined> {
    return this.#database.tables
      .selectFrom('room')
      .select(roomColumns)
      .where('id', '=', roomId)
      .where('hidden', '=', 0)
      .executeTakeFirst();
  }

  /**
   * Removes some rows of a deleted room: first messages with their reactions and mentions, then members, at last the room itself. Repeat it
   * until it is done. A step is small, so that it delays nobody.
   *
   * @returns Whether the room is gone.
   */
  async removeSome(roomId: string): Promise<boolean> {
    const { tables } = this.#database;
    const oldest = tables.selectFrom('message').select('seq').where('roomId', '=', roomId).orderBy('seq');
    const messages = await tables
      .deleteFrom('message')
      .where('roomId', '=', roomId)
      .where('seq', 'in', oldest.limit(removedAtOnce))
      .executeTakeFirst();
    if (messages.numDeletedRows > 0n) return false;
    const some = tables.selectFrom('member').select('personId').where('roomId', '=', roomId).limit(removedAtOnce);
    const members = await tables
      .deleteFrom('member')
      .where('roomId', '=', roomId)
      .where('personId', 'in', some)
      .executeTakeFirst();
    if (members.numDeletedRows > 0n) return false;
    await tables.deleteFrom('room').where('id', '=', roomId).where('deletedAt', 'is not', null).execute();
    return true;
  }
}
