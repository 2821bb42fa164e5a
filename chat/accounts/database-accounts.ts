/**
 * Accounts in the database: rows of `person`. A new person is a member of the room of everybody from the first moment.
 */
import type { Selectable } from 'kysely';
import type { ChatDatabase, Step } from '../database/database.ts';
import type { PersonTable } from '../database/tables.ts';
import { personNameForms } from '../names/name-forms.ts';
import { lobbyId } from '../wire.ts';
import type { Account, AccountStore } from './account.ts';

const columns = ['id', 'name', 'nameKey', 'passwordHash', 'createdAt'] as const;

export class DatabaseAccounts implements AccountStore {
  readonly #tables: Step;

  constructor({ tables }: ChatDatabase) {
    this.#tables = tables;
  }

  add(account: Account): Promise<boolean> {
    return this.#tables.transaction().execute((step) => addAccount(step, account));
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

  #find(column: 'id' | 'nameKey', value: string): Promise<Pick<Selectable<PersonTable>, keyof Account> | undefined> {
    return this.#tables.selectFrom('person').select(columns).where(column, '=', value).executeTakeFirst();
  }
}

/** Adds an account in a transaction of its caller. @returns Whether it was added; false if the name is taken. */
export async function addAccount(step: Step, account: Account): Promise<boolean> {
  const { id, name, nameKey, passwordHash, createdAt } = account;
  const { numInsertedOrUpdatedRows } = await step
    .insertInto('person')
    .values({ id, name, nameKey, passwordHash, createdAt, ...personNameForms(name) })
    .onConflict((conflict) => conflict.column('nameKey').doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 1n) return false;
  await step
    .insertInto('member')
    .columns(['roomId', 'personId', 'joinedAt', 'readSeq'])
    .expression((build) =>
      build
        .selectFrom('room')
        .select(({ val }) => [
          'room.id',
          val(id).as('personId'),
          val(createdAt).as('joinedAt'),
          // Earlier messages are not unread.
          'room.topSeq',
        ])
        .where('room.id', '=', lobbyId),
    )
    .execute();
  return true;
}
