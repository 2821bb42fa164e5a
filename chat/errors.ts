/**
 * The error codes of the chat in one table, and their class.
 * `error` frames send them to the page, which translates them by code. The codes of Gale are in a table of its own.
 */
import { RoomError } from 'gale';

/** All codes of the chat: what happened, and what to do about it. */
export const chatErrorTable = {
  CHAT_TEXT_EMPTY: { what: 'A message has no visible characters.', todo: 'Send a text that is not only white space.' },
  CHAT_TEXT_TOO_LONG: { what: 'A message is over the limit of its length.', todo: 'Send it in parts.' },
  CHAT_TEXT_CHARACTERS: {
    what: 'A message contains control characters other than line breaks and tabs.',
    todo: 'Remove them.',
  },
  CHAT_MENTIONS: { what: 'A message mentions more than 50 people.', todo: 'Mention fewer, or everybody with @all.' },
  CHAT_MENTION_ALL: {
    what: 'A message mentions everybody in a room of more than 50 people.',
    todo: 'Mention single people, or ask an owner of the room or an administrator.',
  },
  CHAT_ROOM_NAME: { what: 'A room cannot have this name.', todo: 'Choose 1 to 40 visible characters of one script.' },
  CHAT_ROOM_NAME_TAKEN: { what: 'Another room has this name.', todo: 'Choose another, or join that room.' },
  CHAT_NAMES_TOO_FAST: {
    what: 'Other rooms have too many of the names that a person tried in an hour.',
    todo: 'Try the next name later.',
  },
  CHAT_ROOMS_TOO_FAST: { what: 'A person made too many rooms in an hour.', todo: 'Make the next one later.' },
  CHAT_ROOMS_ADDRESS: {
    what: 'Too many rooms were made from one address in an hour.',
    todo: 'Make the next one later, or raise --rooms-per-hour.',
  },
  CHAT_CHANGES_TOO_FAST: { what: 'A person changed rooms too often in an hour.', todo: 'Make the next change later.' },
  CHAT_ROOMS_FULL: { what: 'The number of rooms is at its limit.', todo: 'Use an existing room.' },
  CHAT_NOT_ALLOWED: {
    what: 'A person may not do this in this room.',
    todo: 'Ask an owner of the room or an administrator.',
  },
  CHAT_ROOM_ARCHIVED: { what: 'An archived room can only be read.', todo: 'Ask an owner to open it again.' },
  CHAT_ROOM_FULL: { what: 'A room has the most members that it can have.', todo: 'Make another room.' },
  CHAT_ROOMS_OF_PERSON: { what: 'A person is in the most rooms that they can be in.', todo: 'Leave a room.' },
  CHAT_PERSON_FULL: { what: 'Another person is in too many rooms to be added.', todo: 'Ask them to leave a room.' },
  CHAT_PERSON_UNKNOWN: {
    what: 'There is no such person, or they no longer use this chat.',
    todo: 'Choose other people.',
  },
  CHAT_DIRECT_PEOPLE: {
    what: 'A direct conversation has at most 8 people.',
    todo: 'Make a private room.',
  },
  CHAT_GUEST_OWNER: {
    what: 'A guest cannot be an owner of a room.',
    todo: 'Choose a member, or ask an administrator to make the guest one.',
  },
  CHAT_LAST_OWNER: { what: 'A room needs an owner.', todo: 'Make another member an owner first.' },
  CHAT_TOPIC: { what: 'A topic is too long or has invisible characters.', todo: 'Use at most 200 visible characters.' },
  CHAT_MESSAGE_UNKNOWN: { what: 'The room has no message with this number.', todo: 'Read the room again.' },
  CHAT_MESSAGE_DELETED: { what: 'The message was deleted.', todo: 'Nothing; show it as deleted.' },
  CHAT_RECALL_LATE: { what: 'A message can be recalled for two minutes.', todo: 'Delete it instead.' },
  CHAT_REPLY_UNKNOWN: {
    what: 'The message replies to one that the room does not have.',
    todo: 'Send it without reply.',
  },
  CHAT_REACTION: { what: 'A reaction must be one emoji.', todo: 'Send one emoji in its recommended form.' },
  CHAT_REACTIONS_FULL: {
    what: 'A message has 20 kinds of reactions, or 500 in all.',
    todo: 'Use one of those that are there, or none.',
  },
  CHAT_PINS_FULL: { what: 'A room has 50 pinned messages.', todo: 'Unpin one first.' },
  CHAT_LOBBY: { what: 'The lobby cannot be left.', todo: 'Leave any other room.' },
} as const;

/** The name of a row of {@link chatErrorTable}. */
export type ChatErrorCode = keyof typeof chatErrorTable;

/** A refusal by the chat. The client gets it unchanged; a retry would be refused too. */
export class ChatError extends RoomError {
  override readonly name: string = 'ChatError';

  /**
   * @param code - The row.
   * @param message - An English sentence for developers: what happened, against which limit.
   * @param options - For a limit of a time: when the command is possible again.
   */
  // oxlint-disable-next-line no-useless-constructor -- it narrows the codes
  constructor(code: ChatErrorCode, message: string, options: { readonly retryAfterMs?: number } = {}) {
    super(code, message, options);
  }
}
