/**
 * A room as the chat knows it, and what keeps rooms and who is in them. What is said in a room is kept by its stream.
 * Implementations: store/sqlite-rooms.ts and store/redis-rooms.ts.
 */

/** A place where people talk. */
export interface ChatRoom {
  /** Random; never changes. */
  readonly id: string;
  /** As shown. */
  readonly name: string;
  /** The name as it is compared; no two rooms share one. */
  readonly nameKey: string;
  /** The person who made it. */
  readonly madeBy: string;
  /** When it was made, in milliseconds since 1970. */
  readonly madeAt: number;
}

/** How many rooms there may be; counted in the same step in which a room is added. */
export interface RoomBounds {
  /** Of everybody together, hidden ones included. */
  readonly most: number;
  /** Of the person who makes it, made after `since`. */
  readonly mostOfPerson: number;
  /** Milliseconds since 1970; at most an hour ago. */
  readonly since: number;
}

/** What became of a room that was to be added. */
export type AddedRoom = 'added' | 'nameTaken' | 'tooMany' | 'tooManyOfPerson';

/**
 * Keeps rooms and memberships. The lobby is in no store: it is always there and everybody is in it.
 *
 * A room is *lonely* until somebody else than its maker joins it, or {@link keep} was called: both are for good.
 * A lonely room can be hidden, and a hidden one removed or kept.
 */
export interface RoomStore {
  /** Adds a room and its maker's membership, both or neither. */
  add(room: ChatRoom, bounds: RoomBounds): Promise<AddedRoom>;
  /** @returns The room, unless it is hidden. */
  find(id: string): Promise<ChatRoom | undefined>;
  /** All rooms but hidden ones, oldest first. */
  list(): Promise<ChatRoom[]>;
  /** A text that changes whenever {@link list} gives something else; cheap to ask for. */
  version(): Promise<string>;
  /** Joins a room, unless it is hidden; both in one step with what {@link hide} does. */
  join(roomId: string, personId: string): Promise<'joined' | 'alreadyIn' | 'unknown'>;
  /** @returns Whether the person was in it before. */
  leave(roomId: string, personId: string): Promise<boolean>;
  isMember(roomId: string, personId: string): Promise<boolean>;
  /** Ids of the rooms the person is in. */
  roomsOf(personId: string): Promise<Set<string>>;
  /** At most `most` lonely rooms made before `madeBefore`, hidden ones included, oldest first. */
  lonely(madeBefore: number, most: number): Promise<ChatRoom[]>;
  /** Hides a room if it is lonely: nobody finds or joins it. @returns Whether it is hidden now. */
  hide(id: string): Promise<boolean>;
  /** Removes a hidden room, with its name and memberships. @returns Whether this call did it. */
  remove(room: ChatRoom): Promise<boolean>;
  /** The room is not lonely any more; shows it again if it was hidden. */
  keep(id: string): Promise<void>;
}
