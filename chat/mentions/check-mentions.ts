/**
 * Finds whom a new text mentions. The server reads the mentions from the text itself, so a client cannot notify people that the text does
 * not name. People who are not in the room or do not use the chat any more are not mentioned: their name is shown, and nothing else happens.
 */
import type { Kysely } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { ChatError } from '../errors.ts';
import { mentionsAll } from '../wire.ts';
import { countMembers } from './find-people.ts';
import { maxMentions, maxPeopleForAll } from './mention-wire.ts';
import { mentionsOf } from './mentions-of.ts';
import { isMemberOf } from './visible-people.ts';

/** A text of a person in a room. */
export interface MentioningText {
  readonly roomId: string;
  readonly authorId: string;
  /** A result of `checkText`. */
  readonly text: string;
}

/**
 * @returns Ids for `data.mentions`: members of the room in the order of the text, and `all`.
 * @throws {@link ChatError} `CHAT_MENTIONS` for more than {@link maxMentions} different people; `CHAT_MENTION_ALL` for everybody in a
 * room of more than {@link maxPeopleForAll}, unless the author is an owner of the room or an administrator.
 */
export async function checkMentions(
  tables: Kysely<Tables>,
  { roomId, authorId, text }: MentioningText,
): Promise<readonly string[]> {
  const ids = mentionsOf(text);
  const people = ids.filter((id) => id !== mentionsAll);
  if (people.length > maxMentions) {
    throw new ChatError(
      'CHAT_MENTIONS',
      `The text mentions ${people.length} people; at most ${maxMentions} are allowed.`,
    );
  }
  if (ids.includes(mentionsAll)) await assertMayMentionAll(tables, roomId, authorId);
  if (people.length === 0) return ids;
  const members = await tables
    .selectFrom('person')
    .select('person.id')
    .where('person.id', 'in', people)
    .where('person.deletedAt', 'is', null)
    .where('person.deactivatedAt', 'is', null)
    .where((build) => isMemberOf(build, roomId))
    .execute();
  const found = new Set(members.map(({ id }) => id)).add(mentionsAll);
  return ids.filter((id) => found.has(id));
}

/** Each member gets a row of the table of mentions, and a mark: in a large room that is much for one message. */
async function assertMayMentionAll(tables: Kysely<Tables>, roomId: string, authorId: string): Promise<void> {
  const count = await countMembers(tables, roomId);
  if (count <= maxPeopleForAll) return;
  const author = await tables
    .selectFrom('person')
    .leftJoin('member', (join) => join.onRef('member.personId', '=', 'person.id').on('member.roomId', '=', roomId))
    .select(['person.role', 'member.role as roomRole'])
    .where('person.id', '=', authorId)
    .executeTakeFirst();
  if (author?.role === 'administrator' || author?.roomRole === 'owner') return;
  throw new ChatError(
    'CHAT_MENTION_ALL',
    `The room has ${count} people; above ${maxPeopleForAll} only owners and administrators mention everybody.`,
  );
}
