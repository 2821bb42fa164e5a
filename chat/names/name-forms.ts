/**
 * What is stored of a name: everything that is computed from it. Code that writes a name into the database writes these columns too.
 */
import type { ChatDatabase } from '../database/database.ts';
import { pinyinForms, type PinyinForms } from '../pinyin/pinyin.ts';
import { skeletonOf } from './look-alike.ts';

/** Columns of a person that are computed from the name. */
export interface PersonNameForms extends PinyinForms {
  readonly nameSkeleton: string;
}

/**
 * Computes the columns of a person's name, except its key, which accounts of earlier versions have by another rule.
 *
 * @param name - A result of `readName`.
 */
export function personNameForms(name: string): PersonNameForms {
  return { ...pinyinForms(name), nameSkeleton: skeletonOf(name) };
}

/** Options of {@link fillNameForms}. */
export interface FillOptions {
  /** Rows that one transaction reads and writes. @defaultValue 500 */
  readonly rowsPerStep?: number;
}

/** Changes whenever pinyin or skeletons are computed differently: then all rows are computed again. */
const formsVersion = '1';
const versionSetting = 'name-forms';

/**
 * Computes pinyin and skeletons of the people and rooms that have none: those of the version before, and all after a change of the
 * rules. Idempotent, and servers may do it at once.
 */
export async function fillNameForms({ tables }: ChatDatabase, { rowsPerStep = 500 }: FillOptions = {}): Promise<void> {
  const version = await tables
    .selectFrom('setting')
    .select('value')
    .where('name', '=', versionSetting)
    .executeTakeFirst();
  const isNew = version?.value !== formsVersion;
  await inSteps(rowsPerStep, (after) =>
    tables.transaction().execute(async (step) => {
      const people = await step
        .selectFrom('person')
        .select(['id', 'name'])
        .where('id', '>', after)
        .$if(!isNew, (query) => query.where('nameSkeleton', '=', ''))
        .orderBy('id')
        .limit(rowsPerStep)
        .execute();
      for (const { id, name } of people) {
        // The person may have a new name by now.
        const same = step.updateTable('person').where('id', '=', id).where('name', '=', name);
        await same.set(personNameForms(name)).execute();
      }
      return people;
    }),
  );
  await inSteps(rowsPerStep, (after) =>
    tables.transaction().execute(async (step) => {
      const rooms = await step
        .selectFrom('room')
        .select(['id', 'name'])
        .where('id', '>', after)
        .where('name', '<>', '')
        .$if(!isNew, (query) => query.where('pinyin', '=', ''))
        .orderBy('id')
        .limit(rowsPerStep)
        .execute();
      for (const { id, name } of rooms) {
        const same = step.updateTable('room').where('id', '=', id).where('name', '=', name);
        await same.set(pinyinForms(name, 'room')).execute();
      }
      return rooms;
    }),
  );
  if (!isNew) return;
  await tables
    .insertInto('setting')
    .values({ name: versionSetting, value: formsVersion })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: formsVersion }))
    .execute();
}

/** Repeats a step for the rows after the last one, until a step has no full page. */
async function inSteps(
  rowsPerStep: number,
  step: (after: string) => Promise<readonly { readonly id: string }[]>,
): Promise<void> {
  let rows = await step('');
  while (rows.length === rowsPerStep) rows = await step(rows.at(-1)!.id);
}
