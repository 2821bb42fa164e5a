/**
 * Changes of stored messages: edit, delete, recall, react, pin. Each changes the table in one transaction, and then brings the message to the
 * stream and to open pages. No change makes a room unread.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger, Rooms } from 'gale';
import { sql, type Transaction, type Updateable } from 'kysely';
import { writeAudit } from '../../audit/audit-entry.ts';
import type { ChatDatabase } from '../../database/database.ts';
import { databaseUnavailable } from '../../database/database-errors.ts';
import type { MessageTable, Tables } from '../../database/tables.ts';
import { ChatError } from '../../errors.ts';
import { writeMentions } from '../../history/history-writer.ts';
import { recallMs, toData, type MessageRow } from '../../history/message-columns.ts';
import { checkMentions } from '../../mentions/check-mentions.ts';
import type { MessageData } from '../../wire.ts';
import { isEmoji } from './emoji.ts';
import { maxPins, maxReactionKinds, maxReactions, maxWaitMs } from './message-limits.ts';
import { assertMayPin, isAdministrator } from './message-rights.ts';
import { countReactions, lockMessage, loadReactions } from './stored-message.ts';
import { StreamUpdates } from './stream-updates.ts';

/** Time between looks for a message that is not in the table yet, in milliseconds. */
const pollMs = 50;

/** A message by its room and number. */
export interface MessagePlace {
  readonly room: string;
  readonly seq: number;
}

/** The parts of {@link MessageChanges}. */
export interface MessageChangesParts {
  readonly database: ChatDatabase;
  readonly rooms: Rooms<MessageData>;
  readonly log: Logger;
  /** Milliseconds since 1970. @defaultValue `Date.now` */
  readonly now?: () => number;
}

/** What a change writes to the row; undefined if there is nothing to change. */
type Decide = (step: Transaction<Tables>, row: MessageRow) => Promise<Updateable<MessageTable> | undefined>;

/**
 * Changes messages. The caller has checked that the person is in the room. All changes are idempotent: a repeated one has the same result.
 * They throw {@link ChatError} `CHAT_MESSAGE_UNKNOWN`, `CHAT_MESSAGE_DELETED` or `CHAT_NOT_ALLOWED`, `ROOM_TOO_FAST`, or
 * {@link GaleError} `ROOM_UNAVAILABLE`, and return the new data of the message.
 */
export class MessageChanges {
  readonly #database: ChatDatabase;
  readonly #rooms: Rooms<MessageData>;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #updates: StreamUpdates;

  constructor({ database, rooms, log, now = Date.now }: MessageChangesParts) {
    this.#database = database;
    this.#rooms = rooms;
    this.#log = log;
    this.#now = now;
    this.#updates = new StreamUpdates(database, rooms, log);
  }

  /** Replaces the text of a message of one's own, and with it the mentions. @param text - Was checked as that of a new message. */
  async edit(personId: string, place: MessagePlace, text: string): Promise<MessageData> {
    const mentions = await checkMentions(this.#database.tables, { roomId: place.room, authorId: personId, text });
    return this.#change(personId, place, async (step, row) => {
      if (row.authorId !== personId) throw notAllowed('edit the message of another person');
      assertNotDeleted(row);
      if (row.text === text) return undefined;
      const { roomId, seq, sentAt, authorId } = row;
      await step.deleteFrom('mention').where('roomId', '=', roomId).where('seq', '=', seq).execute();
      if (mentions.length > 0) await writeMentions(step, { roomId, seq, sentAt, authorId, mentions });
      return { text, editedAt: this.#now(), mentions: mentions.length > 0 ? JSON.stringify(mentions) : null };
    });
  }

