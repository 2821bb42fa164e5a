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
  /**
   * Writes a small value and reads it back, so that a store that is full, read-only or gone is noticed.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE` if either fails.
   */
  check(): Promise<void>;
  /** Lets go of files and connections. */
  close(): Promise<void>;
}
