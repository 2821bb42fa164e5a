/**
 * The rooms that a person is in, and may enter: makes, joins, leaves, lists and describes rooms for one person, in the form of the wire.
 * The id of a room is the name of its stream. room-actions.ts has what members and owners do in a room.
 */
import { randomBytes } from 'node:crypto';
import { RoomError, type Logger, type Person, type Rooms } from 'gale';
import type { Position } from 'gale/rooms';
import type { ChatDatabase, Step } from '../database/database.ts';
import { ChatError } from '../errors.ts';
import { isLanguage, languageNames } from '../locale/index.ts';
import { translator } from '../locale/translator.ts';
import { nameKey, readName } from '../name.ts';
import { pinyinForms } from '../pinyin/pinyin.ts';
import { limits, lobbyId, type WireRoom } from '../wire.ts';
import type { ReadPositions } from '../history/read-positions.ts';
import { noNumbers, numberRoom, segmentsOfPerson, segmentsOfRoom } from '../history/room-numbers.ts';
import type { RoomNumbers, RoomSegment } from '../history/room-numbers.ts';
import { writeAddedPeople } from './added-people.ts';
import { Members, type AddOptions, type NewOwner } from './members.ts';
import { listOwnRooms, ownRoomIds, type OwnRoom } from './own-rooms.ts';
import { canLeave, findAccess, type KnownRoom, type RoomAccess } from './room-access.ts';
import type { RoomLimits } from './room-limits.ts';
import { RoomNotices } from './room-notices.ts';
import type { ChatRoom, RoomStore, StoredName } from './room.ts';
import { tooManyRooms } from './too-many-rooms.ts';
import { readTopic } from './topic.ts';
import type { WireRoomAbout } from './wire-rooms.ts';

/** Options of a {@link Directory}. */
export interface DirectoryOptions {
  readonly database: ChatDatabase;
  readonly limits: RoomLimits;
  /** Has the read positions that are not in the table yet. @defaultValue none */
  readonly readPositions?: Pick<ReadPositions, 'current'>;
  /** Waits until the table has a message. @returns Whether it has it; false after a bounded wait. @defaultValue does not wait */
  readonly waitForCopy?: (roomId: string, seq: number) => Promise<boolean>;
  readonly log: Logger;
  /** Milliseconds since 1970. @defaultValue `Date.now` */
  readonly now?: () => number;
}

/** A room to make. */
export interface NewRoom {
  readonly name: string;
  /** @defaultValue 'public' */
  readonly kind?: 'public' | 'private';
  readonly topic?: string;
}

/** The rooms of the chat, for one person at a time. */
export class Directory {
  readonly members: Members;
  readonly notices: RoomNotices;
  readonly #database: ChatDatabase;
  readonly #store: RoomStore;
  readonly #rooms: Rooms;
  readonly #limits: RoomLimits;
  readonly #readPositions: Pick<ReadPositions, 'current'> | undefined;
  readonly #now: () => number;
  readonly #waitForCopy: NonNullable<DirectoryOptions['waitForCopy']>;

  constructor(
    store: RoomStore,
    rooms: Rooms,
    {
      database,
      limits: roomLimits,
      readPositions,
      waitForCopy = async () => true,
      log,
      now = Date.now,
    }: DirectoryOptions,
  ) {
    this.#database = database;
    this.#store = store;
    this.#rooms = rooms;
    this.#limits = roomLimits;
    this.#readPositions = readPositions;
    this.#waitForCopy = waitForCopy;
    this.#now = now;
    this.members = new Members(database, now);
    this.notices = new RoomNotices(rooms, log);
  }

  /** Updates the windows of a person, whose role is from or to that of a guest now, and of the people in the lobby. */
  async noteRole(personId: string): Promise<void> {
    if (await this.isMember(lobbyId, personId)) {
      await this.notices.toPerson(personId, { type: 'joined', room: await this.describe(lobbyId, personId) });
    } else await this.notices.toPerson(personId, { type: 'left', room: lobbyId });
    await this.notices.toRoom(lobbyId, { type: 'members-changed' });
  }

  /** Shows people that they own rooms now, whose owner is gone. The members of the rooms get {@link noteMembers}. */
  async noteOwners(newOwners: readonly NewOwner[]): Promise<void> {
    for (const { roomId, personId } of newOwners)
      await this.notices.toPerson(personId, { type: 'room-own', room: roomId, role: 'owner' });
  }

  /** Lists of the members of rooms are old: somebody came to the chat, or left it. */
  async noteMembers(roomIds: Iterable<string>): Promise<void> {
    await this.notices.toRooms([...roomIds], { type: 'members-changed' });
  }

