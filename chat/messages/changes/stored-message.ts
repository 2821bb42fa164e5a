/**
 * A message with its reactions as the database has it.
 */
import type { Kysely, Transaction } from 'kysely';
import type { ChatDatabase } from '../../database/database.ts';
import type { Tables } from '../../database/tables.ts';
import { toData, type MessageRow } from '../../history/message-columns.ts';
import { maxReactionPeople, type MessageData, type WireReaction } from '../../wire.ts';

/** Who reacted, and how. */
export interface ReactionRow {
  readonly seq: number;
  readonly emoji: string;
  readonly personId: string;
}

/** Loads a message, and keeps others from changing it until the transaction ends. */
export async function lockMessage(
  kind: ChatDatabase['kind'],
  step: Transaction<Tables>,
  roomId: string,
  seq: number,
): Promise<MessageRow | undefined> {
  const query = step.selectFrom('message').selectAll().where('roomId', '=', roomId).where('seq', '=', seq);
  // A transaction of SQLite has locked the whole file when it began.
  return (kind === 'postgres' ? query.forUpdate() : query).executeTakeFirst();
}

/** All reactions to some messages of a room, oldest first. */
export async function loadReactions(
  tables: Kysely<Tables>,
  roomId: string,
  seqs: readonly number[],
): Promise<ReactionRow[]> {
  if (seqs.length === 0) return [];
  return tables
    .selectFrom('reaction')
    .select(['seq', 'emoji', 'personId'])
    .where('roomId', '=', roomId)
    .where('seq', 'in', seqs)
    .orderBy('madeAt')
    .orderBy('emoji')
    .orderBy('personId')
    .execute();
}

/** Loads a message and its data. */
export async function loadData(
  tables: Kysely<Tables>,
  roomId: string,
  seq: number,
): Promise<{ readonly row: MessageRow; readonly data: MessageData } | undefined> {
  const row = await tables
    .selectFrom('message')
    .selectAll()
    .where('roomId', '=', roomId)
    .where('seq', '=', seq)
    .executeTakeFirst();
  return row && { row, data: toData(row, countReactions(await loadReactions(tables, roomId, [seq]))) };
}

/** The reactions to one message, by emoji. @param reactions - Oldest first. */
export function countReactions(reactions: readonly Pick<ReactionRow, 'emoji' | 'personId'>[]): WireReaction[] {
  const people = new Map<string, string[]>();
  for (const { emoji, personId } of reactions) {
    const others = people.get(emoji);
    if (others) others.push(personId);
    else people.set(emoji, [personId]);
  }
  return [...people].map(([emoji, ids]) => ({ emoji, count: ids.length, people: ids.slice(0, maxReactionPeople) }));
}
