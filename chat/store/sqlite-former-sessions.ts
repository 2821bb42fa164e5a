/**
 * The table of sessions in chat.sqlite, which is empty after they were moved. It stays, so that the version before can open the file.
 */
import type { StatementSync } from 'node:sqlite';
import type { FormerSession, FormerSessions } from './former-sessions.ts';
import type { RowStatement, SqliteDatabase } from './sqlite-database.ts';

/** Sessions that are moved together. */
const partSize = 500;

export class SqliteFormerSessions implements FormerSessions {
  readonly #database: SqliteDatabase;
  readonly #first: RowStatement<FormerSession>;
  readonly #delete: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#first = database.prepareRows(
      'SELECT id, person_id AS personId, expires_at AS expiresAt FROM session ORDER BY id LIMIT ?',
    );
    this.#delete = database.prepare('DELETE FROM session WHERE id = ?');
  }

  async *parts(): AsyncGenerator<readonly FormerSession[]> {
    for (;;) {
      const part = this.#first.all(partSize);
      if (part.length === 0) return;
      yield part;
    }
  }

  async remove(sessions: readonly FormerSession[]): Promise<void> {
    this.#database.transaction(() => {
      for (const { id } of sessions) this.#delete.run(id);
    });
  }
}
