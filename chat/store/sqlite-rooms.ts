/**
 * Rooms and memberships in chat.sqlite.
 */
import type { StatementSync } from 'node:sqlite';
import type { ChatRoom, RoomStore } from '../rooms/room.ts';
import type { SqliteDatabase } from './sqlite-database.ts';

const columns = 'id, name, name_key AS nameKey, made_by AS madeBy, made_at AS madeAt';

export class SqliteRooms implements RoomStore {
  readonly #database: SqliteDatabase;
  readonly #add: StatementSync;
  readonly #find: StatementSync;
  readonly #list: StatementSync;
  readonly #join: StatementSync;
  readonly #leave: StatementSync;
  readonly #isMember: StatementSync;
  readonly #roomsOf: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#add = database.prepare(
      `INSERT INTO room (id, name, name_key, made_by, made_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name_key) DO NOTHING`,
    );
    this.#find = database.prepare(`SELECT ${columns} FROM room WHERE id = ?`);
    this.#list = database.prepare(`SELECT ${columns} FROM room ORDER BY made_at, id`);
    this.#join = database.prepare('INSERT INTO member (person_id, room_id) VALUES (?, ?) ON CONFLICT DO NOTHING');
    this.#leave = database.prepare('DELETE FROM member WHERE person_id = ? AND room_id = ?');
    this.#isMember = database.prepare('SELECT 1 FROM member WHERE person_id = ? AND room_id = ?');
    this.#roomsOf = database.prepare('SELECT room_id AS id FROM member WHERE person_id = ?');
  }

  async add({ id, name, nameKey, madeBy, madeAt }: ChatRoom): Promise<boolean> {
    return this.#database.transaction(() => {
      const added = this.#add.run(id, name, nameKey, madeBy, madeAt).changes === 1;
      if (added) this.#join.run(madeBy, id);
      return added;
    });
  }

  async find(id: string): Promise<ChatRoom | undefined> {
    return this.#find.get(id) as ChatRoom | undefined;
  }

  async list(): Promise<ChatRoom[]> {
    return this.#list.all() as unknown as ChatRoom[];
  }

  async join(roomId: string, personId: string): Promise<boolean> {
    return this.#join.run(personId, roomId).changes === 1;
  }

  async leave(roomId: string, personId: string): Promise<boolean> {
    return this.#leave.run(personId, roomId).changes === 1;
  }

  async isMember(roomId: string, personId: string): Promise<boolean> {
    return this.#isMember.get(personId, roomId) !== undefined;
  }

  async roomsOf(personId: string): Promise<Set<string>> {
    return new Set((this.#roomsOf.all(personId) as { id: string }[]).map((row) => row.id));
  }
}
