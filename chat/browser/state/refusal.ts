/** Keys of the texts for the error codes of the server. */
import type { PhraseKey } from '../../locale/index.ts';

const messageRefusals = new Map<string, PhraseKey>(
  Object.entries({
    CHAT_TEXT_TOO_LONG: 'refusedTooLong',
    CHAT_TEXT_EMPTY: 'refusedEmpty',
    CHAT_TEXT_CHARACTERS: 'refusedCharacters',
    CHAT_MENTIONS: 'tooManyMentions',
    CHAT_MENTION_ALL: 'mentionAllRefused',
    CHAT_REPLY_UNKNOWN: 'quoteGone',
    CHAT_ROOM_ARCHIVED: 'refusedArchived',
    ROOM_NOT_MEMBER: 'refusedNotMember',
    ROOM_UNKNOWN: 'refusedNoRoom',
  } as const),
);

const roomRefusals = new Map<string, PhraseKey>(
  Object.entries({
    CHAT_ROOM_NAME: 'roomNameWrong',
    CHAT_ROOM_NAME_TAKEN: 'roomNameTaken',
    CHAT_ROOMS_TOO_FAST: 'roomsTooFast',
    CHAT_CHANGES_TOO_FAST: 'changesTooFast',
    CHAT_ROOMS_ADDRESS: 'roomsAddress',
    CHAT_ROOMS_FULL: 'roomsFull',
    CHAT_ROOM_ARCHIVED: 'refusedArchived',
    CHAT_ROOM_FULL: 'roomFull',
    CHAT_ROOMS_OF_PERSON: 'roomsOfPerson',
    ROOM_UNKNOWN: 'unknownRoom',
    ROOM_UNAVAILABLE: 'cannotSave',
    ROOM_CONNECTION_LOST: 'roomOffline',
  } as const),
);

const changeWords = new Map<string, PhraseKey>(
  Object.entries({
    messageTextCopied: 'messageTextCopied',
    messageLinkCopied: 'messageLinkCopied',
    notCopied: 'notCopied',
    CHAT_MESSAGE_UNKNOWN: 'quoteGone',
    CHAT_MESSAGE_DELETED: 'deletedMessage',
    CHAT_NOT_ALLOWED: 'changeNotAllowed',
    CHAT_ROOM_ARCHIVED: 'refusedArchived',
    CHAT_MENTIONS: 'tooManyMentions',
    CHAT_MENTION_ALL: 'mentionAllRefused',
    CHAT_RECALL_LATE: 'recallLate',
    CHAT_REACTIONS_FULL: 'reactionsFull',
    CHAT_PINS_FULL: 'pinsFull',
    CHAT_TEXT_TOO_LONG: 'refusedTooLong',
    CHAT_TEXT_EMPTY: 'refusedEmpty',
    CHAT_TEXT_CHARACTERS: 'refusedCharacters',
    ROOM_NOT_MEMBER: 'refusedNotMember',
    ROOM_UNKNOWN: 'refusedNoRoom',
    ROOM_UNAVAILABLE: 'cannotSave',
    ROOM_CONNECTION_LOST: 'roomOffline',
  } as const),
);

/** Whether the result of a message is unknown. */
export function isUnknown(code: string | undefined): boolean {
  return code === 'ROOM_PUBLISH_UNKNOWN';
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

/** Text for a change of a message that was refused, or for something that was copied. */
export function changeNotice(code: string): PhraseKey {
  return changeWords.get(code) ?? 'roomFailed';
}

/** Text for a room that could not be made, joined or left; takes `count`, the longest name. */
export function roomRefusal(code: string): PhraseKey {
  return roomRefusals.get(code) ?? 'roomFailed';
}
