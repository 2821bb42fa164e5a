/**
 * Accounts in the database: rows of `person`.
 */
import type { ChatDatabase, Step } from '../database/database.ts';
import { choicesOf } from '../people/people-store.ts';
import { addPerson } from '../people/person.ts';
import type { Account, AccountStore, NewAccount } from './account.ts';

const columns = [
  'id',
  'name',
  'nameKey',
  'passwordHash',
  'createdAt',
  'role',
  'deactivatedAt',
  'deletedAt',
  'language',
  'theme',
  'timeZone',
  'sendKey',
  'roomOrder',
  'pictureHash',
] as const;

export class DatabaseAccounts implements AccountStore {
  readonly #tables: Step;

  constructor({ tables }: ChatDatabase) {
    this.#tables = tables;
  }

  add({ id, name, nameKey, passwordHash, createdAt }: NewAccount): Promise<boolean> {
    const person = { id, name, nameKey, passwordHash, createdAt, role: 'member' } as const;
    return this.#tables.transaction().execute((step) => addPerson(step, person));
  }

  findByNameKey(nameKey: string): Promise<Account | undefined> {
    return this.#find('nameKey', nameKey);
  }

  findById(id: string): Promise<Account | undefined> {
    return this.#find('id', id);
  }

  async setPasswordHash(id: string, passwordHash: string): Promise<void> {
    await this.#tables.updateTable('person').set({ passwordHash }).where('id', '=', id).execute();
  }

  async #find(column: 'id' | 'nameKey', value: string): Promise<Account | undefined> {
    const row = await this.#tables.selectFrom('person').select(columns).where(column, '=', value).executeTakeFirst();
    if (row === undefined) return undefined;
    const { id, name, nameKey, passwordHash, createdAt, role, deactivatedAt, deletedAt, pictureHash } = row;
    const isActive = deactivatedAt === null && deletedAt === null;
    return {
      id,
      name,
      nameKey,
      passwordHash,
      createdAt,
      role,
      isActive,
      choices: choicesOf(row),
      picture: pictureHash,
    };
  }
}
