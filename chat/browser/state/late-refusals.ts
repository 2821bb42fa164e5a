/** Keys of the texts for refused changes of rooms and of messages, which only late parts of the page show. */
import type { ActionKey } from '../../locale/actions/index.ts';
import type { PhraseKey } from '../../locale/index.ts';

/** The key of a text of the page, or of one that is loaded late. */
export type LateKey = PhraseKey | ActionKey;

const roomRefusals = new Map<string, LateKey>(
  Object.entries({
    CHAT_ROOM_NAME: 'roomNameWrong',
    CHAT_ROOM_NAME_TAKEN: 'roomNameTaken',
    CHAT_NAMES_TOO_FAST: 'namesTooFast',
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

const changeWords = new Map<string, LateKey>(
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
    ROOM_TOO_FAST: 'tooFast',
    ROOM_NOT_MEMBER: 'refusedNotMember',
    ROOM_UNKNOWN: 'refusedNoRoom',
    ROOM_UNAVAILABLE: 'cannotSave',
    ROOM_CONNECTION_LOST: 'roomOffline',
  } as const),
);

/** Text for a change of a message that was refused, or for something that was copied; takes `count`, the seconds until the next try. */
export function changeNotice(code: string): LateKey {
  return changeWords.get(code) ?? 'roomFailed';
}

/** Text for a room that could not be made, joined or left; takes `count`, the longest name. */
export function roomRefusal(code: string): LateKey {
  return roomRefusals.get(code) ?? 'roomFailed';
}
