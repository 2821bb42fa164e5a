/**
 * A message as a row of the table `message`, and as the data that the stream and the page have.
 */
import type { Insertable, Selectable } from 'kysely';
import type { RoomMessage } from 'gale/rooms';
import type { MessageTable } from '../database/tables.ts';
import { type MessageData, type WireReaction } from '../wire.ts';

/** A stored message. */
export type MessageRow = Selectable<MessageTable>;

/** The columns that a change of a message can change. */
export type ContentColumns = Pick<
  MessageRow,
  'text' | 'change' | 'editedAt' | 'deletedAt' | 'deletedBy' | 'replyTo' | 'mentions' | 'pinnedAt'
>;

/** Within this time after it was sent, a deletion by the author is a recall, in milliseconds. */
export const recallMs = 120_000;

/** Where a message of the stream is stored. */
export interface MessagePlace {
  readonly roomId: string;
  readonly epoch: string;
  readonly seq: number;
}

/** The row of a message of the stream. */
export function toRow(
  message: RoomMessage<MessageData>,
  { roomId, epoch, seq }: MessagePlace,
): Insertable<MessageTable> {
  return {
    roomId,
    seq,
    authorId: message.author.id,
    messageId: message.id,
    sentAt: message.time,
    ...toContent(message.data),
    pinnedBy: null,
    epoch,
    streamOffset: message.offset,
  };
}

/** Between the id of a message and its time. No id that a client sends has it. */
const repeatMark = '~';

/** `messageId` of a message whose sender used the id of an earlier one again, after the stream had forgotten it. */
export function repeatedId(id: string, time: number): string {
  return `${id}${repeatMark}${time}`;
}

/** The id that a stored message has in the stream. */
export function streamId(messageId: string): string {
  return messageId.split(repeatMark, 1)[0] ?? messageId;
}

/** The columns of the data. Data that another version of the chat stored may have other fields. */
export function toContent(data: MessageData): ContentColumns {
  const { text, change = 0, edited, deleted, reply, mentions = [], pinned } = data;
  return {
    text: typeof text === 'string' ? text : '',
    change,
    editedAt: edited ?? null,
    deletedAt: deleted?.at ?? null,
    deletedBy: deleted?.by ?? null,
    replyTo: reply ?? null,
    mentions: mentions.length === 0 ? null : JSON.stringify(mentions),
    pinnedAt: pinned ?? null,
  };
}

/** The data of a stored message. */
export function toData(
  row: ContentColumns & Pick<MessageRow, 'authorId' | 'sentAt'>,
  reactions: readonly WireReaction[] = [],
): MessageData {
  const { text, change, editedAt, deletedAt, deletedBy, replyTo, mentions, pinnedAt, authorId, sentAt } = row;
  const isRecalled = deletedAt !== null && deletedBy === authorId && deletedAt - sentAt <= recallMs;
  return {
    text,
    ...(change > 0 ? { change } : {}),
    ...(editedAt === null ? {} : { edited: editedAt }),
    ...(deletedAt === null
      ? {}
      : { deleted: { at: deletedAt, by: deletedBy ?? '', ...(isRecalled ? { recalled: true } : {}) } }),
    ...(replyTo === null ? {} : { reply: replyTo }),
    ...(mentions === null ? {} : { mentions: readMentions(mentions) }),
    ...(reactions.length === 0 ? {} : { reactions }),
    ...(pinnedAt === null ? {} : { pinned: pinnedAt }),
  };
}

/** The list in the column `mentions`. */
export function readMentions(mentions: string | null): readonly string[] {
  return mentions === null ? [] : (JSON.parse(mentions) as string[]);
}
