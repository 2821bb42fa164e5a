/** Search for people of the chat, to talk with them or to add them to a room. */
import { sql } from 'kysely';
import type { Person } from 'gale';
import type { ChatDatabase } from '../database/database.ts';
import { atBeginning, isLike, toQuery } from './find-text.ts';
import { bestMatches } from '../pinyin/matches.ts';
import { matchesPerson } from './members.ts';
import { foundPeopleCount } from './room-bounds.ts';

/** People whom the database finds, of which the best matches are chosen. */
const candidateCount = 200;

/**
 * People by a part of their name, or by its pinyin or initials, the best match first; without a text, the first ones by name. A guest finds only people with whom they share a room.
 *
 * @param outsideOf - Id of a room whose members are not wanted.
 */
export async function findPeopleOfChat(
  { tables }: ChatDatabase,
  personId: string,
  { query = '', outsideOf }: { readonly query?: string; readonly outsideOf?: string },
): Promise<Person[]> {
  const me = await tables.selectFrom('person').select('role').where('id', '=', personId).executeTakeFirst();
  if (!me) return [];
  let found = tables
    .selectFrom('person')
    .select(['id', 'name', 'pinyin', 'pinyinInitials'])
    .where('deactivatedAt', 'is', null)
    .where('deletedAt', 'is', null)
    .limit(candidateCount);
  const text = toQuery(query);
  if (text !== '') {
    const isFirst = sql<number>`CASE WHEN ${isLike('name_key', atBeginning(text))} THEN 0 ELSE 1 END`;
    found = found.where(({ or }) => or(matchesPerson(text))).orderBy(isFirst);
  }
  found = found.orderBy('nameKey');
  if (outsideOf !== undefined) {
    found = found.where('id', 'not in', tables.selectFrom('member').select('personId').where('roomId', '=', outsideOf));
  }
  if (me.role === 'guest') {
    const mine = tables.selectFrom('member').select('roomId').where('personId', '=', personId);
    found = found.where('id', 'in', tables.selectFrom('member').select('personId').where('roomId', 'in', mine));
  }
  const people = await found.execute();
  return bestMatches(query, people, foundPeopleCount).map(({ id, name }) => ({ id, name }));
}
