/** The people of the chat for administrators, in pages ordered by name, with search and their last use. */
import { sql } from 'kysely';
import type { ChatDatabase } from '../database/database.ts';
import type { Role } from '../database/tables.ts';
import { anywhere, atBeginning, isLike, toQuery } from '../rooms/find-text.ts';

/** People of one page. */
export const peoplePageCount = 50;

/** A person of the list. */
export interface ListedPerson {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly pictureHash: string | null;
  readonly createdAt: number;
  readonly deactivatedAt: number | null;
  /** When a session was last used; null without one. */
  readonly seenAt: number | null;
}

/** Some people, and where the next page begins; undefined after the last one. */
export interface ListedPeople {
  readonly people: readonly ListedPerson[];
  readonly next: string | undefined;
  /** Number of people who have an account. */
  readonly count: number;
}

/**
 * A page of the people who have an account, deactivated ones included.
 *
 * @param query - A part of the name, or the beginning of its pinyin; empty for all.
 * @param after - `next` of the page before.
 */
export async function listPeople({ tables }: ChatDatabase, query: string, after: string): Promise<ListedPeople> {
  let found = tables
    .selectFrom('person')
    .select(['id', 'name', 'nameKey', 'role', 'pictureHash', 'createdAt', 'deactivatedAt'])
    .select(({ selectFrom }) =>
      selectFrom('session')
        .select(({ fn }) => fn.max('session.seenAt').as('seen'))
        .whereRef('personId', '=', 'person.id')
        .as('seenAt'),
    )
    .where('deletedAt', 'is', null)
    .where('nameKey', '>', after)
    .orderBy('nameKey')
    .limit(peoplePageCount + 1);
  const text = toQuery(query);
  if (text !== '') {
    const letters = text.replaceAll(' ', '');
    found = found.where(({ or }) =>
      or([
        isLike('person.name_key', anywhere(text)),
        isLike('person.pinyin', atBeginning(letters)),
        isLike('person.pinyin_initials', atBeginning(letters)),
      ]),
    );
  }
  const counted = tables
    .selectFrom('person')
    .select(sql<number>`count(*)`.as('count'))
    .where('deletedAt', 'is', null);
  const [rows, { count }] = await Promise.all([found.execute(), counted.executeTakeFirstOrThrow()]);
  const shown = rows.slice(0, peoplePageCount);
  return {
    people: shown,
    next: rows.length > peoplePageCount ? shown.at(-1)?.nameKey : undefined,
    count,
  };
}
