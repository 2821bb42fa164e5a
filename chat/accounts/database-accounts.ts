/**
 * Accounts in the database: rows of `person`.
 */
import type { Selectable } from 'kysely';
import { CompiledStatement } from '../database/compiled-statement.ts';
import type { ChatDatabase } from '../database/database.ts';
import type { PersonTable } from '../database/tables.ts';
import { choicesOf } from '../people/people-store.ts';
import { addPerson } from '../people/person.ts';
import type { Account, AccountStore, NewAccount } from './account.ts';
import { noteSessionsEnded } from './sessions-ended.ts';

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
  readonly #database: ChatDatabase;

  constructor(database: ChatDatabase) {
    this.#database = database;
  }

  add({ id, name, nameKey, passwordHash, createdAt }: NewAccount): Promise<boolean> {
    const person = { id, name, nameKey, passwordHash, createdAt, role: 'member' } as const;
    return this.#database.tables.transaction().execute((step) => addPerson(step, person));
  }

  async findByNameKey(nameKey: string): Promise<Account | undefined> {
    const { tables } = this.#database;
    const row = await tables.selectFrom('person').select(columns).where('nameKey', '=', nameKey).executeTakeFirst();
    return row && toAccount(row);
  }

  async findById(id: string): Promise<Account | undefined> {
    const [row] = await accountById.execute(this.#database, { id });
    return row && toAccount(row);
  }

  async setPassword(id: string, passwordHash: string, at: number): Promise<void> {
    await this.#database.tables
      .updateTable('person')
      .set({ passwordHash, sessionsEndedAt: at })
      .where('id', '=', id)
      .where('deletedAt', 'is', null)
      .execute();
  }

  async replaceHash(id: string, before: string, passwordHash: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#database.tables
      .updateTable('person')
      .set({ passwordHash })
      .where('id', '=', id)
      .where('passwordHash', '=', before)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  endUnstored(id: string, at: number): Promise<void> {
    return noteSessionsEnded(this.#database.tables, id, at);
  }
}

/** Each request and each window executes it. */
const accountById = new CompiledStatement((tables, { id }: { readonly id: string }) =>
  tables.selectFrom('person').select(columns).where('id', '=', id),
);

function toAccount(row: Pick<Selectable<PersonTable>, (typeof columns)[number]>): Account {
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
