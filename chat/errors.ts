/**
 * The chat's own error codes, in one table, and the class that carries them.
 * They travel to the page in `error` frames; the page words them by their code. Gale's codes stand in its own table.
 */
import { RoomError } from 'gale';

/** All codes of the chat: what happened, and what to do about it. */
export const chatErrorTable = {
  CHAT_TEXT_EMPTY: { what: 'A message has nothing to read in it.', todo: 'Send a text that is not only white space.' },
  CHAT_TEXT_TOO_LONG: { what: 'A message is longer than a message may be.', todo: 'Send it in parts.' },
  CHAT_TEXT_CHARACTERS: {
    what: 'A message holds control characters other than line breaks and tabs.',
    todo: 'Leave them out.',
  },
  CHAT_ROOM_NAME: { what: 'A room cannot have this name.', todo: 'Choose 1 to 40 visible characters.' },
  CHAT_ROOM_NAME_TAKEN: { what: 'Another room has this name.', todo: 'Choose another, or join that room.' },
  CHAT_ROOMS_TOO_FAST: { what: 'A person made many rooms in an hour.', todo: 'Make the next one later.' },
  CHAT_ROOMS_ADDRESS: {
    what: 'Many rooms were made from one address in an hour.',
    todo: 'Make the next one later, or raise --rooms-per-hour.',
  },
  CHAT_ROOMS_FULL: { what: 'There are as many rooms as there may be.', todo: 'Use one of those there are.' },
  CHAT_LOBBY: { what: 'The lobby cannot be left.', todo: 'Leave any other room.' },
} as const;

/** The name of a row of {@link chatErrorTable}. */
export type ChatErrorCode = keyof typeof chatErrorTable;

/** A refusal that the chat names; it goes to the client as it is, and again would be refused again. */
export class ChatError extends RoomError {
  override readonly name: string = 'ChatError';

  /**
   * @param code - The row.
   * @param message - An English sentence for developers: what happened, against which limit.
   */
  // oxlint-disable-next-line no-useless-constructor -- it narrows the codes
  constructor(code: ChatErrorCode, message: string) {
    super(code, message);
  }
}
