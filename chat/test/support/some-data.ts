/**
 * Accounts and rooms for tests of stores.
 */
import type { NewAccount } from '../../accounts/account.ts';
import type { ChatRoom, RoomBounds } from '../../rooms/room.ts';

let counter = 0;

/** Creates the data of a new account. */
export function someAccount(): NewAccount {
  const name = `Person ${++counter}`;
  return {
    id: `person-${counter}`,
    name,
    nameKey: name.toLowerCase(),
    passwordHash: `$hash${counter}`,
    createdAt: counter,
  };
}

/** Creates the data of a new room. */
export function someRoom(madeBy: string, madeAt?: number): ChatRoom {
  const name = `Room ${++counter}`;
  return { id: `room-${counter}`, name, nameKey: name.toLowerCase(), madeBy, madeAt: madeAt ?? counter };
}

/** Bounds that no test reaches. */
export const unbounded: RoomBounds = { most: 1_000_000, maxOfPerson: 1_000_000, since: 0 };
