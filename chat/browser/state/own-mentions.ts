/** Messages that mention the person of this page, and which of them are unread. */
import { mentionsAll, type MessageData } from '../../wire.ts';
import type { ChatMessage, RoomState } from './room-state.ts';

/** Mentions of one room that are kept; the welcome has as many. */
const maxKept = 100;

/** Whether a message mentions a person; never one of their own. */
export function mentionsPerson(authorId: string, { mentions }: MessageData, personId: string): boolean {
  if (authorId === personId || mentions === undefined) return false;
  return mentions.includes(personId) || mentions.includes(mentionsAll);
}

/** The number of unread mentions of a room. */
export function mentionCount(room: RoomState): number {
  return room.isMember ? room.mentioned.filter((seq) => seq > room.readSeq).length : 0;
}

/** Notes those of some messages that mention a person. */
export function noteMentions(room: RoomState, messages: readonly ChatMessage[], me: string): RoomState {
  const seqs = messages
    .filter(({ seq, author, data }) => seq !== undefined && seq > room.readSeq && mentionsPerson(author.id, data, me))
    .map(({ seq }) => seq!)
    .filter((seq) => !room.mentioned.includes(seq));
  if (seqs.length === 0) return room;
  return { ...room, mentioned: [...room.mentioned, ...seqs].toSorted((a, b) => a - b).slice(-maxKept) };
}

/** A message was changed: an edit or a deletion may have removed the mention. */
export function forgetMention(room: RoomState, seq: number, { mentions = [] }: MessageData, me: string): RoomState {
  if (!room.mentioned.includes(seq) || mentions.includes(me) || mentions.includes(mentionsAll)) return room;
  return { ...room, mentioned: room.mentioned.filter((other) => other !== seq) };
}
