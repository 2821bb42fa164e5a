/**
 * Everything that the chat stores except the streams of rooms and the sessions. Implementations: SQLite in the data folder for one server,
 * Redis for several. Both pass test/support/store-suite.ts.
 */
import type { AccountStore } from '../accounts/account.ts';
import type { AttemptStore } from '../accounts/attempt-limit.ts';
import type { RoomStore } from '../rooms/room.ts';

export interface ChatStore {
  readonly accounts: AccountStore;
  readonly rooms: RoomStore;
  readonly attempts: AttemptStore;
  /**
   * Writes a small value and reads it back. This detects a store that is full, read-only or gone.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE` if either fails.
   */
  check(): Promise<void>;
  /** Closes files and connections. */
  close(): Promise<void>;
}
