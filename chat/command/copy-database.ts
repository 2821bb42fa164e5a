/**
 * Copies all rows of one database into another one that has none: from the SQLite of a backup into PostgreSQL. One transaction, so the target
 * has everything or nothing, also after a crash.
 */
import { sql } from 'kysely';
import type { ChatDatabase, Step } from '../database/database.ts';
import type { Tables } from '../database/tables.ts';
import { StartError } from '../start-error.ts';

/** Rows of one page. PostgreSQL limits the parameters of a statement to 65,535. */
const pageRows = 500;
/** Pictures have up to some hundred KB. */
const picturesOfPage = 20;

/** Every table with the rows of one page, in an order in which each row refers to rows before it. */
const pages: Readonly<Record<keyof Tables, number>> = {
  setting: pageRows,
  person: pageRows,
  picture: picturesOfPage,
  room: pageRows,
  member: pageRows,
  removal: pageRows,
  message: pageRows,
  segment: pageRows,
  reaction: pageRows,
  mention: pageRows,
  invite: pageRows,
  inviteRoom: pageRows,
  signInLink: pageRows,
  audit: pageRows,
  session: pageRows,
  sessionValue: pageRows,
};

/** The setting of a database that has the rows of a backup. It contains the hash of the backup's file. */
const copiedSetting = 'copied-from';

/** Numbers of rows for the operator. */
export interface CopiedRows {
  readonly people: number;
  readonly rooms: number;
  readonly messages: number;
}

/**
 * @param source - SQLite.
 * @param backup - The hash of the backup.
 * @param isRepeated - Whether the target may have this backup already. Then it stays as it is.
 * @throws {@link StartError} if the target has people or messages.
 */
export async function copyDatabase(
  source: ChatDatabase,
  target: ChatDatabase,
  backup: string,
  isRepeated: boolean,
): Promise<CopiedRows> {
  return target.tables.transaction().execute(async (step) => {
    const copied = await step
      .selectFrom('setting')
      .select('value')
      .where('name', '=', copiedSetting)
      .executeTakeFirst();
    if (isRepeated && copied?.value === backup) return countRows(step);
    await assertEmpty(step);
    // What the migrations wrote: the lobby, and the id of the database. A copy keeps those of the source.
    await step.deleteFrom('setting').execute();
    await step.deleteFrom('room').execute();
    for (const [table, rows] of Object.entries(pages))
      await copyTable(source.tables, step, table as keyof Tables, rows);
    await step
      .insertInto('setting')
      .values({ name: copiedSetting, value: backup })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: backup }))
      .execute();
    await sql`SELECT setval(pg_get_serial_sequence('audit', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM audit), false)`.execute(
      step,
    );
    return countRows(step);
  });
}

async function assertEmpty(step: Step): Promise<void> {
  const { people, rooms, messages } = await countRows(step);
  if (people === 0 && rooms <= 1 && messages === 0) return;
  throw new StartError(
    `The database is not empty: it has ${people} people, ${rooms} rooms and ${messages} messages; give --database an empty one.`,
  );
}

async function countRows(step: Step): Promise<CopiedRows> {
  const count = async (table: 'person' | 'room' | 'message'): Promise<number> => {
    const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM ${sql.table(table)}`.execute(step);
    return rows[0]?.count ?? 0;
  };
  return { people: await count('person'), rooms: await count('room'), messages: await count('message') };
}

/** In the order of `rowid`, so that each page continues after the one before. */
async function copyTable(source: Step, target: Step, table: keyof Tables, size: number): Promise<void> {
  for (let after = -1; ;) {
    const page = await source
      .selectFrom(table)
      .selectAll()
      .select(sql<number>`rowid`.as('copyOrder'))
      .where(sql<boolean>`rowid > ${after}`)
      .orderBy(sql`rowid`)
      .limit(size)
      .execute();
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.copyOrder;
    const rows = page.map((row) => {
      const columns: Partial<typeof row> = { ...row };
      delete columns.copyOrder;
      return columns;
    });
    await target.insertInto(table).values(rows).execute();
  }
}
