/**
 * Rooms and memberships in chat.sqlite, tables `room` and `member`. store/sqlite-schema.ts defines the tables.
 * Columns of `room`: `kept` is 0 while the room is unjoined (see {@link RoomStore}), and `hidden` is 1 while the room is being
 * removed.
 */
import type { StatementSync } from 'node:sqlite';
import type { AddedRoom, ChatRoom, RoomBounds, RoomStore } from '../rooms/room.ts';
import type { RowStatement, SqliteDatabase } from './sqlite-database.ts';

const columns = 'id, name, name_key AS nameKey, made_by AS madeBy, made_at AS madeAt';

interface CountRow {
  readonly count: number;
}

/** A {@link RoomStore} in SQLite. */
export class SqliteRooms implements RoomStore {
  readonly #database: SqliteDatabase;
  readonly #count: RowStatement<CountRow>;
  readonly #countOfPerson: RowStatement<CountRow>;
  readonly #add: StatementSync;
  readonly #find: RowStatement<ChatRoom>;
  readonly #list: RowStatement<ChatRoom>;
  readonly #join: StatementSync;
  /** Ends the loneliness of a room when the joining person is not its maker. */
  readonly #keepFor: StatementSync;
  readonly #leave: StatementSync;
  readonly #isMember: RowStatement<object>;
  readonly #roomsOf: RowStatement<{ readonly id: string }>;
  /** Rooms that nobody joined except their makers, candidates for removal. */
  readonly #unjoined: RowStatement<ChatRoom>;
  /** Hides a room, unless a person joined it meanwhile. */
  readonly #hide: StatementSync;
  readonly #remove: StatementSync;
  readonly #keep: StatementSync;
  /** Number of changes of the list. It is in memory, because only one server has the file open. */
  #version = 0;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#count = database.prepareRows('SELECT count(*) AS count FROM room');
    this.#countOfPerson = database.prepareRows('SELECT count(*) AS count FROM room WHERE made_by = ? AND made_at > ?');
    this.#add = database.prepare(
      `INSERT INTO room (id, name, name_key, made_by, made_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name_key) DO NOTHING`,
    );
    this.#find = database.prepareRows(`SELECT ${columns} FROM room WHERE id = ? AND hidden = 0`);
    this.#list = database.prepareRows(`SELECT ${columns} FROM room WHERE hidden = 0 ORDER BY made_at, id`);
    this.#join = database.prepare(
      `INSERT INTO member (person_id, room_id) SELECT ?, id FROM room WHERE id = ? AND hidden = 0 ON CONFLICT DO NOTHING`,
    );
    this.#keepFor = database.prepare('UPDATE room SET kept = 1 WHERE id = ? AND made_by <> ? AND kept = 0');
    this.#leave = database.prepare('DELETE FROM member WHERE person_id = ? AND room_id = ?');
    this.#isMember = database.prepareRows('SELECT 1 FROM member WHERE person_id = ? AND room_id = ?');
    this.#roomsOf = database.prepareRows('SELECT room_id AS id FROM member WHERE person_id = ?');
    this.#unjoined = database.prepareRows(
      `SELECT ${columns} FROM room WHERE kept = 0 AND made_at < ? ORDER BY made_at, id LIMIT ?`,
    );
    this.#hide = database.prepare('UPDATE room SET hidden = 1 WHERE id = ? AND kept = 0');
    // The foreign key deletes the memberships too.
    this.#remove = database.prepare('DELETE FROM room WHERE id = ? AND hidden = 1');
    this.#keep = database.prepare('UPDATE room SET kept = 1, hidden = 0 WHERE id = ?');
  }

  async add({ id, name, nameKey, madeBy, madeAt }: ChatRoom, bounds: RoomBounds): Promise<AddedRoom> {
    return this.#database.transaction(() => {
      if (countOf(this.#count.get()) >= bounds.most) return 'tooMany';
      if (countOf(this.#countOfPerson.get(madeBy, bounds.since)) >= bounds.maxOfPerson) return 'tooManyOfPerson';
      if (this.#add.run(id, name, nameKey, madeBy, madeAt).changes === 0) return 'nameTaken';
      this.#join.run(madeBy, id);
      this.#version++;
      return 'added';
    });
  }

  async find(id: string): Promise<ChatRoom | undefined> {
    return this.#find.get(id);
  }

  async list(): Promise<ChatRoom[]> {
    return this.#list.all();
  }

  async version(): Promise<string> {
    return String(this.#version);
  }

  async join(roomId: string, personId: string): Promise<'joined' | 'alreadyIn' | 'unknown'> {
    return this.#database.transaction(() => {
      if (this.#join.run(personId, roomId).changes === 0) return this.#find.get(roomId) ? 'alreadyIn' : 'unknown';
      this.#keepFor.run(roomId, personId);
      return 'joined';
    });
  }

  async leave(roomId: string, personId: string): Promise<boolean> {
    return this.#leave.run(personId, roomId).changes === 1;
  }

  async isMember(roomId: string, personId: string): Promise<boolean> {
    return this.#isMember.get(personId, roomId) !== undefined;
  }

  async roomsOf(personId: string): Promise<Set<string>> {
    return new Set(this.#roomsOf.all(personId).map((row) => row.id));
  }

  async unjoined(madeBefore: number, most: number): Promise<ChatRoom[]> {
    return this.#unjoined.all(madeBefore, most);
  }

  async hide(id: string): Promise<boolean> {
    this.#version++;
    return this.#hide.run(id).changes === 1;
  }

  async remove({ id }: ChatRoom): Promise<boolean> {
    return this.#remove.run(id).changes === 1;
  }

  async keep(id: string): Promise<void> {
    this.#keep.run(id);
    this.#version++;
  }
}

/** `SELECT count(*)` always returns a row. */
function countOf(row: CountRow | undefined): number {
  return row?.count ?? 0;
}
