/**
 * Creates, joins, leaves and lists rooms, and converts a room to its wire form for one person.
 * The lobby is not in the store: it always exists, everybody is a member, and nobody can leave it.
 * The id of a room is the name of its stream. A full history would need a table of messages by (room, offset), written after
 * `Rooms.publish`, and a command that reads it.
 */
import { randomBytes } from 'node:crypto';
import { RoomError, type Logger, type Person, type Rooms } from 'gale';
import type { Position, StreamHead } from 'gale/rooms';
import { ChatError } from '../errors.ts';
import type { ChatNotification } from '../messages/chat-notification.ts';
import { isLanguage, languageNames, translator } from '../locale/index.ts';
import { nameKey, readName } from '../name.ts';
import { limits, lobbyId, type WireRoom } from '../wire.ts';
import { ListedRooms } from './listed-rooms.ts';
import type { ChatRoom, RoomStore } from './room.ts';
import { noNumbers, type RoomNumbers } from '../history/room-numbers.ts';
import type { RoomLimits } from './room-limits.ts';

/** Longer ids are rejected without a read of the store. Ids of rooms have 12 characters. */
const maxRoomIdCharacters = 100;

/** Options of a {@link Directory}. */
export interface DirectoryOptions {
  readonly limits: RoomLimits;
  /** Reads the numbers of rooms with these heads, as one person sees them. @defaultValue none */
  readonly numbers?: (personId: string, heads: ReadonlyMap<string, StreamHead>) => Promise<Map<string, RoomNumbers>>;
  readonly log: Logger;
  /** Milliseconds since 1970. @defaultValue `Date.now` */
  readonly now?: () => number;
}

/** The rooms of the chat and their members. */
export class Directory {
  readonly #store: RoomStore;
  readonly #rooms: Rooms;
  readonly #limits: RoomLimits;
  readonly #numbers: NonNullable<DirectoryOptions['numbers']>;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #listed: ListedRooms<WireRoom>;

  constructor(
    store: RoomStore,
    rooms: Rooms,
    { limits, numbers = async () => new Map(), log, now = Date.now }: DirectoryOptions,
  ) {
    this.#store = store;
    this.#rooms = rooms;
    this.#limits = limits;
    this.#numbers = numbers;
    this.#log = log;
    this.#now = now;
    this.#listed = new ListedRooms(store, toOthers);
  }

