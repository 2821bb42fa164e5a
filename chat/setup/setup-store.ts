/**
 * Whether the chat has an administrator, and its first one. The database decides, so that two setups at the same moment, also on two
 * servers, make one administrator.
 */
import { writeAudit } from '../audit/audit-entry.ts';
import type { ChatDatabase } from '../database/database.ts';
import { addPerson, type NewPerson } from '../people/person.ts';

/** `fresh`: there are no people. `headless`: there are people of a version without roles, but no administrator. */
export type SetupState = 'fresh' | 'headless' | 'done';

export class SetupStore {
  readonly #database: ChatDatabase;
  #isDone = false;

  constructor(database: ChatDatabase) {
    this.#database = database;
  }

  /** Reads the database until there is an administrator. The last one cannot be removed, so afterwards it is known. */
  async state(): Promise<SetupState> {
    if (this.#isDone) return 'done';
    const { tables } = this.#database;
    const administrator = await tables
      .selectFrom('person')
      .select('id')
      .where('role', '=', 'administrator')
      .where('deletedAt', 'is', null)
      .limit(1)
      .executeTakeFirst();
    this.#isDone = administrator !== undefined;
    if (this.#isDone) return 'done';
    const person = await tables.selectFrom('person').select('id').limit(1).executeTakeFirst();
    return person === undefined ? 'fresh' : 'headless';
  }

  /** Stores the first administrator. */
  async add(person: NewPerson): Promise<'added' | 'done' | 'nameTaken'> {
    return this.#database.tables.transaction().execute(async (step) => {
      // A row that all setups change, so they wait for each other.
      await step
        .insertInto('setting')
        .values({ name: 'setup-by', value: person.id })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: person.id }))
        .execute();
      const administrator = await step
        .selectFrom('person')
        .select('id')
        .where('role', '=', 'administrator')
        .where('deletedAt', 'is', null)
        .limit(1)
        .executeTakeFirst();
      if (administrator !== undefined) return 'done';
      if (!(await addPerson(step, { ...person, role: 'administrator' }))) return 'nameTaken';
      const entry = { actorId: person.id, action: 'setup', target: person.id, details: {} } as const;
      await writeAudit(step, entry, person.createdAt);
      return 'added';
    });
  }
}
