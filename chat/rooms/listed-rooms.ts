/**
 * The list of all rooms, as it was read last: every window that opens is shown it, and it seldom changes. The store's
 * version tells, with one cheap question, whether it still is the same; so nobody is ever shown an old list.
 */
import type { ChatRoom, RoomStore } from './room.ts';

/** A room, and what those are shown of it who are not in it. */
export interface ListedRoom<Shown> {
  readonly room: ChatRoom;
  readonly toOthers: Shown;
}

export class ListedRooms<Shown> {
  readonly #store: Pick<RoomStore, 'list' | 'version'>;
  readonly #toOthers: (room: ChatRoom) => Shown;
  #known: { readonly version: string; readonly rooms: readonly ListedRoom<Shown>[] } | undefined;
  /** A read of the list that is on its way, by the version it was begun for. */
  #reading: { readonly version: string; readonly rooms: Promise<readonly ListedRoom<Shown>[]> } | undefined;

  constructor(store: Pick<RoomStore, 'list' | 'version'>, toOthers: (room: ChatRoom) => Shown) {
    this.#store = store;
    this.#toOthers = toOthers;
  }

  /** All rooms, oldest first, as they are now. */
  async get(): Promise<readonly ListedRoom<Shown>[]> {
    const version = await this.#store.version();
    if (this.#known?.version === version) return this.#known.rooms;
    if (this.#reading?.version === version) return this.#reading.rooms;
    // Read after the version: the list may be newer than that, never older.
    const reading = { version, rooms: this.#read(version) };
    this.#reading = reading;
    try {
      return await reading.rooms;
    } finally {
      if (this.#reading === reading) this.#reading = undefined;
    }
  }

  async #read(version: string): Promise<readonly ListedRoom<Shown>[]> {
    const rooms = (await this.#store.list()).map((room) => ({ room, toOthers: this.#toOthers(room) }));
    this.#known = { version, rooms };
    return rooms;
  }
}
