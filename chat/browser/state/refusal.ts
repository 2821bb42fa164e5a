/** Keys of the texts for messages that were refused. late-refusals.ts has those for changes. */
import type { PhraseKey } from '../../locale/index.ts';

const messageRefusals = new Map<string, PhraseKey>(
  Object.entries({
    CHAT_TEXT_TOO_LONG: 'refusedTooLong',
    CHAT_TEXT_EMPTY: 'refusedEmpty',
    CHAT_TEXT_CHARACTERS: 'refusedCharacters',
    CHAT_MENTIONS: 'tooManyMentions',
    CHAT_MENTION_ALL: 'mentionAllRefused',
    CHAT_REPLY_UNKNOWN: 'refusedReply',
    CHAT_ROOM_ARCHIVED: 'refusedArchived',
    ROOM_NOT_MEMBER: 'refusedNotMember',
    ROOM_UNKNOWN: 'refusedNoRoom',
  } as const),
);

/** Whether the result of a message is unknown. */
export function isUnknown(code: string | undefined): boolean {
  return code === 'ROOM_PUBLISH_UNKNOWN';
}

/** Whether a message was refused because the one to which it replies is gone. It can be sent without the quote. */
export function isReplyToGone(code: string | undefined): boolean {
  return code === 'CHAT_REPLY_UNKNOWN';
}

/** Whether a command failed because there was no connection. */
export function isOffline(code: string | undefined): boolean {
  return code === 'ROOM_CONNECTION_LOST';
}

/** Whether a message was refused for a reason that a member of the room no longer sees: the person has joined it since then. */
export function isForOutsiders(code: string | undefined): boolean {
  return code === 'ROOM_NOT_MEMBER' || code === 'ROOM_UNKNOWN';
}

/** Text for a refused message; takes `code`. */
export function messageRefusal(code: string): PhraseKey {
  return messageRefusals.get(code) ?? 'refusedOther';
}
