/**
 * Reads parts of stored messages: for quotes, the list of pinned messages, and the people who reacted.
 */
import type { Person } from 'gale';
import type { ChatDatabase } from '../../database/database.ts';
import { maxReactionPeople, type WireExcerpt } from '../../wire.ts';
import { streamId } from '../../history/message-columns.ts';
import { excerptCodePoints, maxPins } from './message-limits.ts';

export class MessageExcerpts {
  readonly #database: ChatDatabase;

  constructor(database: ChatDatabase) {
    this.#database = database;
  }

  /** Those of the messages that the room has. */
  find(roomId: string, seqs: readonly number[]): Promise<WireExcerpt[]> {
    if (seqs.length === 0) return Promise.resolve([]);
    return load(this.#messages(roomId).where('message.seq', 'in', seqs).orderBy('message.seq'));
  }

  /** The pinned messages of a room, the newest pin first. */
  pinned(roomId: string): Promise<WireExcerpt[]> {
    const pinned = this.#messages(roomId).where('message.pinnedAt', 'is not', null);
    return load(pinned.orderBy('message.pinnedAt', 'desc').orderBy('message.seq', 'desc').limit(maxPins));
  }

  /** The first people who reacted with an emoji, and whether one person did. */
  async whoReacted(
    roomId: string,
    seq: number,
    emoji: string,
    personId: string,
  ): Promise<{ people: Person[]; count: number; own: boolean }> {
    const all = await this.#database.tables
      .selectFrom('reaction')
      .leftJoin('person', 'person.id', 'reaction.personId')
      .select(['reaction.personId as id', 'person.name'])
      .where('reaction.roomId', '=', roomId)
      .where('reaction.seq', '=', seq)
      .where('reaction.emoji', '=', emoji)
      .orderBy('reaction.madeAt')
      .orderBy('reaction.personId')
      .execute();
    const people = all.slice(0, maxReactionPeople).map(({ id, name }) => ({ id, name: name ?? '' }));
    return { people, count: all.length, own: all.some(({ id }) => id === personId) };
  }

  #messages(roomId: string): ReturnType<typeof selectMessages> {
    return selectMessages(this.#database).where('message.roomId', '=', roomId);
  }
}

async function load(query: ReturnType<typeof selectMessages>): Promise<WireExcerpt[]> {
  const rows = await query.execute();
  return rows.map(({ seq, messageId, authorId, name, text, sentAt, deletedAt, pinnedAt }) => ({
    seq,
    id: streamId(messageId),
    author: { id: authorId, name: name ?? '' },
    time: sentAt,
    text: firstCodePoints(text, excerptCodePoints),
    ...(deletedAt === null ? {} : { deleted: true as const }),
    ...(pinnedAt === null ? {} : { pinned: pinnedAt }),
  }));
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- kysely derives it
function selectMessages({ tables }: ChatDatabase) {
  return tables
    .selectFrom('message')
    .leftJoin('person', 'person.id', 'message.authorId')
    .select([
      'message.seq',
      'message.messageId',
      'message.authorId',
      'message.text',
      'message.sentAt',
      'message.deletedAt',
      'message.pinnedAt',
      'person.name',
    ]);
}

export function firstCodePoints(text: string, count: number): string {
  // A code point has at most two UTF-16 units.
  return text.length <= count
    ? text
    : Array.from(text.slice(0, 2 * count))
        .slice(0, count)
        .join('');
}
