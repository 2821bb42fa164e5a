/**
 * What the chat stores except the streams of rooms: accounts, rooms and sessions in the database, and counts of attempts, which are not
 * worth a write to the disk: in memory for one server, in Redis for several.
 */
import type { SessionStore } from 'gale/sessions';
import type { AccountStore } from '../accounts/account.ts';
import type { AttemptStore } from '../accounts/attempt-limit.ts';
import { DatabaseAccounts } from '../accounts/database-accounts.ts';
import { DatabaseSessions } from '../accounts/database-sessions.ts';
import type { ChatDatabase } from '../database/database.ts';
import { DatabaseRooms } from '../rooms/database-rooms.ts';
import type { RoomStore } from '../rooms/room.ts';

export interface ChatStore {
  readonly accounts: AccountStore;
  readonly rooms: RoomStore;
  readonly sessions: SessionStore;
  readonly attempts: AttemptStore;
}

/** @param database - Not closed with the store, which needs no end. */
export function createStore(database: ChatDatabase, attempts: AttemptStore): ChatStore {
  return {
    accounts: new DatabaseAccounts(database),
    rooms: new DatabaseRooms(database),
    sessions: new DatabaseSessions(database),
    attempts,
  };
}
