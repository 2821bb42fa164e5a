/**
 * Accounts in chat.sqlite.
 */
import type { StatementSync } from 'node:sqlite';
import type { Account, AccountStore } from '../accounts/account.ts';
import type { RowStatement, SqliteDatabase } from './sqlite-database.ts';

const columns = 'id, name, name_key AS nameKey, password_hash AS passwordHash, created_at AS createdAt';

export class SqliteAccounts implements AccountStore {
  readonly #add: StatementSync;
  readonly #findByNameKey: RowStatement<Account>;
  readonly #findById: RowStatement<Account>;
  readonly #setPasswordHash: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#add = database.prepare(
      `INSERT INTO account (id, name, name_key, password_hash, created_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (name_key) DO NOTHING`,
    );
    this.#findByNameKey = database.prepareRows(`SELECT ${columns} FROM account WHERE name_key = ?`);
    this.#findById = database.prepareRows(`SELECT ${columns} FROM account WHERE id = ?`);
    this.#setPasswordHash = database.prepare('UPDATE account SET password_hash = ? WHERE id = ?');
  }

  async add({ id, name, nameKey, passwordHash, createdAt }: Account): Promise<boolean> {
    return this.#add.run(id, name, nameKey, passwordHash, createdAt).changes === 1;
  }

  async findByNameKey(nameKey: string): Promise<Account | undefined> {
    return this.#findByNameKey.get(nameKey);
  }

  async findById(id: string): Promise<Account | undefined> {
    return this.#findById.get(id);
  }

  async setPasswordHash(id: string, passwordHash: string): Promise<void> {
    this.#setPasswordHash.run(passwordHash, id);
  }
}
