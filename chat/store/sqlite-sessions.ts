/**
 * Sessions in chat.sqlite. Those that ran out are deleted whenever one begins.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Session, SessionStore } from '../accounts/session.ts';

export class SqliteSessions implements SessionStore {
  readonly #now: () => number;
  readonly #add: StatementSync;
  readonly #find: StatementSync;
  readonly #extend: StatementSync;
  readonly #delete: StatementSync;
  readonly #deleteEnded: StatementSync;

  constructor(database: DatabaseSync, now: () => number) {
    this.#now = now;
    this.#add = database.prepare('INSERT INTO session (id, person_id, expires_at) VALUES (?, ?, ?)');
    this.#find = database.prepare(
      'SELECT id, person_id AS personId, expires_at AS expiresAt FROM session WHERE id = ? AND expires_at > ?',
    );
    this.#extend = database.prepare('UPDATE session SET expires_at = ? WHERE id = ?');
    this.#delete = database.prepare('DELETE FROM session WHERE id = ?');
    this.#deleteEnded = database.prepare('DELETE FROM session WHERE expires_at <= ?');
  }

  async add({ id, personId, expiresAt }: Session): Promise<void> {
    this.#deleteEnded.run(this.#now());
    this.#add.run(id, personId, expiresAt);
  }

  async find(id: string): Promise<Session | undefined> {
    return this.#find.get(id, this.#now()) as Session | undefined;
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