  /** Shows rooms to a person who is a member of them now, by an invite. */
  async noteJoined(personId: string, roomIds: readonly string[]): Promise<void> {
    for (const roomId of roomIds) {
      if (roomId === lobbyId) continue;
      if (!(await this.isMember(roomId, personId))) continue;
      await this.notices.toPerson(personId, { type: 'joined', room: await this.describe(roomId, personId) });
      await this.notices.toRoom(roomId, { type: 'members-changed' });
    }
  }

  /** Shows a direct conversation, which has its first message now, to the people who did not open it. */
  async noteBegun(roomId: string): Promise<void> {
    const people = await this.members.unshown(roomId);
    await this.notices.toPeople(people, async (id) => ({ type: 'joined', room: await this.describe(roomId, id) }));
  }

  /**
   * Creates a room and adds people, or does neither.
   *
   * @param address - Address of the visitor, for the limit of new rooms per address.
   * @throws {@link ChatError} `CHAT_ROOM_NAME`, `CHAT_ROOM_NAME_TAKEN`, `CHAT_NAMES_TOO_FAST`, `CHAT_TOPIC`, `CHAT_NOT_ALLOWED`,
   * `CHAT_ROOMS_TOO_FAST`, `CHAT_ROOMS_ADDRESS`, `CHAT_ROOMS_FULL`; as {@link Members.add}.
   */
  async make(
    person: Person,
    { name, kind = 'public', topic = '' }: NewRoom,
    address: string,
    people: readonly string[] = [],
  ): Promise<WireRoom> {
    const room: ChatRoom = {
      ...readRoomName(name),
      id: randomBytes(9).toString('base64url'),
      kind,
      topic: readTopic(topic),
      madeBy: person.id,
      madeAt: this.#now(),
    };
    const giveBack = await this.#limits.count(address);
    let shown: WireRoom;
    let added: readonly string[] = [];
    const addPeople = async (): Promise<void> => {
      if (people.length === 0) return;
      const also = (step: Step, ids: readonly string[]): Promise<void> =>
        writeAddedPeople(step, ids, { room: { ...room, kind }, by: person.id, at: room.madeAt });
      added = (await this.members.add(room.id, people, person.id, { also })) ?? [];
    };
    try {
      shown = await this.#limits.tryName(person.id, () => this.#add(room, addPeople));
    } catch (error) {
      await giveBack();
      throw error;
    }
    await this.notices.toPerson(person.id, { type: 'joined', room: shown });
    await this.#noteAdded(room.id, added);
    return shown;
  }

  /** Joins a public room. Idempotent. @throws {@link RoomError} `ROOM_UNKNOWN`; {@link ChatError} if a limit is reached. */
  async join(person: Person, roomId: string): Promise<WireRoom> {
    const { isMember, room } = await this.known(roomId, person.id);
    if (isMember) return this.describe(roomId, person.id);
    if (room.archivedAt !== null) throw new ChatError('CHAT_ROOM_ARCHIVED', 'An archived room cannot be joined.');
    await this.enter(roomId, [person.id], person.id);
    return this.describe(roomId, person.id);
  }

  /**
   * Adds people to a room, all or none, and notifies their windows.
   *
   * @returns Those who were not members before.
   * @throws {@link RoomError} `ROOM_UNKNOWN`; {@link ChatError} if a limit is reached or a person does not exist.
   */
  async enter(
    roomId: string,
    people: readonly string[],
    by: string,
    options: AddOptions = {},
  ): Promise<readonly string[]> {
    await this.waitForCopies([roomId]);
    const added = await this.members.add(roomId, people, by, options);
    if (added === undefined) throw unknownRoom(roomId);
    await this.#noteAdded(roomId, added);
    return added;
  }