  /** Sets the cursors of a new person to the end of the lobby and of other rooms, so that earlier messages are not unread. */
  async admit(personId: string, roomIds: readonly string[] = []): Promise<void> {
    await Promise.all([lobbyId, ...roomIds].map((roomId) => this.#beginAtTop(roomId, personId)));
  }

  /** Shows rooms to a person who is a member of them now, by an invite. */
  async noteJoined(personId: string, roomIds: readonly string[]): Promise<void> {
    for (const roomId of roomIds) {
      if (roomId === lobbyId) continue;
      await this.#beginAtTop(roomId, personId);
      const room = await this.#store.find(roomId);
      if (room) await this.#notify(personId, { type: 'joined', room: await this.#show(room, personId) });
    }
  }

  /**
   * Creates a room.
   *
   * @param address - Address of the visitor, for the limit of new rooms per address.
   * @throws {@link ChatError} `CHAT_ROOM_NAME`, `CHAT_ROOM_NAME_TAKEN`, `CHAT_ROOMS_TOO_FAST`, `CHAT_ROOMS_ADDRESS`, `CHAT_ROOMS_FULL`.
   */
  async make(person: Person, typedName: string, address: string): Promise<WireRoom> {
    const read = readName(typedName, limits.roomName);
    if ('problem' in read) throw new ChatError('CHAT_ROOM_NAME', `A room cannot have this name: ${read.problem}.`);
    const room: ChatRoom = {
      id: randomBytes(9).toString('base64url'),
      name: read.name,
      nameKey: nameKey(read.name),
      madeBy: person.id,
      madeAt: this.#now(),
    };
    const giveBack = await this.#limits.count(address);
    let shown: WireRoom;
    try {
      shown = await this.#add(room);
    } catch (error) {
      await giveBack();
      throw error;
    }
    await this.#notifyEveryone({ type: 'room-made', room: shown, by: person.id });
    await this.#notify(person.id, { type: 'joined', room: shown });
    return shown;
  }

  /** Joins a room. Idempotent. @throws {@link RoomError} `ROOM_UNKNOWN`. */
  async join(person: Person, roomId: string): Promise<WireRoom> {
    const room = await this.#known(roomId);
    if (await this.isMember(roomId, person.id)) return this.#show(room, person.id);
    // Set the cursor first. If the next step fails, the person is not a member, and the cursor has no effect.
    await this.#beginAtTop(roomId, person.id);
    if ((await this.#store.join(roomId, person.id)) === 'unknown') {
      await this.#rooms.forgetCursor(roomId, person.id);
      throw unknownRoom(roomId);
    }
    const shown = await this.#show(room, person.id);
    await this.#notify(person.id, { type: 'joined', room: shown });
    return shown;
  }

  /** Leaves a room. Idempotent. @throws {@link RoomError} `ROOM_UNKNOWN`; {@link ChatError} `CHAT_LOBBY`. */
  async leave(person: Person, roomId: string): Promise<void> {
    if (roomId === lobbyId) throw new ChatError('CHAT_LOBBY', 'The lobby cannot be left.');
    await this.#known(roomId);
    if (await this.#store.leave(roomId, person.id)) await this.#rooms.forgetCursor(roomId, person.id);
    // Notify also if the person is no longer a member: the notification of an earlier call may have failed.
    await this.#notify(person.id, { type: 'left', room: roomId });
  }

  async isMember(roomId: string, personId: string): Promise<boolean> {
    if (roomId.length > maxRoomIdCharacters) return false;
    return roomId === lobbyId || this.#store.isMember(roomId, personId);
  }

  /** Ids of all rooms of a person, the lobby included. */
  async ownRooms(personId: string): Promise<ReadonlySet<string>> {
    return new Set([lobbyId, ...(await this.#store.roomsOf(personId))]);
  }

  /** @throws {@link RoomError} `ROOM_UNKNOWN` or `ROOM_NOT_MEMBER`. */
  async assertMember(roomId: string, personId: string): Promise<void> {
    if (await this.isMember(roomId, personId)) return;
    await this.#known(roomId);
    throw new RoomError('ROOM_NOT_MEMBER', `Join the room ${JSON.stringify(roomId)} first.`);
  }

  /** @returns All rooms as one person sees them, the lobby first. The number of reads is the same for any number of rooms. */
  async list(personId: string): Promise<WireRoom[]> {
    const [listed, joined] = await Promise.all([this.#listed.get(), this.#store.roomsOf(personId)]);
    const mine = [lobbyId, ...listed.filter(({ room }) => joined.has(room.id)).map(({ room }) => room.id)];
    const [cursors, heads] = await Promise.all([this.#rooms.cursors(personId, mine), this.#rooms.heads(mine)]);
    const numbers = await this.#numbers(personId, heads);
    const toMember = (room: ChatRoom): WireRoom =>
      showToMember(room, heads.get(room.id), cursors.get(room.id), numbers.get(room.id));
    return [toMember(lobby), ...listed.map((each) => (joined.has(each.room.id) ? toMember(each.room) : each.toOthers))];
  }

  /** Adds a room. If a step fails, removes the room again. */
  async #add(room: ChatRoom): Promise<WireRoom> {
    const result = lobbyKeys.has(room.nameKey)
      ? 'nameTaken'
      : await this.#store.add(room, this.#limits.bounds(room.madeAt));
    if (result === 'nameTaken') {
      throw new ChatError('CHAT_ROOM_NAME_TAKEN', `A room with the name ${JSON.stringify(room.name)} exists already.`);
    }
    if (result !== 'added') throw this.#limits.refusal(result);
    try {
      return await this.#show(room, room.madeBy);
    } catch (error) {
      // The maker gets an error and may retry with the same name.
      if (await this.#store.hide(room.id)) await this.#store.remove(room);
      throw error;
    }
  }

  #notify(personId: string, notification: ChatNotification): Promise<void> {
    return this.#logFailure(this.#rooms.notify(personId, notification));
  }

  #notifyEveryone(notification: ChatNotification): Promise<void> {
    return this.#logFailure(this.#rooms.notifyEveryone(notification));
  }

  /** Logs a failed notification. The change of the rooms remains, and windows see it when they reconnect. */
  async #logFailure(notified: Promise<void>): Promise<void> {
    await notified.catch((error: unknown) =>
      this.#log.warn({ err: error }, 'A notification of a change of rooms failed'),
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

  async #show(room: ChatRoom, personId: string): Promise<WireRoom> {
    const [cursor, heads] = await Promise.all([this.#rooms.cursor(room.id, personId), this.#rooms.heads([room.id])]);
    const numbers = await this.#numbers(personId, heads);
    return showToMember(room, heads.get(room.id), cursor, numbers.get(room.id));
  }
}

function showToMember(
  { id, name }: ChatRoom,
  head: StreamHead | undefined,
  cursor: Position | undefined,
  numbers: RoomNumbers = noNumbers,
): WireRoom {
  const { epoch, top, first } = head ?? { epoch: '', top: 0, first: 1 };
  return { id, name, member: true, epoch, top, first, cursor: cursor ?? null, ...numbers };
}

function unknownRoom(roomId: string): RoomError {
  return new RoomError('ROOM_UNKNOWN', `There is no room ${JSON.stringify(roomId)}.`);
}

/** Names of the lobby in all languages of the page. No other room can have them. */
const lobbyKeys: ReadonlySet<string> = new Set(
  Object.keys(languageNames)
    .filter(isLanguage)
    .map((language) => nameKey(translator(language)('lobby'))),
);

const lobby: ChatRoom = { id: lobbyId, name: translator('en')('lobby'), nameKey: '', madeBy: '', madeAt: 0 };

/** A room as people who are not members see it. */
export function toOthers({ id, name }: Pick<ChatRoom, 'id' | 'name'>): WireRoom {
  return { id, name, member: false, epoch: '', top: 0, first: 1, cursor: null, ...noNumbers };
}
