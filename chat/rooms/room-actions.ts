/**
 * What people do with rooms: direct conversations, members, names, the archive and deletion. Each action checks the right of the person,
 * changes the database, and notifies windows.
 */
import { RoomError, type Person } from 'gale';
import { writeAudit } from '../audit/audit-entry.ts';
import type { ChatDatabase, Step } from '../database/database.ts';
import { ChatError } from '../errors.ts';
import type { WireRoom } from '../wire.ts';
import { writeAddedPeople } from './added-people.ts';
import type { DeletedRooms } from './deleted-rooms.ts';
import { DirectRooms } from './direct-rooms.ts';
import { nameTaken, readRoomName, type Directory } from './directory.ts';
import type { MembersPage } from './members.ts';
import { pageOfPublicRooms, type PublicRoomsPage } from './public-rooms.ts';
import { canAddPeople, canManage, canSetTopic, type RoomAccess } from './room-access.ts';
import type { RoomLimits } from './room-limits.ts';
import { RoomChanges, type RoomChange } from './room-changes.ts';
import { noteRemoval } from './removals.ts';
import { readTopic } from './topic.ts';
import type { WireRoomRole } from './wire-rooms.ts';

/** What the actions use. */
export interface RoomActionsParts {
  readonly database: ChatDatabase;
  readonly directory: Directory;
  readonly deletedRooms: DeletedRooms;
  readonly limits: RoomLimits;
  /** Milliseconds since 1970. @defaultValue `Date.now` */
  readonly now?: () => number;
}

export class RoomActions {
  readonly #database: ChatDatabase;
  readonly #directory: Directory;
  readonly #deletedRooms: DeletedRooms;
  readonly #directs: DirectRooms;
  readonly #changes: RoomChanges;
  readonly #limits: RoomLimits;
  readonly #now: () => number;

  constructor({ database, directory, deletedRooms, limits, now = Date.now }: RoomActionsParts) {
    this.#limits = limits;
    this.#database = database;
    this.#directory = directory;
    this.#deletedRooms = deletedRooms;
    this.#directs = new DirectRooms(database, now);
    this.#changes = new RoomChanges(database, now);
    this.#now = now;
  }

  /** Opens the direct conversation of a person with others. @throws As {@link DirectRooms.open}. */
  async openDirect(person: Person, others: readonly string[]): Promise<WireRoom> {
    const { id, isNew } = await this.#directs.open(person.id, others);
    const room = await this.#directory.describe(id, person.id);
    if (isNew) await this.#directory.notices.toPerson(person.id, { type: 'joined', room });
    return room;
  }

  /** Describes a room that a person may join, or is in. @throws {@link RoomError} `ROOM_UNKNOWN`. */
  async lookAt(person: Person, roomId: string): Promise<{ readonly room: WireRoom; readonly size: number }> {
    const room = await this.#directory.describe(roomId, person.id);
    return { room, size: await this.#directory.members.count(roomId) };
  }

  /** Sets the name, the topic, or both. @throws {@link RoomError} `ROOM_UNKNOWN`; {@link ChatError} if it is refused. */
  async change(
    person: Person,
    roomId: string,
    change: { readonly name?: string; readonly topic?: string },
  ): Promise<void> {
    const access = await this.#directory.memberAccess(roomId, person.id);
    if (!canSetTopic(access) || (change.name !== undefined && !canManage(access))) throw notAllowed();
    const name = change.name === undefined ? undefined : readRoomName(change.name);
    const topic = change.topic === undefined ? undefined : readTopic(change.topic);
    await this.#limits.countLogged(person.id);
    const topicChange = topic === undefined ? {} : { topic };
    if (name) await this.#limits.tryName(person.id, () => this.#set(person.id, roomId, { name, ...topicChange }));
    else await this.#set(person.id, roomId, topicChange);
    await this.notifyOfChange(roomId);
  }

  /** Archives a room, or ends that. @throws {@link RoomError} `ROOM_UNKNOWN`; {@link ChatError} `CHAT_NOT_ALLOWED`. */
  async archive(person: Person, roomId: string, isArchived: boolean): Promise<void> {
    await this.#manage(person, roomId);
    await this.#limits.countLogged(person.id);
    await this.archiveNow(roomId, isArchived, person.id);
  }

  /** As {@link archive}, for administrators who are not in the room; checks no right. */
  async archiveNow(roomId: string, isArchived: boolean, by: string): Promise<void> {
    const archivedAt = await this.#inStep(async (changes, step) => {
      const before = await changes.find(roomId);
      const result = await changes.archive(roomId, isArchived);
      if (before && result !== undefined && (before.archivedAt === null) === isArchived) {
        const action = isArchived ? 'room.archive' : 'room.unarchive';
        const entry = { actorId: by, action, target: roomId, details: { name: before.name } } as const;
        await writeAudit(step, entry, this.#now());
      }
      return result;
    });
    if (archivedAt === undefined) throw gone(roomId);
    await this.notifyOfChange(roomId);
  }

