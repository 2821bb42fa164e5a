/**
 * The rooms there are and who is in them: making, joining, leaving, and what a person is shown of a room.
 * The lobby is a room that nobody made, everybody is in and nobody leaves.
 * A room's id is the name of its stream; what is behind the newest 100 messages of a stream would be kept by a table of
 * messages by (room, offset), filled behind `Rooms.publish` and read by a command of its own: the seam for full history.
 */
import { randomBytes } from 'node:crypto';
import { RoomError, type Logger, type Person, type Position, type Rooms, type StreamHead } from 'gale';
import { ChatError } from '../errors.ts';
import { maxRoomNameCodePoints, nameKey, readName } from '../name.ts';
import { ListedRooms } from './listed-rooms.ts';
import type { ChatRoom, RoomStore } from './room.ts';
import type { RoomLimits } from './room-limits.ts';

/** Id of the room everybody is in. Its name is worded by the page. */
export const lobbyId = 'lobby';
/** Longest id that is looked up; those of rooms have 12 characters. */
const maxRoomIdCharacters = 100;

/** A room as one person is shown it; a `Room` of the wire. */
export interface ShownRoom {
  readonly id: string;
  readonly name: string;
  readonly member: boolean;
  readonly epoch: string;
  readonly top: number;
  readonly first: number;
  readonly cursor: Position | null;
}

export interface DirectoryOptions {
  readonly limits: RoomLimits;
  readonly log: Logger;
  /** Milliseconds since 1970. @defaultValue `Date.now` */
  readonly now?: () => number;
}

export class Directory {
  readonly #store: RoomStore;
  readonly #rooms: Rooms;
  readonly #limits: RoomLimits;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #listed: ListedRooms<ShownRoom>;

  constructor(store: RoomStore, rooms: Rooms, { limits, log, now = Date.now }: DirectoryOptions) {
    this.#store = store;
    this.#rooms = rooms;
    this.#limits = limits;
    this.#log = log;
    this.#now = now;
    this.#listed = new ListedRooms(store, toOthers);
  }

  /** Lets a new person begin in the lobby: what was said before them is not unread. */
  async admit(personId: string): Promise<void> {
    await this.#beginAtTop(lobbyId, personId);
  }

  /**
   * Makes a room.
   *
   * @param address - The visitor's, of which rooms are counted.
   * @throws {@link ChatError} `CHAT_ROOM_NAME`, `CHAT_ROOM_NAME_TAKEN`, `CHAT_ROOMS_TOO_FAST`, `CHAT_ROOMS_ADDRESS`, `CHAT_ROOMS_FULL`.
   */
  async make(person: Person, typedName: string, address: string): Promise<ShownRoom> {
    const read = readName(typedName, maxRoomNameCodePoints);
    if ('problem' in read) throw new ChatError('CHAT_ROOM_NAME', `A room cannot have this name: ${read.problem}.`);
    const room: ChatRoom = {
      id: randomBytes(9).toString('base64url'),
      name: read.name,
      nameKey: nameKey(read.name),
      madeBy: person.id,
      madeAt: this.#now(),
    };
    const giveBack = await this.#limits.count(address);
    let shown: ShownRoom;
    try {
      shown = await this.#add(room);
    } catch (error) {
      await giveBack();
      throw error;
    }
    await this.#told(this.#rooms.notifyEveryone({ type: 'room-made', room: shown, by: person.id }));
    await this.#told(this.#rooms.notify(person.id, { type: 'joined', room: shown }));
    return shown;
  }

