/**
 * All that the chat keeps apart from the rooms' streams. Two implementations, one shared suite of tests (store/suite.ts):
 * SQLite in the data folder for one server, Redis for several.
 */
import type { AccountStore } from '../accounts/account.ts';
import type { SessionStore } from '../accounts/session.ts';
import type { TryStore } from '../accounts/try-limit.ts';
import type { RoomStore } from '../rooms/room.ts';

export interface ChatStore {
  readonly accounts: AccountStore;
  readonly sessions: SessionStore;
  readonly rooms: RoomStore;
  readonly tries: TryStore;
  /** Lets go of files and connections. */
  close(): Promise<void>;
}