  /**
   * Deletes a message: of one's own, or any as an administrator. Its text, reactions and mentions are gone. A deletion by the author within
   * {@link recallMs} is a recall.
   *
   * @param isRecall - The person wants a recall, and nothing else. @throws {@link ChatError} `CHAT_RECALL_LATE`.
   */
  remove(personId: string, place: MessagePlace, isRecall: boolean): Promise<MessageData> {
    return this.#change(personId, place, async (step, row) => {
      const isOwn = row.authorId === personId;
      if (!isOwn && (isRecall || !(await isAdministrator(step, personId)))) {
        throw notAllowed('delete the message of another person');
      }
      if (row.deletedAt !== null) return undefined;
      const at = this.#now();
      if (isRecall && at - row.sentAt > recallMs) {
        throw new ChatError('CHAT_RECALL_LATE', `The message is older than ${recallMs / 1000} seconds.`);
      }
      if (!isOwn) {
        const { roomId, seq, authorId: author } = row;
        const entry = {
          actorId: personId,
          action: 'message.delete',
          target: roomId,
          details: { seq, author },
        } as const;
        await writeAudit(step, entry, at);
      }
      await removeParts(step, row);
      return {
        deletedAt: at,
        deletedBy: personId,
        text: '',
        editedAt: null,
        replyTo: null,
        mentions: null,
        pinnedAt: null,
        pinnedBy: null,
      };
    });
  }

  /** Adds a reaction of a person to a message, or removes it. @throws {@link ChatError} `CHAT_REACTION`, `CHAT_REACTIONS_FULL`. */
  react(personId: string, place: MessagePlace, emoji: string, isOn: boolean): Promise<MessageData> {
    if (!isEmoji(emoji)) throw new ChatError('CHAT_REACTION', 'emoji must be one emoji in its recommended form.');
    return this.#change(personId, place, async (step, { roomId, seq, deletedAt }) => {
      if (!isOn) {
        const { numDeletedRows } = await step
          .deleteFrom('reaction')
          .where((row) => row.and({ roomId, seq, personId, emoji }))
          .executeTakeFirst();
        return numDeletedRows > 0n ? {} : undefined;
      }
      assertNotDeleted({ deletedAt });
      const reactions = await loadReactions(step, roomId, [seq]);
      if (reactions.some((reaction) => reaction.emoji === emoji && reaction.personId === personId)) return undefined;
      const kinds = new Set(reactions.map((reaction) => reaction.emoji));
      if (reactions.length >= maxReactions || (kinds.size >= maxReactionKinds && !kinds.has(emoji))) {
        throw new ChatError(
          'CHAT_REACTIONS_FULL',
          `A message has at most ${maxReactionKinds} kinds of reactions, and ${maxReactions} in all.`,
        );
      }
      await step.insertInto('reaction').values({ roomId, seq, personId, emoji, madeAt: this.#now() }).execute();
      return {};
    });
  }

  /** Pins a message for everybody in the room, or unpins it. @throws {@link ChatError} `CHAT_PINS_FULL`. */
  pin(personId: string, place: MessagePlace, isOn: boolean): Promise<MessageData> {
    return this.#change(personId, place, async (step, row) => {
      await assertMayPin(step, place.room, personId);
      if (!isOn) return row.pinnedAt === null ? undefined : { pinnedAt: null, pinnedBy: null };
      assertNotDeleted(row);
      if (row.pinnedAt !== null) return undefined;
      const { count } = await step
        .selectFrom('message')
        .select((all) => all.fn.countAll<number>().as('count'))
        .where('roomId', '=', place.room)
        .where('pinnedAt', 'is not', null)
        .executeTakeFirstOrThrow();
      if (count >= maxPins) throw new ChatError('CHAT_PINS_FULL', `A room has at most ${maxPins} pinned messages.`);
      return { pinnedAt: this.#now(), pinnedBy: personId };
    });
  }

  /** Checks that a room has the message to which another one replies. @throws {@link ChatError} `CHAT_REPLY_UNKNOWN`. */
  async assertReplyable(place: MessagePlace): Promise<void> {
    try {
      await this.#arrival(place);
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      throw new ChatError('CHAT_REPLY_UNKNOWN', `The room has no message ${place.seq} to reply to.`);
    }
  }

  /** Brings messages to their rooms that a crash left pending. A duty of the history. Never throws. */
  sweep(): Promise<void> {
    return this.#updates.sweep();
  }

  /** Call it before the rooms close. */
  close(): Promise<void> {
    return this.#updates.close();
  }

  async #change(personId: string, place: MessagePlace, decide: Decide): Promise<MessageData> {
    const { room: roomId, seq } = place;
    // Everybody in the room gets each change, as they get each message.
    const tooFast = this.#rooms.limits.takePublish(roomId, personId);
    if (tooFast) throw tooFast;
    await this.#arrival(place);
    const { kind, tables } = this.#database;
    const { data, isPending } = await tables.transaction().execute(async (step) => {
      const row = await lockMessage(kind, step, roomId, seq);
      if (!row) throw unknownMessage(place);
      const update = await decide(step, row);
      const change = row.change + 1;
      const next: MessageRow = update ? { ...row, ...(update as Partial<MessageRow>), change, pending: 1 } : row;
      if (update) {
        await step
          .updateTable('message')
          .set({ ...update, change, pending: 1 })
          .where('roomId', '=', roomId)
          .where('seq', '=', seq)
          .execute();
      }
      return {
        data: toData(next, countReactions(await loadReactions(step, roomId, [seq]))),
        isPending: next.pending === 1,
      };
    });
    if (isPending) await this.#bring(place);
    return data;
  }

  /** The change is made. If the stream does not have it now, a sweep brings it. */
  async #bring({ room, seq }: MessagePlace): Promise<void> {
    try {
      await this.#updates.put(room, seq);
    } catch (error) {
      this.#log.warn({ err: error, room, seq }, 'A changed message could not be brought to its room; retrying later');
    }
  }

  /**
   * Waits until the table has the message: the consumer may not have stored the newest ones yet.
   *
   * @throws {@link ChatError} `CHAT_MESSAGE_UNKNOWN`; {@link GaleError} `ROOM_UNAVAILABLE` after {@link maxWaitMs}.
   */
  async #arrival(place: MessagePlace): Promise<void> {
    const { room: roomId, seq } = place;
    for (let waitedMs = 0; !(await this.#has(place)); waitedMs += pollMs) {
      if (waitedMs === 0 && !(await this.#isUnderWay(roomId, seq))) {
        // It may have arrived between the two questions.
        if (await this.#has(place)) return;
        throw unknownMessage(place);
      }
      if (waitedMs >= maxWaitMs) throw databaseUnavailable(`message ${seq} of a room is not in it yet`);
      await delay(pollMs);
    }
  }

  async #has({ room, seq }: MessagePlace): Promise<boolean> {
    const row = await this.#database.tables
      .selectFrom('message')
      .select('seq')
      .where('roomId', '=', room)
      .where('seq', '=', seq)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Whether the stream has messages that the table does not have, and one of them gets this number. */
  async #isUnderWay(roomId: string, seq: number): Promise<boolean> {
    const { tables } = this.#database;
    const head = (await this.#rooms.heads([roomId])).get(roomId);
    const room = await tables.selectFrom('room').select('topSeq').where('id', '=', roomId).executeTakeFirst();
    if (!head || !room || seq <= room.topSeq) return false;
    const segment = await tables
      .selectFrom('segment')
      .select(sql<number>`max(delta)`.as('delta'))
      .where('roomId', '=', roomId)
      .where('epoch', '=', head.epoch)
      .executeTakeFirst();
    // The first messages of an epoch have no segment yet; they follow those that the table has.
    return seq <= head.top + (segment?.delta ?? room.topSeq);
  }
}

function assertNotDeleted({ deletedAt }: Pick<MessageRow, 'deletedAt'>): void {
  if (deletedAt !== null) throw new ChatError('CHAT_MESSAGE_DELETED', 'The message was deleted.');
}

async function removeParts(step: Transaction<Tables>, { roomId, seq }: MessageRow): Promise<void> {
  for (const table of ['reaction', 'mention'] as const) {
    await step.deleteFrom(table).where('roomId', '=', roomId).where('seq', '=', seq).execute();
  }
}

function notAllowed(what: string): ChatError {
  return new ChatError('CHAT_NOT_ALLOWED', `This person may not ${what}.`);
}

function unknownMessage({ seq }: MessagePlace): ChatError {
  return new ChatError('CHAT_MESSAGE_UNKNOWN', `The room has no message ${seq}.`);
}
