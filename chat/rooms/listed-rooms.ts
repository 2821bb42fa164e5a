/**
 * A cache of the list of all rooms, which every new window needs and which seldom changes. A cheap read of the version
 * of the store validates the cache, so nobody sees an old list.
 */
import type { ChatRoom, RoomStore } from './room.ts';

/** A room, and its form for people who are not members. */
export interface ListedRoom<Shown> {
  readonly room: ChatRoom;
  readonly toOthers: Shown;
}

export class ListedRooms<Shown> {
  readonly #store: Pick<RoomStore, 'list' | 'version'>;
  readonly #toOthers: (room: ChatRoom) => Shown;
  #known: { readonly version: string; readonly rooms: readonly ListedRoom<Shown>[] } | undefined;
  /** A running read of the list, with the version for which it began. */
  #reading: { readonly version: string; readonly rooms: Promise<readonly ListedRoom<Shown>[]> } | undefined;

  constructor(store: Pick<RoomStore, 'list' | 'version'>, toOthers: (room: ChatRoom) => Shown) {
    this.#store = store;
    this.#toOthers = toOthers;
  }

  /** The current rooms, oldest first. */
  async get(): Promise<readonly ListedRoom<Shown>[]> {
    const version = await this.#store.version();
    if (this.#known?.version === version) return this.#known.rooms;
    if (this.#reading?.version === version) return this.#reading.rooms;
    // Read the list after the version: it may be newer than the version, never older.
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
