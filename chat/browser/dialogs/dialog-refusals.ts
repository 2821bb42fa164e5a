/** Keys of the texts for the error codes that only the dialogs get. */
import type { RoomsKey } from '../../locale/rooms/index.ts';

/** Texts of the dialogs by code; `roomRefusal` has those of other codes. */
export const dialogRefusals: ReadonlyMap<string, RoomsKey> = new Map<string, RoomsKey>(
  Object.entries({
    CHAT_NOT_ALLOWED: 'refusedNotAllowed',
    CHAT_LAST_OWNER: 'refusedLastOwner',
    CHAT_GUEST_OWNER: 'refusedGuestOwner',
    CHAT_PERSON_UNKNOWN: 'refusedPerson',
    CHAT_PERSON_FULL: 'refusedPersonFull',
    CHAT_DIRECT_PEOPLE: 'refusedDirectPeople',
    CHAT_TOPIC: 'refusedTopic',
  } as const),
);