  /** Deletes a room with its messages. @throws {@link RoomError} `ROOM_UNKNOWN`; {@link ChatError} `CHAT_NOT_ALLOWED`. */
  async delete(person: Person, roomId: string): Promise<void> {
    await this.#manage(person, roomId);
    await this.deleteNow(roomId, person.id);
  }

  /** As {@link delete}, for administrators who are not in the room; checks no right. */
  async deleteNow(roomId: string, by: string): Promise<void> {
    const isMarked = await this.#inStep(async (changes, step) => {
      const before = await changes.find(roomId);
      if (!before || !(await changes.markDeleted(roomId))) return false;
      const entry = { actorId: by, action: 'room.delete', target: roomId, details: { name: before.name } } as const;
      await writeAudit(step, entry, this.#now());
      return true;
    });
    if (!isMarked) throw gone(roomId);
    // Not a signal of the room: a window that is welcomed and not subscribed yet would not get it, and could subscribe to it afterwards.
    await this.#directory.notices.toEveryone({ type: 'room-deleted', room: roomId });
    this.#deletedRooms.removeSoon();
  }

  /** Renames a room, for administrators who are not in it; checks no right. @throws {@link ChatError} `CHAT_ROOM_NAME`, `CHAT_ROOM_NAME_TAKEN`. */
  async renameNow(roomId: string, typedName: string, by: string): Promise<void> {
    const name = readRoomName(typedName);
    await this.#set(by, roomId, { name });
    await this.notifyOfChange(roomId);
  }

  /** A page of the members. @throws {@link RoomError} `ROOM_UNKNOWN`, `ROOM_NOT_MEMBER`. */
  async members(person: Person, roomId: string, query: string, after: string): Promise<MembersPage> {
    await this.#directory.assertMember(roomId, person.id);
    return this.#directory.members.page(roomId, query, after);
  }

  /** Adds people. @returns Those who were not members. @throws {@link RoomError} `ROOM_UNKNOWN`; {@link ChatError} if it is refused. */
  async addPeople(person: Person, roomId: string, people: readonly string[]): Promise<readonly string[]> {
    const access = await this.#directory.memberAccess(roomId, person.id);
    if (!canAddPeople(access)) throw notAllowed();
    if (access.room.archivedAt !== null) throw new ChatError('CHAT_ROOM_ARCHIVED', 'The room is archived.');
    if (people.length === 0) return [];
    const { room } = access;
    if (room.kind === 'private') await this.#limits.countLogged(person.id);
    return this.#directory.enter(roomId, people, person.id, {
      asMember: true,
      also: (step, added) => writeAddedPeople(step, added, { room, by: person.id, at: this.#now() }),
    });
  }

  /** Removes a member: their windows get nothing more of the room. @throws {@link RoomError} `ROOM_UNKNOWN`; {@link ChatError} `CHAT_NOT_ALLOWED`. */
  async removePerson(person: Person, roomId: string, removed: string): Promise<void> {
    const { room } = await this.#manage(person, roomId);
    if (await this.#directory.isMember(roomId, removed)) await this.#limits.countLogged(person.id);
    const details = { name: room.name, person: removed };
    const entry = { actorId: person.id, action: 'room.remove-person', target: roomId, details } as const;
    await this.#directory.exit(roomId, removed, async (step) => {
      await noteRemoval(step, { roomId, personId: removed, removedAt: this.#now() });
      await writeAudit(step, entry, this.#now());
    });
  }

  /** Sets the role of a member. @throws {@link RoomError} `ROOM_UNKNOWN`; {@link ChatError} `CHAT_NOT_ALLOWED`, `CHAT_LAST_OWNER`. */
  async setRole(person: Person, roomId: string, member: string, role: WireRoomRole): Promise<void> {
    const { room } = await this.#manage(person, roomId);
    await this.#limits.countLogged(person.id);
    const action = role === 'owner' ? 'room.owner' : 'room.no-owner';
    const entry = { actorId: person.id, action, target: roomId, details: { name: room.name, person: member } } as const;
    const note = (step: Step): Promise<void> => writeAudit(step, entry, this.#now());
    if (!(await this.#directory.members.setRole(roomId, member, role, note))) {
      throw new ChatError('CHAT_PERSON_UNKNOWN', 'This person is not in the room.');
    }
    await this.#directory.notices.toPerson(member, { type: 'room-own', room: roomId, role });
    await this.#directory.notices.toRoom(roomId, { type: 'members-changed' });
  }

  /** Mutes a room for a person. @throws {@link RoomError} `ROOM_UNKNOWN`, `ROOM_NOT_MEMBER`. */
  async mute(person: Person, roomId: string, until: number | null): Promise<void> {
    await this.#directory.assertMember(roomId, person.id);
    await this.#directory.members.mute(roomId, person.id, until);
    await this.#directory.notices.toPerson(person.id, { type: 'room-own', room: roomId, mutedUntil: until });
  }

  /** A page of the directory. A guest finds nothing. */
  async directory(person: Person, query: string, after: string): Promise<PublicRoomsPage> {
    return pageOfPublicRooms(this.#database, person.id, { query, after });
  }

  /** Notifies the windows of the members of the current name, topic and archive. */
  async notifyOfChange(roomId: string): Promise<void> {
    const room = await this.#changes.find(roomId);
    if (!room) return;
    const { name, topic, archivedAt, pinyin, pinyinInitials } = room;
    const signal = { type: 'room-changed', name, topic, archivedAt, pinyin, pinyinInitials } as const;
    await this.#directory.notices.toRoom(roomId, signal);
  }

  /** As {@link #change}. @throws {@link RoomError} `ROOM_UNKNOWN`; {@link ChatError} `CHAT_ROOM_NAME_TAKEN`. */
  async #set(by: string, roomId: string, change: RoomChange): Promise<void> {
    const result = await this.#change(by, roomId, change);
    if (result === 'taken') throw nameTaken(change.name?.name ?? '');
    if (result === 'gone') throw gone(roomId);
  }

  /** Changes name or topic. Both are in the audit log. */
  #change(by: string, roomId: string, change: RoomChange): Promise<'changed' | 'taken' | 'gone'> {
    return this.#inStep(async (changes, step) => {
      const before = await changes.find(roomId);
      const result = await changes.change(roomId, change);
      if (result !== 'changed' || !before) return result;
      const { name = before, topic = before.topic } = change;
      const entry = { actorId: by, target: roomId };
      if (name.name !== before.name) {
        const details = { from: before.name, to: name.name };
        await writeAudit(step, { ...entry, action: 'room.rename', details }, this.#now());
      }
      if (topic !== before.topic) {
        const details = { name: name.name, from: before.topic, to: topic };
        await writeAudit(step, { ...entry, action: 'room.topic', details }, this.#now());
      }
      return result;
    });
  }

  /** Runs changes and their entries of the audit log in one transaction. */
  #inStep<Result>(run: (changes: RoomChanges, step: Step) => Promise<Result>): Promise<Result> {
    return this.#database.tables
      .transaction()
      .execute((step) => run(new RoomChanges({ ...this.#database, tables: step }, this.#now), step));
  }

  async #manage(person: Person, roomId: string): Promise<RoomAccess> {
    const access = await this.#directory.known(roomId, person.id);
    if (!canManage(access)) throw notAllowed();
    return access;
  }
}

function notAllowed(): ChatError {
  return new ChatError('CHAT_NOT_ALLOWED', 'Only owners of the room and administrators can do this.');
}

function gone(roomId: string): RoomError {
  return new RoomError('ROOM_UNKNOWN', `There is no room ${JSON.stringify(roomId)}.`);
}
