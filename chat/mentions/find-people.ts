/** Finds people to mention, to talk with or to add to a room, and describes people by their ids. */
import { sql, type Kysely } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { nameKey } from '../name.ts';
import { bestMatches, searchLetters } from '../pinyin/matches.ts';
import { anywhere, atBeginning, isLike } from '../rooms/find-text.ts';
import { foundPeopleCount, maxSearchTextUnits, type FoundPerson, type WirePerson } from './mention-wire.ts';
import { isMemberOf, isMentionedForGuest, isSeenByGuest, personColumns, roleOf, showPeople } from './visible-people.ts';

/** Messages of a room whose authors come first: who spoke lately is more likely. */
const recentCount = 200;
/** Most authors who come first. */
const speakerCount = 30;

/** People whom the database finds, of which the best matches are chosen. */
const candidateCount = 100;

/** Who searches where. */
export interface Search {
  readonly personId: string;
  readonly text: string;
  /** A room in which the person is. Its members are first. */
  readonly room?: string | undefined;
  /** A room in which the person is and whose members are not wanted. */
  readonly outside?: string | undefined;
}

/**
 * Finds people by any part of the name, by pinyin or initials: at most {@link foundPeopleCount}, the members of the room first, and of them
 * those who spoke lately. The others are in the order of their names, also without a room.
 */
export async function findPeople(tables: Kysely<Tables>, search: Search): Promise<FoundPerson[]> {
  const role = await roleOf(tables, search.personId);
  if (role === undefined) return [];
  const isGuest = role === 'guest';
  const { room, outside } = search;
  if (room === undefined) {
    const where = outside === undefined ? {} : { notIn: outside };
    return (await find(tables, search, isGuest, foundPeopleCount, where)).map(asMember(false));
  }
  const members = await find(tables, search, isGuest, foundPeopleCount, { in: room });
  const missing = foundPeopleCount - members.length;
  const isSearched = search.text.trim() !== '';
  const others = missing > 0 && isSearched ? await find(tables, search, isGuest, missing, { notIn: room }) : [];
  return [...members.map(asMember(true)), ...others.map(asMember(false))];
}

const asMember =
  (member: boolean) =>
  (person: WirePerson): FoundPerson => ({ ...person, member });

async function find(
  tables: Kysely<Tables>,
  { personId, text }: Search,
  isGuest: boolean,
  most: number,
  where: { readonly in?: string; readonly notIn?: string } = {},
): Promise<WirePerson[]> {
  // Normalization is quadratic, so the length is limited first.
  const typed = text.slice(0, maxSearchTextUnits).toWellFormed();
  const key = nameKey(typed);
  const letters = searchLetters(typed);
  let query = tables
    .selectFrom('person')
    .select(personColumns)
    .select(['person.pinyin', 'person.pinyinInitials'])
    .where('person.deactivatedAt', 'is', null)
    .where('person.deletedAt', 'is', null)
    .limit(candidateCount);
  if (where.in !== undefined) query = query.where((build) => isMemberOf(build, where.in!));
  if (where.notIn !== undefined) query = query.where((build) => build.not(isMemberOf(build, where.notIn!)));
  if (isGuest) query = query.where((build) => isSeenByGuest(build, personId));
  if (key !== '') {
    const begins = [isLike('person.name_key', atBeginning(key))];
    const contains = [isLike('person.name_key', anywhere(key))];
    if (letters !== '') {
      begins.push(
        isLike('person.pinyin', atBeginning(letters)),
        isLike('person.pinyin_initials', atBeginning(letters)),
      );
      contains.push(isLike('person.pinyin', anywhere(letters)), isLike('person.pinyin_initials', anywhere(letters)));
    }
    // The candidates are limited, so the good ones come first.
    query = query
      .where(({ or }) => or(contains))
      .orderBy(sql`CASE WHEN ${sql.join(begins, sql` OR `)} THEN 0 ELSE 1 END`);
  }
  const speakers = where.in === undefined ? [] : await recentSpeakers(tables, where.in);
  if (speakers.length > 0) {
    const places = speakers.map((id, place) => sql`WHEN ${id} THEN ${sql.lit(place)}`);
    query = query.orderBy(sql`CASE person.id ${sql.join(places, sql` `)} ELSE ${sql.lit(places.length)} END`);
  }
  const rows = await query.orderBy('person.nameKey').execute();
  return showPeople(tables, bestMatches(typed, rows, most));
}

/** The authors of the newest messages of a room, the last speaker first. */
async function recentSpeakers(tables: Kysely<Tables>, roomId: string): Promise<readonly string[]> {
  const rows = await tables
    .selectFrom('message')
    .select('authorId')
    .where('roomId', '=', roomId)
    .orderBy('seq', 'desc')
    .limit(recentCount)
    .execute();
  return [...new Set(rows.map(({ authorId }) => authorId))].slice(0, speakerCount);
}

/** Counts the people who are in a room and use the chat. */
export async function countMembers(tables: Kysely<Tables>, roomId: string): Promise<number> {
  const { count } = await tables
    .selectFrom('person')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('person.deactivatedAt', 'is', null)
    .where('person.deletedAt', 'is', null)
    .where((build) => isMemberOf(build, roomId))
    .executeTakeFirstOrThrow();
  return count;
}

/**
 * Describes people. Unknown ids and people that a guest may not see are left out. A guest gets those whom a message of their rooms mentions,
 * and those who deleted their account, of whom nothing is left.
 */
export async function describePeople(
  tables: Kysely<Tables>,
  personId: string,
  ids: readonly string[],
): Promise<WirePerson[]> {
  const role = await roleOf(tables, personId);
  if (role === undefined || ids.length === 0) return [];
  let query = tables.selectFrom('person').select(personColumns).where('person.id', 'in', ids);
  if (role === 'guest')
    query = query.where((build) =>
      build.or([
        build('person.id', '=', personId),
        build('person.deletedAt', 'is not', null),
        isSeenByGuest(build, personId),
        isMentionedForGuest(build, personId),
      ]),
    );
  return showPeople(tables, await query.execute());
}
