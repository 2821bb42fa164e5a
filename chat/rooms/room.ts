/**
 * A room of the chat, and the store of rooms and memberships. The stream of a room keeps its messages.
 * database-rooms.ts implements it.
 */

/** A place where people talk. */
export interface ChatRoom {
  /** Random; never changes. */
  readonly id: string;
  /** As the page shows it. */
  readonly name: string;
  /** Form of the name for comparison; unique. */
  readonly nameKey: string;
  /** The person who made it. */
  readonly madeBy: string;
  /** When it was made, in milliseconds since 1970. */
  readonly madeAt: number;
}

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
export type AddedRoom = 'added' | 'nameTaken' | 'tooMany' | 'tooManyOfPerson';

/**
 * Stores rooms and memberships. The lobby is not in the store: it always exists, and everybody is a member.
 *
 * A room is *unjoined* until a person other than its maker joins it or {@link keep} is called; then it is never unjoined again.
 * An unjoined room can be hidden. A hidden room can be removed or kept.
 */
export interface RoomStore {
  /** Adds a room and the membership of its maker, both or neither. */
  add(room: ChatRoom, bounds: RoomBounds): Promise<AddedRoom>;
  /** @returns The room, unless it is hidden. */
  find(id: string): Promise<ChatRoom | undefined>;
  /** All rooms except hidden ones, oldest first. */
  list(): Promise<ChatRoom[]>;
  /** A text that changes whenever the result of {@link list} changes. Cheap to read. */
  version(): Promise<string>;
  /** Joins a room, unless it is hidden. Atomic with {@link hide}. */
  join(roomId: string, personId: string): Promise<'joined' | 'alreadyIn' | 'unknown'>;
  /** @returns Whether the person was a member. */
  leave(roomId: string, personId: string): Promise<boolean>;
  isMember(roomId: string, personId: string): Promise<boolean>;
  /** Ids of the rooms of a person. */
  roomsOf(personId: string): Promise<Set<string>>;
  /** At most `most` unjoined rooms made before `madeBefore`, hidden ones included, oldest first. */
  unjoined(madeBefore: number, most: number): Promise<ChatRoom[]>;
  /** Hides a room if it is unjoined, so that nobody can find or join it. @returns Whether it is hidden now. */
  hide(id: string): Promise<boolean>;
  /** Removes a hidden room, with its name and memberships. @returns Whether this call removed it. */
  remove(room: ChatRoom): Promise<boolean>;
  /** Ends the loneliness of a room, and shows it again if it was hidden. */
  keep(id: string): Promise<void>;
}
