/**
 * The commands that change messages and read parts of them. Each reads its own fields, which the client may have sent wrong. The caller has
 * found out who sends it; whether the person is in the room is checked here, before anything else.
 */
import { RoomError } from 'gale';
import type { Unvalidated } from 'gale/rooms';
import type { ChatCommands } from '../../wire.ts';
import { checkText } from '../text.ts';
import type { MessageChanges, MessagePlace } from './message-changes.ts';
import type { MessageExcerpts } from './message-excerpts.ts';
import { maxExcerpts } from './message-limits.ts';

/** What the commands use. */
export interface MessageCommandParts {
  readonly changes: MessageChanges;
  readonly excerpts: MessageExcerpts;
  /** Rejects, with the same error as every command, unless the person is in the room. */
  readonly assertMember: (roomId: string, personId: string) => Promise<void>;
  /** As {@link assertMember}, and rejects if the room can be read only. */
  readonly assertWriter: (roomId: string, personId: string) => Promise<void>;
}

/** The names of the commands. */
export type MessageCommand =
  | 'edit-message'
  | 'delete-message'
  | 'react'
  | 'pin-message'
  | 'get-messages'
  | 'list-pins'
  | 'who-reacted';

/** Executes each command. @throws {@link RoomError} or {@link ChatError} if it is refused. */
export const messageCommands: {
  readonly [Type in MessageCommand]: (
    parts: MessageCommandParts,
    personId: string,
    fields: Unvalidated<ChatCommands[Type]['fields']>,
  ) => Promise<ChatCommands[Type]['reply']>;
} = {
  'edit-message': async (parts, personId, fields) => {
    const place = await enterToWrite(parts, personId, fields);
    const text = checkText(readText('text', fields.text));
    return { data: await parts.changes.edit(personId, place, text) };
  },
  // Also in an archived room, whose texts everybody can still read.
  'delete-message': async (parts, personId, fields) => {
    const place = await enter(parts, personId, fields);
    const isRecall = fields.recall === undefined ? false : readFlag('recall', fields.recall);
    return { data: await parts.changes.remove(personId, place, isRecall) };
  },
  react: async (parts, personId, fields) => {
    const place = await enterToWrite(parts, personId, fields);
    const emoji = readText('emoji', fields.emoji);
    return { data: await parts.changes.react(personId, place, emoji, readFlag('on', fields.on)) };
  },
  'pin-message': async (parts, personId, fields) => {
    const place = await enterToWrite(parts, personId, fields);
    return { data: await parts.changes.pin(personId, place, readFlag('on', fields.on)) };
  },
  'get-messages': async ({ excerpts, assertMember }, personId, { room, seqs }) => {
    const roomId = readText('room', room);
    const wanted = readSeqs(seqs);
    await assertMember(roomId, personId);
    return { messages: await excerpts.find(roomId, wanted) };
  },
  'list-pins': async ({ excerpts, assertMember }, personId, { room }) => {
    const roomId = readText('room', room);
    await assertMember(roomId, personId);
    return { messages: await excerpts.pinned(roomId) };
  },
  'who-reacted': async (parts, personId, fields) => {
    const { room, seq } = await enter(parts, personId, fields);
    return parts.excerpts.whoReacted(room, seq, readText('emoji', fields.emoji), personId);
  },
};

/** Whether a command is one of these. */
export function isMessageCommand(type: string): type is MessageCommand {
  return Object.hasOwn(messageCommands, type);
}

/** Reads `reply` of a new message. */
export function readReply(reply: unknown): number | undefined {
  return reply === undefined || reply === null ? undefined : readSeq('data.reply', reply);
}

async function enter(
  { assertMember }: MessageCommandParts,
  personId: string,
  fields: Unvalidated<MessagePlace>,
): Promise<MessagePlace> {
  const place = readPlace(fields);
  await assertMember(place.room, personId);
  return place;
}

async function enterToWrite(
  { assertWriter }: MessageCommandParts,
  personId: string,
  fields: Unvalidated<MessagePlace>,
): Promise<MessagePlace> {
  const place = readPlace(fields);
  await assertWriter(place.room, personId);
  return place;
}

function readPlace({ room, seq }: Unvalidated<MessagePlace>): MessagePlace {
  return { room: readText('room', room), seq: readSeq('seq', seq) };
}

function readSeqs(seqs: unknown): number[] {
  if (Array.isArray(seqs) && seqs.length <= maxExcerpts) return seqs.map((seq) => readSeq('seqs', seq));
  throw bad('seqs', `a list of at most ${maxExcerpts} integers`, seqs);
}

function readSeq(field: string, seq: unknown): number {
  if (Number.isSafeInteger(seq) && (seq as number) > 0) return seq as number;
  throw bad(field, 'an integer of at least 1', seq);
}

function readFlag(field: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw bad(field, 'true or false', value);
}

function readText(field: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw bad(field, 'a string', value);
}

function bad(field: string, expected: string, got: unknown): RoomError {
  const kind = got === null ? 'null' : Array.isArray(got) ? `a list of ${got.length}` : typeof got;
  return new RoomError(
    'ROOM_BAD_COMMAND',
    `${field} must be ${expected}; got ${typeof got === 'number' ? got : kind}.`,
  );
}