  async #noteAdded(roomId: string, people: readonly string[]): Promise<void> {
    await this.notices.toPeople(people, async (id) => ({ type: 'joined', room: await this.describe(roomId, id) }));
    if (people.length > 0) await this.notices.toRoom(roomId, { type: 'members-changed' });
  }

  /**
   * Leaves a room. Idempotent for a public one.
   *
   * @throws {@link RoomError} `ROOM_UNKNOWN`; {@link ChatError} `CHAT_LOBBY`, or `CHAT_NOT_ALLOWED` for a direct conversation.
   */
  async leave(person: Person, roomId: string): Promise<void> {
    const access = await this.known(roomId, person.id);
    if (access.room.kind === 'lobby') throw new ChatError('CHAT_LOBBY', 'The lobby cannot be left.');
    if (!canLeave(access)) throw new ChatError('CHAT_NOT_ALLOWED', 'A direct conversation cannot be left; mute it.');
    await this.exit(roomId, person.id);
  }

  /**
   * Ends a membership, and the subscriptions of all windows of the person.
   *
   * @param also - Runs in the transaction of the change, if the person was a member.
   */
  async exit(roomId: string, personId: string, also?: (step: Step) => Promise<void>): Promise<void> {
    const { wasMember, newOwner } = await this.members.remove(roomId, personId, also);
    // Notify also if the person is no longer a member: the notification of an earlier call may have failed.
    await this.notices.toPerson(personId, { type: 'left', room: roomId });
    if (!wasMember) return;
    if (newOwner !== undefined) await this.noteOwners([{ roomId, personId: newOwner }]);
    await this.notices.toRoom(roomId, { type: 'members-changed' });
  }

  async isMember(roomId: string, personId: string): Promise<boolean> {
    return (await findAccess(this.#database, roomId, personId))?.isMember === true;
  }

  /** Whether a person may know of a room: they are in it, or may join it. */
  async isVisible(roomId: string, personId: string): Promise<boolean> {
    return (await findAccess(this.#database, roomId, personId)) !== undefined;
  }

  /** Ids of all rooms of a person, the lobby included. */
  ownRooms(personId: string): Promise<ReadonlySet<string>> {
    return ownRoomIds(this.#database, personId);
  }

  /** @throws {@link RoomError} `ROOM_UNKNOWN`; for a room that the person may join, `ROOM_NOT_MEMBER`. */
  async assertMember(roomId: string, personId: string): Promise<void> {
    await this.memberAccess(roomId, personId);
  }

  /**
   * @throws As {@link assertMember}; {@link ChatError} `CHAT_ROOM_ARCHIVED` for a room that can be read only; as {@link Members.assertShowable}
   * for a direct conversation without a message.
   */
  async assertWriter(roomId: string, personId: string): Promise<void> {
    const { room } = await this.memberAccess(roomId, personId);
    if (room.archivedAt !== null)
      throw new ChatError('CHAT_ROOM_ARCHIVED', 'The room is archived: it can be read only.');
    if (room.kind === 'direct' && room.topSeq === 0) await this.members.assertShowable(roomId, personId);
  }

  /** The access of a member. @throws As {@link assertMember}. */
  async memberAccess(roomId: string, personId: string): Promise<RoomAccess> {
    const access = await this.known(roomId, personId);
    if (access.isMember) return access;
    throw new RoomError('ROOM_NOT_MEMBER', `Join the room ${JSON.stringify(roomId)} first.`);
  }

  /** The access of a person who may know of the room. @throws {@link RoomError} `ROOM_UNKNOWN`, the same for rooms that do not exist and others. */
  async known(roomId: string, personId: string): Promise<RoomAccess> {
    const access = await findAccess(this.#database, roomId, personId);
    if (!access) throw unknownRoom(roomId);
    return access;
  }

  /** @returns The rooms of a person, the lobby first. The number of reads is the same for any number of rooms. */
  async list(personId: string): Promise<WireRoom[]> {
    const [own, segments] = await Promise.all([
      listOwnRooms(this.#database, personId),
      segmentsOfPerson.execute(this.#database, { personId }),
    ]);
    const byRoom = Map.groupBy(segments, ({ roomId }) => roomId);
    const positions = await this.#rooms.positions(own.map(({ id }) => id));
    return own.map((room) => this.#toMember(room, personId, byRoom.get(room.id) ?? [], positions));
  }

  /** A room as a person sees it who may know of it. @throws {@link RoomError} `ROOM_UNKNOWN`. */
  async describe(roomId: string, personId: string): Promise<WireRoom> {
    const [own] = roomId.length > 100 ? [] : await listOwnRooms(this.#database, personId, roomId);
    if (!own) return toOthers((await this.known(roomId, personId)).room);
    const segments = await segmentsOfRoom.execute(this.#database, { roomId });
    return this.#toMember(own, personId, segments, await this.#rooms.positions([roomId]));
  }

  /**
   * Waits until the table has the newest messages of rooms, a second at most. Somebody who becomes a member has read all of the table,
   * so that earlier messages are not unread.
   */
  async waitForCopies(roomIds: readonly string[]): Promise<void> {
    const { tables } = this.#database;
    const rows = await tables.selectFrom('room').select(['id', 'topSeq']).where('id', 'in', roomIds).execute();
    const readSeq = 0;
    await Promise.all(
      rows.map(async ({ id, topSeq }) => {
        const segments = await segmentsOfRoom.execute(this.#database, { roomId: id });
        const numbers = numberRoom({ topSeq, readSeq }, segments, await this.#rooms.position(id));
        await this.#waitForCopy(id, numbers.topSeq);
      }),
    );
  }

  #toMember(
    room: OwnRoom,
    personId: string,
    segments: readonly RoomSegment[],
    positions: ReadonlyMap<string, Position>,
  ): WireRoom {
    const { id, topSeq } = room;
    const newest = positions.get(id) ?? { epoch: '', offset: 0 };
    const readSeq = this.#readPositions?.current(personId, id, room.readSeq) ?? room.readSeq;
    return toMember(room, newest, numberRoom({ topSeq, readSeq }, segments, newest));
  }

  /** Adds a room. If a step fails, removes the room again. @param also - The last step. */
  async #add(room: ChatRoom, also: () => Promise<void>): Promise<WireRoom> {
    const bounds = this.#limits.bounds(room.madeAt);
    const result = lobbyKeys.has(room.nameKey) ? 'nameTaken' : await this.#store.add(room, bounds);
    if (result === 'nameTaken') throw nameTaken(room.name);
    if (result === 'guest') throw new ChatError('CHAT_NOT_ALLOWED', 'A guest cannot make rooms.');
    if (result === 'tooManyOfMember')
      throw new ChatError('CHAT_ROOMS_OF_PERSON', 'You are in too many rooms; leave one.');
    if (result === 'tooMany') throw this.#limits.full();
    if (result === 'tooManyOfPerson') {
      const made = { personId: room.madeBy, most: bounds.maxOfPerson, now: room.madeAt };
      throw await tooManyRooms(this.#database.tables, { ...made, kinds: ['public', 'private'] });
    }
    try {
      const shown = await this.describe(room.id, room.madeBy);
      await also();
      return shown;
    } catch (error) {
      // The maker gets an error and may retry with the same name.
      if (await this.#store.hide(room.id)) await this.#store.remove(room);
      throw error;
    }
  }
}

/** Reads the name of a room, and what is stored for it. @throws {@link ChatError} `CHAT_ROOM_NAME`, or `CHAT_ROOM_NAME_TAKEN` for that of the lobby. */
export function readRoomName(typed: string): StoredName {
  const read = readName(typed, limits.roomName);
  if ('problem' in read) throw new ChatError('CHAT_ROOM_NAME', `A room cannot have this name: ${read.problem}.`);
  const key = nameKey(read.name);
  if (lobbyKeys.has(key)) throw nameTaken(read.name);
  return { name: read.name, nameKey: key, ...pinyinForms(read.name, 'room') };
}

/** The refusal of a name that another room has. */
export function nameTaken(name: string): ChatError {
  return new ChatError('CHAT_ROOM_NAME_TAKEN', `A room with the name ${JSON.stringify(name)} exists already.`);
}

function toMember(room: OwnRoom, { epoch, offset: top }: Position, numbers: RoomNumbers): WireRoom {
  const { segments, topSeq, readSeq } = numbers;
  const wire: Built = { ...toAbout(room), member: true, epoch, top, segments, topSeq, readSeq };
  if (room.role === 'owner') wire.role = room.role;
  if (room.mutedUntil !== null) wire.mutedUntil = room.mutedUntil;
  if (room.people) wire.people = room.people;
  return wire;
}

/** A room as people who are not members see it. */
function toOthers(room: KnownRoom): WireRoom {
  return { ...toAbout(room), member: false, epoch: '', top: 0, ...noNumbers };
}

type Built = { -readonly [Name in keyof WireRoom]: WireRoom[Name] };

/** Empty fields are absent: the welcome has many rooms. */
function toAbout(room: KnownRoom): WireRoomAbout & Pick<WireRoom, 'id' | 'name'> {
  const { id, kind, name, topic, pinyin, pinyinInitials, archivedAt, lastAt, madeAt } = room;
  const about: Pick<Built, 'id' | 'name' | keyof WireRoomAbout> = {
    id,
    kind,
    name: kind === 'lobby' ? lobbyName : name,
  };
  if (topic !== '') about.topic = topic;
  if (pinyin !== '') Object.assign(about, { pinyin, pinyinInitials });
  if (archivedAt !== null) about.archivedAt = archivedAt;
  const at = lastAt ?? madeAt;
  if (at > 0) about.lastAt = at;
  return about;
}

function unknownRoom(roomId: string): RoomError {
  return new RoomError('ROOM_UNKNOWN', `There is no room ${JSON.stringify(roomId.slice(0, 100))}.`);
}

const lobbyName = translator('en')('lobby');

/** Names of the lobby in all languages of the page. No other room can have them. */
const lobbyKeys: ReadonlySet<string> = new Set(
  Object.keys(languageNames)
    .filter(isLanguage)
    .map((language) => nameKey(translator(language)('lobby'))),
);
