/**
 * Finds whom a new text mentions. The server reads the mentions from the text itself, so a client cannot notify people that the text does
 * not name. People who are not in the room are not mentioned: their name is shown, and nothing else happens.
 */
import type { Kysely } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { ChatError } from '../errors.ts';
import { mentionsAll } from '../wire.ts';
import { maxMentions } from './mention-wire.ts';
import { mentionsOf } from './mentions-of.ts';
import { isMemberOf } from './visible-people.ts';

/**
 * @param text - A result of `checkText`.
 * @returns Ids for `data.mentions`: members of the room in the order of the text, and `all`.
 * @throws {@link ChatError} `CHAT_MENTIONS` for more than {@link maxMentions} different people.
 */
export async function checkMentions(tables: Kysely<Tables>, roomId: string, text: string): Promise<readonly string[]> {
  const ids = mentionsOf(text);
  const people = ids.filter((id) => id !== mentionsAll);
  if (people.length > maxMentions) {
    throw new ChatError(
      'CHAT_MENTIONS',
      `The text mentions ${people.length} people; at most ${maxMentions} are allowed.`,
    );
  }
  if (people.length === 0) return ids;
  const members = await tables
    .selectFrom('person')
    .select('person.id')
    .where('person.id', 'in', people)
    .where('person.deletedAt', 'is', null)
    .where((build) => isMemberOf(build, roomId))
    .execute();
  const found = new Set(members.map(({ id }) => id)).add(mentionsAll);
  return ids.filter((id) => found.has(id));
}
