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

/** Keeps rooms and memberships. The lobby is in no store: it is always there and everybody is in it. */
export interface RoomStore {
  /** Adds a room and its maker's membership, both or neither. @returns False if the name is taken. */
  add(room: ChatRoom): Promise<boolean>;
  find(id: string): Promise<ChatRoom | undefined>;
  /** All rooms, oldest first. */
  list(): Promise<ChatRoom[]>;
  /** @returns Whether the person was not in it before. */
  join(roomId: string, personId: string): Promise<boolean>;
  /** @returns Whether the person was in it before. */
  leave(roomId: string, personId: string): Promise<boolean>;
  isMember(roomId: string, personId: string): Promise<boolean>;
  /** Ids of the rooms the person is in. */
  roomsOf(personId: string): Promise<Set<string>>;
}
