/**
 * Sessions in chat.sqlite. Each new session deletes the expired ones.
 */
import type { StatementSync } from 'node:sqlite';
import type { Session, SessionStore } from '../accounts/session.ts';
import type { RowStatement, SqliteDatabase } from './sqlite-database.ts';

export class SqliteSessions implements SessionStore {
  readonly #now: () => number;
  readonly #add: StatementSync;
  readonly #find: RowStatement<Session>;
  readonly #extend: StatementSync;
  readonly #delete: StatementSync;
  readonly #deleteEnded: StatementSync;
  readonly #deleteFirst: RowStatement<{ readonly id: string }>;
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase, now: () => number) {
    this.#database = database;
    this.#now = now;
    this.#add = database.prepare('INSERT INTO session (id, person_id, expires_at) VALUES (?, ?, ?)');
    this.#find = database.prepareRows(
      'SELECT id, person_id AS personId, expires_at AS expiresAt FROM session WHERE id = ? AND expires_at > ?',
    );
    this.#extend = database.prepare('UPDATE session SET expires_at = ? WHERE id = ?');
    this.#delete = database.prepare('DELETE FROM session WHERE id = ?');
    this.#deleteEnded = database.prepare('DELETE FROM session WHERE expires_at <= ?');
    this.#deleteFirst = database.prepareRows(
      `DELETE FROM session WHERE id IN (
         SELECT id FROM session WHERE person_id = ? AND id <> ? ORDER BY expires_at DESC LIMIT -1 OFFSET ?
       ) RETURNING id`,
    );
  }

  async add({ id, personId, expiresAt }: Session, most: number): Promise<string[]> {
    return this.#database.transaction(() => {
      this.#deleteEnded.run(this.#now());
      this.#add.run(id, personId, expiresAt);
      if (most === Infinity) return [];
      return this.#deleteFirst.all(personId, id, most - 1).map((row) => row.id);
    });
  }

  async find(id: string): Promise<Session | undefined> {
    return this.#find.get(id, this.#now());
  }

  async extend(id: string, expiresAt: number): Promise<void> {
    this.#extend.run(expiresAt, id);
  }

  async delete(id: string): Promise<boolean> {
    return this.#delete.run(id).changes === 1;
  }

  async living(ids: readonly string[]): Promise<Set<string>> {
    const now = this.#now();
    return new Set(ids.filter((id) => this.#find.get(id, now) !== undefined));
  }
}
