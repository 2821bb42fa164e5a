/**
 * Limits of new rooms. The first frame of every window contains all rooms, so neither one person nor one address
 * may fill the list.
 */
import { toNetwork } from 'gale/http';
import type { AttemptStore } from '../accounts/attempt-limit.ts';
import { ChatError } from '../errors.ts';
import type { RoomBounds } from './room.ts';

/** Most rooms of a chat. */
export const maxRooms = 1000;
/** Most rooms that one person can make in an hour. */
const maxOfPerson = 20;
/** Most changes of rooms by one person in an hour that are in the log of administration: names, topics, archive, people and their roles. */
const maxLoggedChanges = 120;
/** Most names in an hour that a person wants for rooms and other rooms have: each shows that there is such a room, also if it is private. */
const maxTakenNames = 20;
const hourMs = 3_600_000;

export interface RoomLimitOptions {
  /** Most new rooms of one address in an hour; of one /64 for IPv6. @defaultValue 60 */
  readonly roomsPerHour?: number;
  /** `off`: limits only the total number of rooms. @defaultValue 'on' */
  readonly limits?: 'on' | 'off';
}

export class RoomLimits {
  readonly #attempts: AttemptStore;
  readonly #maxOfAddress: number;
  readonly #isOff: boolean;

  constructor(attempts: AttemptStore, { roomsPerHour = 60, limits = 'on' }: RoomLimitOptions = {}) {
    this.#attempts = attempts;
    this.#maxOfAddress = roomsPerHour;
    this.#isOff = limits === 'off';
  }

  /** The limits for a room that is added at `now`. */
  bounds(now: number): RoomBounds {
    return { most: maxRooms, maxOfPerson: this.#isOff ? maxRooms : maxOfPerson, since: now - hourMs };
  }

  /**
   * Counts a room of an address before it is made, so that concurrent rooms cannot pass the limit.
   *
   * @returns A function that subtracts the room again if it was not made.
   * @throws {@link ChatError} `CHAT_ROOMS_ADDRESS`.
   */
  async count(address: string): Promise<() => Promise<void>> {
    if (this.#isOff) return () => Promise.resolve();
    const key = `rooms ${toNetwork(address)}`;
    const { count, resetMs } = await this.#attempts.count(key, hourMs);
    const giveBack = (): Promise<void> => this.#attempts.giveBack(key);
    if (count <= this.#maxOfAddress) return giveBack;
    await giveBack();
    const minutes = Math.ceil(resetMs / 60_000);
    throw new ChatError(
      'CHAT_ROOMS_ADDRESS',
      `${this.#maxOfAddress} rooms were made from this address, the most in an hour; the next is possible in ${minutes} min.`,
      { retryAfterMs: resetMs },
    );
  }

  /**
   * Gives a room a name, and counts the name if it is taken. Over the limit a person can give no name: a refusal of taken ones only would
   * show which these are.
   *
   * @param run - Throws `CHAT_ROOM_NAME_TAKEN` if another room has the name.
   * @throws {@link ChatError} `CHAT_NAMES_TOO_FAST`; what `run` throws.
   */
  async tryName<Result>(personId: string, run: () => Promise<Result>): Promise<Result> {
    if (this.#isOff) return run();
    const key = `taken room names ${personId}`;
    // Counted before it is tried, so that concurrent tries cannot pass the limit.
    const { count, resetMs } = await this.#attempts.count(key, hourMs);
    let isTaken = false;
    try {
      if (count <= maxTakenNames) return await run();
      throw new ChatError(
        'CHAT_NAMES_TOO_FAST',
        `Other rooms have ${maxTakenNames} names that you tried in an hour; the next try is possible in ${Math.ceil(resetMs / 60_000)} min.`,
        { retryAfterMs: resetMs },
      );
    } catch (error) {
      isTaken = error instanceof ChatError && error.code === 'CHAT_ROOM_NAME_TAKEN';
      throw error;
    } finally {
      if (!isTaken) await this.#attempts.giveBack(key);
    }
  }

  /** Counts a change that the log of administration records, so that nobody can fill it. @throws {@link ChatError} `CHAT_CHANGES_TOO_FAST`. */
  async countLogged(personId: string): Promise<void> {
    if (this.#isOff) return;
    const key = `room changes ${personId}`;
    const { count, resetMs } = await this.#attempts.count(key, hourMs);
    if (count <= maxLoggedChanges) return;
    await this.#attempts.giveBack(key);
    throw new ChatError(
      'CHAT_CHANGES_TOO_FAST',
      `You changed rooms ${maxLoggedChanges} times in an hour; the next change is possible in ${Math.ceil(resetMs / 60_000)} min.`,
      { retryAfterMs: resetMs },
    );
  }

  /** The error for a room over the limit of all rooms. */
  full(): ChatError {
    return new ChatError('CHAT_ROOMS_FULL', `There are ${maxRooms} rooms, and more are not possible.`);
  }
}
