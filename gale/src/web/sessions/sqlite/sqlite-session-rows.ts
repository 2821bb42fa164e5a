/** Sessions in an SQLite database: a row for each session and each value. Runs in the thread of the store, in transactions of its caller. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { prepareRows, type RowStatement } from '../../../stores/sqlite-rows.ts';
import {
  changeValues,
  type ListedSession,
  type SaveResult,
  type SessionChange,
  type StoredSession,
} from '../session-store.ts';

interface SessionRow {
  readonly key: number;
  readonly id: string;
  readonly person: string | null;
  readonly createdAt: number;
  readonly seenAt: number;
  readonly expiresAt: number;
}

const columns = 'key, id, person, created_at AS createdAt, seen_at AS seenAt, expires_at AS expiresAt';
/** Most expired sessions that one change removes. */
const prunedAtOnce = 20;

/** The operations of the store. */
export class SqliteSessionRows {
  readonly #find: RowStatement<SessionRow>;
  readonly #values: RowStatement<{ readonly name: string; readonly text: string }>;
  readonly #list: RowStatement<SessionRow>;
  readonly #insert: StatementSync;
  readonly #rename: StatementSync;
  readonly #touch: StatementSync;
  readonly #setValue: StatementSync;
  readonly #deleteValue: StatementSync;
  readonly #clear: StatementSync;
  readonly #delete: StatementSync;
  readonly #limit: RowStatement<{ readonly id: string }>;
  readonly #prune: StatementSync;
  readonly #setHealth: StatementSync;

  constructor(database: DatabaseSync) {
    this.#find = prepareRows(database, `SELECT ${columns} FROM sessions WHERE id = ? AND expires_at > ?`);
    this.#values = prepareRows(database, 'SELECT name, text FROM session_values WHERE session = ?');
    this.#list = prepareRows(database, `SELECT ${columns} FROM sessions WHERE person = ? AND expires_at > ?`);
    this.#insert = database.prepare(
      'INSERT OR REPLACE INTO sessions (id, person, created_at, seen_at, expires_at) VALUES (?, ?, ?, ?, ?)',
    );
    this.#rename = database.prepare(
      'UPDATE sessions SET id = ?, person = ?, created_at = ?, seen_at = ?, expires_at = ? WHERE key = ?',
    );
    this.#touch = database.prepare('UPDATE sessions SET seen_at = ?, expires_at = ? WHERE key = ?');
    this.#setValue = database.prepare('INSERT OR REPLACE INTO session_values (session, name, text) VALUES (?, ?, ?)');
    this.#deleteValue = database.prepare('DELETE FROM session_values WHERE session = ? AND name = ?');
    this.#clear = database.prepare('DELETE FROM session_values WHERE session = ?');
    this.#delete = database.prepare('DELETE FROM sessions WHERE id = ?');
    this.#limit = prepareRows(
      database,
      `DELETE FROM sessions WHERE key IN (
         SELECT key FROM sessions WHERE person = ? AND id <> ? ORDER BY seen_at DESC LIMIT -1 OFFSET ?
       ) RETURNING id`,
    );
    this.#prune = database.prepare(
      `DELETE FROM sessions WHERE key IN (SELECT key FROM sessions WHERE expires_at <= ? LIMIT ${prunedAtOnce})`,
    );
    this.#setHealth = database.prepare('INSERT OR REPLACE INTO health VALUES (1, ?)');
  }

  load(id: string, now: number): StoredSession | undefined {
    const row = this.#find.get(id, now);
    return row && this.#read(row);
  }

  save(change: SessionChange, now: number): SaveResult {
    const { id, from, expected, seenAt, expiresAt } = change;
    this.#prune.run(now);
    const row = from === 'new' ? undefined : this.#find.get(typeof from === 'object' ? from.id : id, now);
    if (from !== 'new' && row === undefined) return { state: 'gone' };
    const before = row === undefined ? new Map<string, string>() : this.#valuesOf(row.key);
    if (expected !== undefined) {
      const text = before.get(expected.key);
      if (text !== expected.text) return { state: 'conflict', text };
    }
    const { values, bytes, isFull } = changeValues(before, change);
    if (isFull) return { state: 'full', bytes, keys: values.size };
    const person = change.person ?? null;
    let key: number;
    if (row === undefined) {
      key = Number(this.#insert.run(id, person, change.createdAt, seenAt, expiresAt).lastInsertRowid);
    } else {
      ({ key } = row);
      if (from === undefined) this.#touch.run(seenAt, expiresAt, key);
      else this.#rename.run(id, person, change.createdAt, seenAt, expiresAt, key);
    }
    if (change.clears) this.#clear.run(key);
    for (const [name, text] of change.values) {
      if (text === undefined) this.#deleteValue.run(key, name);
      else this.#setValue.run(key, name, text);
    }
    const ended = change.isLogin && person !== null ? this.#limit.all(person, id, change.limits.maxPerPerson - 1) : [];
    return { state: 'saved', ended: ended.map((one) => one.id) };
  }

  list(person: string, now: number): ListedSession[] {
    return this.#list.all(person, now).map((row) => ({ ...this.#read(row), id: row.id }));
  }

  end(ids: readonly string[], now: number): string[] {
    return ids.filter((id) => {
      const isKnown = this.#find.get(id, now) !== undefined;
      this.#delete.run(id);
      return isKnown;
    });
  }

  check(now: number): void {
    this.#setHealth.run(now);
  }

  #read({ key, person, createdAt, seenAt, expiresAt }: SessionRow): StoredSession {
    return { person: person ?? undefined, createdAt, seenAt, expiresAt, values: this.#valuesOf(key) };
  }

  #valuesOf(key: number): Map<string, string> {
    return new Map(this.#values.all(key).map(({ name, text }) => [name, text]));
  }
}