  /** Joins a room; again is the same. @throws {@link RoomError} `ROOM_UNKNOWN`. */
  async join(person: Person, roomId: string): Promise<ShownRoom> {
    const room = await this.#known(roomId);
    if (await this.isMember(roomId, person.id)) return this.#show(room, person.id);
    // First where they begin, then that they are in: a fault in between leaves somebody who is not in.
    await this.#beginAtTop(roomId, person.id);
    if ((await this.#store.join(roomId, person.id)) === 'unknown') {
      await this.#rooms.forgetCursor(roomId, person.id);
      throw unknownRoom(roomId);
    }
    const shown = await this.#show(room, person.id);
    await this.#told(this.#rooms.notify(person.id, { type: 'joined', room: shown }));
    return shown;
  }

  /** Leaves a room; again is the same. @throws {@link RoomError} `ROOM_UNKNOWN`; {@link ChatError} `CHAT_LOBBY`. */
  async leave(person: Person, roomId: string): Promise<void> {
    if (roomId === lobbyId) throw new ChatError('CHAT_LOBBY', 'Everybody is in the lobby.');
    await this.#known(roomId);
    if (await this.#store.leave(roomId, person.id)) await this.#rooms.forgetCursor(roomId, person.id);
    // Told also when it was left before: then that telling may be what failed.
    await this.#told(this.#rooms.notify(person.id, { type: 'left', room: roomId }));
  }

  async isMember(roomId: string, personId: string): Promise<boolean> {
    if (roomId.length > maxRoomIdCharacters) return false;
    return roomId === lobbyId || this.#store.isMember(roomId, personId);
  }

  /** @throws {@link RoomError} `ROOM_UNKNOWN` or `ROOM_NOT_MEMBER`. */
  async assertMember(roomId: string, personId: string): Promise<void> {
    if (await this.isMember(roomId, personId)) return;
    await this.#known(roomId);
    throw new RoomError('ROOM_NOT_MEMBER', `Join the room ${JSON.stringify(roomId)} first.`);
  }

  /** All rooms, the lobby first, as one person is shown them. What it asks the stores does not grow with the number of rooms. */
  async list(personId: string): Promise<ShownRoom[]> {
    const [listed, joined] = await Promise.all([this.#listed.get(), this.#store.roomsOf(personId)]);
    const mine = [lobbyId, ...listed.filter(({ room }) => joined.has(room.id)).map(({ room }) => room.id)];
    const [cursors, heads] = await Promise.all([this.#rooms.cursors(personId, mine), this.#rooms.heads(mine)]);
    const toMember = (room: ChatRoom): ShownRoom => showToMember(room, heads.get(room.id), cursors.get(room.id));
    return [toMember(lobby), ...listed.map((each) => (joined.has(each.room.id) ? toMember(each.room) : each.toOthers))];
  }

  /** Adds a room, or leaves nothing of it. */
  async #add(room: ChatRoom): Promise<ShownRoom> {
    const result = lobbyKeys.has(room.nameKey)
      ? 'nameTaken'
      : await this.#store.add(room, this.#limits.bounds(room.madeAt));
    if (result === 'nameTaken') {
      throw new ChatError('CHAT_ROOM_NAME_TAKEN', `There is a room named ${JSON.stringify(room.name)} already.`);
    }
    if (result !== 'added') throw this.#limits.refusal(result);
    try {
      return await this.#show(room, room.madeBy);
    } catch (error) {
      // Its maker is told that there is none, and may try the same name again.
      if (await this.#store.hide(room.id)) await this.#store.remove(room);
      throw error;
    }
  }

  /** What was done stays done when windows cannot be told of it; they see it when they come back. */
  async #told(telling: Promise<void>): Promise<void> {
    await telling.catch((error: unknown) =>
      this.#log.warn({ err: String(error) }, 'a change of rooms could not be told'),
    );
  }

  async #known(roomId: string): Promise<ChatRoom> {
    if (roomId.length > maxRoomIdCharacters) {
      throw new RoomError('ROOM_UNKNOWN', `There is no room with an id of ${roomId.length} characters.`);
    }
    const room = roomId === lobbyId ? lobby : await this.#store.find(roomId);
    if (!room) throw unknownRoom(roomId);
    return room;
  }

  async #beginAtTop(roomId: string, personId: string): Promise<void> {
    await this.#rooms.advanceCursor(roomId, personId, await this.#rooms.position(roomId));
  }

  async #show(room: ChatRoom, personId: string): Promise<ShownRoom> {
    const [cursor, heads] = await Promise.all([this.#rooms.cursor(room.id, personId), this.#rooms.heads([room.id])]);
    return showToMember(room, heads.get(room.id), cursor);
  }
}

function showToMember({ id, name }: ChatRoom, head: StreamHead | undefined, cursor: Position | undefined): ShownRoom {
  const { epoch, top, first } = head ?? { epoch: '', top: 0, first: 1 };
  return { id, name, member: true, epoch, top, first, cursor: cursor ?? null };
}

function unknownRoom(roomId: string): RoomError {
  return new RoomError('ROOM_UNKNOWN', `There is no room ${JSON.stringify(roomId)}.`);
}

/** What the page calls the lobby, in all its languages: no other room is called so. */
const lobbyKeys: ReadonlySet<string> = new Set(['lobby', '大厅']);

const lobby: ChatRoom = { id: lobbyId, name: 'Lobby', nameKey: '', madeBy: '', madeAt: 0 };

/** A room as those see it who are not in it. */
export function toOthers({ id, name }: Pick<ChatRoom, 'id' | 'name'>): ShownRoom {
  return { id, name, member: false, epoch: '', top: 0, first: 1, cursor: null };
}
