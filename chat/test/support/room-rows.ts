/** Rooms and memberships of a database, as tests of stores look at them. */
import type { ChatDatabase } from '../../database/database.ts';
import { Members } from '../../rooms/members.ts';

/** What a test asks about rooms. */
export class RoomRows {
  readonly #database: ChatDatabase;
  readonly #members: Members;

  constructor(database: ChatDatabase) {
    this.#database = database;
    this.#members = new Members(database);
  }

  /** Whether people can find a room. */
  async has(roomId: string): Promise<boolean> {
    return (await this.list()).includes(roomId);
  }

  /** Ids of the rooms that people can find, except the lobby. */
  async list(): Promise<string[]> {
    const rows = await this.#database.tables
      .selectFrom('room')
      .select('id')
      .where('hidden', '=', 0)
      .where('kind', '<>', 'lobby')
      .execute();
    return rows.map(({ id }) => id);
  }

  async isMember(roomId: string, personId: string): Promise<boolean> {
    return (await this.#members.ids(roomId)).includes(personId);
  }

  async join(roomId: string, personId: string): Promise<'joined' | 'alreadyIn' | 'unknown'> {
    const added = await this.#members.add(roomId, [personId], personId);
    if (added === undefined) return 'unknown';
    return added.length > 0 ? 'joined' : 'alreadyIn';
  }

  async leave(roomId: string, personId: string): Promise<boolean> {
    return (await this.#members.remove(roomId, personId)).wasMember;
  }
}
