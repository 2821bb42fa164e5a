/**
 * A room that people make, and the store of such rooms. The stream of a room keeps its messages.
 * database-rooms.ts implements it.
 */

import type { PinyinForms } from '../pinyin/pinyin.ts';

/** A place where people talk. */
export interface ChatRoom {
  /** Random; never changes. */
  readonly id: string;
  /** As the page shows it. */
  readonly name: string;
  /** Form of the name for comparison; unique. */
  readonly nameKey: string;
  /** @defaultValue 'public' */
  readonly kind?: 'public' | 'private';
  /** @defaultValue '' */
  readonly topic?: string;
  /** The person who made it. */
  readonly madeBy: string;
  /** When it was made, in milliseconds since 1970. */
  readonly madeAt: number;
}

/** The name of a room, and what is stored for it. */
export type StoredName = Pick<ChatRoom, 'name' | 'nameKey'> & PinyinForms;

/** Limits of the number of rooms, checked in the same step that adds a room. */
export interface RoomBounds {
  /** Most rooms in total, hidden ones included. */
  readonly most: number;
  /** Most rooms that the maker made after `since`. */
  readonly maxOfPerson: number;
  /** Milliseconds since 1970; at most an hour ago. */
  readonly since: number;
}

/** The result of adding a room. */
export type AddedRoom = 'added' | 'nameTaken' | 'tooMany' | 'tooManyOfPerson' | 'tooManyOfMember' | 'guest';

/**
 * Makes rooms, and removes those that nobody needs. members.ts has the memberships, room-changes.ts the other changes.
 *
 * A room is *unjoined* until a person other than its maker joins it or {@link keep} is called; then it is never unjoined again.
 * An unjoined room can be hidden. A hidden room can be removed or kept.
 */
export interface RoomStore {
  /**
   * Adds a room and the membership of its maker, both or neither. `guest`: the maker may make no rooms; `tooManyOfMember`: the maker is in
   * the most rooms already.
   */
  add(room: ChatRoom, bounds: RoomBounds): Promise<AddedRoom>;
  /** At most `most` unjoined rooms made before `madeBefore`, hidden ones included, oldest first. */
  unjoined(madeBefore: number, most: number): Promise<ChatRoom[]>;
  /** Hides a room if it is unjoined, so that nobody can find or join it. @returns Whether it is hidden now. */
  hide(id: string): Promise<boolean>;
  /** Removes a hidden room, with its name and memberships. @returns Whether this call removed it. */
  remove(room: Pick<ChatRoom, 'id'>): Promise<boolean>;
  /** Ends the loneliness of a room, and shows it again if it was hidden. */
  keep(id: string): Promise<void>;
}
