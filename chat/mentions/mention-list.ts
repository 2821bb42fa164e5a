/** The messages that mention a person. `history/` writes their rows. Only rooms in which the person is now are read. */
import { sql, type ExpressionBuilder, type ExpressionWrapper, type Kysely, type SqlBool } from 'kysely';
import { CompiledStatement } from '../database/compiled-statement.ts';
import type { ChatDatabase } from '../database/database.ts';
import type { Tables } from '../database/tables.ts';
import { firstCodePoints } from '../messages/changes/message-excerpts.ts';
import { excerptCodePoints } from '../messages/changes/message-limits.ts';
import { lobbyId } from '../wire.ts';
import { maxUnreadMentions, mentionsPageCount, type MentionPlace, type WireMention } from './mention-wire.ts';

/** A page of mentions, newest first. */
export interface MentionsPage {
  readonly mentions: readonly WireMention[];
  /** Where the next page begins; null after the oldest. */
  readonly next: MentionPlace | null;
}

/** Reads a page of the mentions of a person. @param after - `next` of the page before. */
export async function listMentions(
  tables: Kysely<Tables>,
  personId: string,
  after: MentionPlace | undefined,
): Promise<MentionsPage> {
  let query = tables
    .selectFrom('mention')
    .innerJoin('message', (join) =>
      join.onRef('message.roomId', '=', 'mention.roomId').onRef('message.seq', '=', 'mention.seq'),
    )
    .innerJoin('person', 'person.id', 'mention.personId')
    .leftJoin('person as author', 'author.id', 'message.authorId')
    .leftJoin('member', (join) =>
      join.onRef('member.roomId', '=', 'mention.roomId').onRef('member.personId', '=', 'mention.personId'),
    )
    .select(['mention.roomId', 'mention.seq', 'mention.sentAt', 'message.authorId', 'member.readSeq'])
    .select(['author.name as authorName', 'message.text'])
    .where('mention.personId', '=', personId)
    .where('message.deletedAt', 'is', null)
    .where((build) =>
      build.or([
        build('member.personId', 'is not', null),
        build.and([build('mention.roomId', '=', lobbyId), build('person.role', '!=', 'guest')]),
      ]),
    )
    .orderBy('mention.sentAt', 'desc')
    .orderBy('mention.roomId', 'desc')
    .orderBy('mention.seq', 'desc')
    .limit(mentionsPageCount + 1);
  if (after !== undefined) query = query.where((build) => isAfter(build, after));
  const rows = await query.execute();
  const mentions = rows
    .slice(0, mentionsPageCount)
    .map(({ roomId, seq, sentAt, authorId, authorName, text, readSeq }): WireMention => ({
      room: roomId,
      seq,
      author: { id: authorId, name: authorName ?? '' },
      time: sentAt,
      text: firstCodePoints(text, excerptCodePoints),
      unread: seq > (readSeq ?? 0),
    }));
  const last = mentions.at(-1);
  const hasMore = rows.length > mentionsPageCount;
  return { mentions, next: hasMore && last ? { time: last.time, room: last.room, seq: last.seq } : null };
}

function isAfter(
  build: ExpressionBuilder<Tables, 'mention'>,
  { time, room, seq }: MentionPlace,
): ExpressionWrapper<Tables, 'mention', SqlBool> {
  const isOlder = build('mention.sentAt', '<', time);
  const isSameTime = build('mention.sentAt', '=', time);
  return build.or([
    isOlder,
    build.and([isSameTime, build('mention.roomId', '<', room)]),
    build.and([isSameTime, build('mention.roomId', '=', room), build('mention.seq', '<', seq)]),
  ]);
}

/**
 * The unread mentions of a person in the rooms in which they have a read position.
 *
 * @returns For each room the `seq` of the newest ones, at most {@link maxUnreadMentions}, in ascending order.
 */
export async function unreadMentions(
  database: Pick<ChatDatabase, 'tables'>,
  personId: string,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const unread = new Map<string, number[]>();
  for (const { roomId, seq } of await unreadOf.execute(database, { personId })) {
    const seqs = unread.get(roomId);
    if (seqs) seqs.push(seq);
    else unread.set(roomId, [seq]);
  }
  return unread;
}

/** Each window executes it. */
const unreadOf = new CompiledStatement((tables, { personId }: { readonly personId: string }) => {
  const numbered = tables
    .selectFrom('mention')
    .innerJoin('member', (join) =>
      join.onRef('member.roomId', '=', 'mention.roomId').onRef('member.personId', '=', 'mention.personId'),
    )
    .select(['mention.roomId', 'mention.seq'])
    .select(sql<number>`row_number() OVER (PARTITION BY mention.room_id ORDER BY mention.seq DESC)`.as('place'))
    .where('mention.personId', '=', personId)
    .whereRef('mention.seq', '>', 'member.readSeq');
  return tables
    .selectFrom(numbered.as('numbered'))
    .select(['numbered.roomId', 'numbered.seq'])
    .where('numbered.place', '<=', maxUnreadMentions)
    .orderBy('numbered.seq');
});
