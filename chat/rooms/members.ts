/**
 * The members of rooms in the database. No rights are checked here: room-access.ts has them. Everybody except guests is in the lobby
 * without a row, so the lobby has no members here.
 */
import type { Kysely, Transaction } from 'kysely';
import type { Person } from 'gale';
import type { DatabaseKind } from '../database/column-types.ts';
import type { ChatDatabase, Step } from '../database/database.ts';
import { locking } from '../database/row-lock.ts';
import type { RoomKind, RoomRole, Tables } from '../database/tables.ts';
import { ChatError } from '../errors.ts';
import { lobbyId } from '../wire.ts';
import { anywhere, atBeginning, isLike, toQuery } from './find-text.ts';
import { forgetRemovals } from './removals.ts';
import { maxMembers, maxRoomsOfPerson, maxRoomsWithAdded, membersPageCount } from './room-bounds.ts';
import { isShownToMember } from './shown-rooms.ts';

/** A member as others see them. */
export interface Member extends Person {
  readonly role: RoomRole;
}

/** Some members, and where the next page begins; undefined after the last one. */
export interface MembersPage {
  readonly members: readonly Member[];
  readonly next: string | undefined;
  /** Number of all members. */
  readonly count: number;
}

/** How people are added. */
export interface AddOptions {
  /** Whether the person who adds must still be a member: they may have been removed since their rights were checked. @defaultValue false */
  readonly asMember?: boolean;
  /** Runs in the same transaction, with the people who were not members before, if there are any. */
  readonly also?: (step: Step, added: readonly string[]) => Promise<void>;
}

/** A room that a transaction has locked against other changes of its members. */
interface LockedRoom {
  readonly id: string;
  readonly kind: RoomKind;
  readonly madeBy: string;
  readonly topSeq: number;
}

export class Members {
  readonly #database: ChatDatabase;
  readonly #now: () => number;

  constructor(database: ChatDatabase, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * Adds people to a room, all or none. People who are members stay as they are. Earlier messages are not unread for new members.
   *
   * @param by - The person who adds them; a person may join by adding themselves.
   * @returns The people who were not members before; undefined if the room is gone.
   * @throws {@link ChatError} `CHAT_PERSON_UNKNOWN`, `CHAT_ROOM_FULL`, `CHAT_ROOMS_OF_PERSON`, `CHAT_PERSON_FULL`.
   */
  async add(
    roomId: string,
    people: readonly string[],
    by: string,
    { asMember = false, also }: AddOptions = {},
  ): Promise<readonly string[] | undefined> {
    return this.#database.tables.transaction().execute(async (step) => {
      const room = await this.#lock(step, roomId);
      if (!room || (asMember && !(await rolesOf(step, roomId, [by])).has(by))) return undefined;
      const known = await findPeople(step, people);
      if (known.length < new Set(people).size) throw unknownPerson();
      const members = new Set((await rolesOf(step, roomId, people)).keys());
      const added = known.map(({ id }) => id).filter((id) => !members.has(id));
      if (added.length === 0) return [];
      if ((await countMembers(step, roomId)) + added.length > maxMembers)
        throw new ChatError('CHAT_ROOM_FULL', `A room has at most ${maxMembers} members.`);
      await assertRoomForMore(step, added, by);
      const joinedAt = this.#now();
      await step
        .insertInto('member')
        .values(added.map((personId) => ({ roomId, personId, joinedAt, readSeq: room.topSeq })))
        .execute();
      await forgetRemovals(step, roomId, added);
      await also?.(step, added);
      if (added.some((id) => id !== room.madeBy))
        await step.updateTable('room').set({ kept: 1 }).where('id', '=', roomId).execute();
      return added;
    });
  }

  /**
   * Removes a member. If no owner remains, the member who joined first becomes one.
   *
   * @param also - Runs in the same transaction, if the person was a member.
   * @returns Whether the person was a member, and who became an owner.
   */
  async remove(
    roomId: string,
    personId: string,
    also?: (step: Step) => Promise<void>,
  ): Promise<{ readonly wasMember: boolean; readonly newOwner: string | undefined }> {
    return this.#database.tables.transaction().execute(async (step) => {
      const room = await this.#lock(step, roomId);
      if (!room) return { wasMember: false, newOwner: undefined };
      const { numDeletedRows } = await step
        .deleteFrom('member')
        .where('roomId', '=', roomId)
        .where('personId', '=', personId)
        .executeTakeFirst();
      if (numDeletedRows === 0n) return { wasMember: false, newOwner: undefined };
      await also?.(step);
      return { wasMember: true, newOwner: room.kind === 'lobby' ? undefined : await giveOwner(step, roomId) };
    });
  }

  /**
   * Sets the role of a member.
   *
   * @param also - Runs in the same transaction, if the member had another role.
   * @returns Whether the person is a member.
   * @throws {@link ChatError} `CHAT_LAST_OWNER` if nobody would be an owner, `CHAT_GUEST_OWNER` for a guest.
   */
  async setRole(
    roomId: string,
    personId: string,
    role: RoomRole,
    also?: (step: Step) => Promise<void>,
  ): Promise<boolean> {
    return this.#database.tables.transaction().execute(async (step) => {
      if (!(await this.#lock(step, roomId))) return false;
      const before = (await rolesOf(step, roomId, [personId])).get(personId);
      if (before === undefined) return false;
      if (before === role) return true;
      if (role === 'owner') await assertNoGuest({ kind: this.#database.kind, step }, personId);
      await writeRole(step, { roomId, personId }, role);
      const owner = await step
        .selectFrom('member')
        .select('personId')
        .where('roomId', '=', roomId)
        .where('role', '=', 'owner')
        .limit(1)
        .executeTakeFirst();
      // The transaction is rolled back.
      if (!owner) throw new ChatError('CHAT_LAST_OWNER', 'A room needs an owner; make another member an owner first.');
      await also?.(step);
      return true;
    });
  }

  /** Mutes a room for one person until a time; null ends it. Does nothing for a person who is not in the room. */
  async mute(roomId: string, personId: string, mutedUntil: number | null): Promise<void> {
    const { numUpdatedRows } = await this.#database.tables
      .updateTable('member')
      .set({ mutedUntil })
      .where('roomId', '=', roomId)
      .where('personId', '=', personId)
      .executeTakeFirst();
    if (numUpdatedRows > 0n || roomId !== lobbyId) return;
    // A member of the lobby may have no row yet.
    await this.#database.tables
      .insertInto('member')
      .columns(['roomId', 'personId', 'joinedAt', 'readSeq', 'mutedUntil'])
      .expression((build) =>
        build
          .selectFrom('room')
          .select(({ val, cast }) => [
            'id',
            val(personId).as('personId'),
            cast<number>(val(this.#now()), 'bigint').as('joinedAt'),
            'topSeq',
            cast<number>(val(mutedUntil), 'bigint').as('mutedUntil'),
          ])
          .where('id', '=', roomId)
          .where(({ exists, selectFrom }) =>
            exists(selectFrom('person').select('id').where('id', '=', personId).where('role', '!=', 'guest')),
          ),
      )
      .onConflict((conflict) => conflict.columns(['personId', 'roomId']).doUpdateSet({ mutedUntil }))
      .execute();
  }

  /**
   * A page of the members, ordered by name.
   *
   * @param query - A part of the name, or of its pinyin; empty for all.
   * @param after - `next` of the page before.
   */
  async page(roomId: string, query = '', after = ''): Promise<MembersPage> {
    const { tables } = this.#database;
    const text = toQuery(query);
    let found = tables
      .selectFrom('member')
      .innerJoin('person', 'person.id', 'member.personId')
      .select(['person.id', 'person.name', 'person.nameKey', 'member.role'])
      .where('member.roomId', '=', roomId)
      .where('person.nameKey', '>', after)
      .where('person.deletedAt', 'is', null)
      .where('person.deactivatedAt', 'is', null)
      .orderBy('person.nameKey')
      .limit(membersPageCount + 1);
    if (text !== '') found = found.where(({ or }) => or(matchesPerson(text)));
    const [rows, count] = await Promise.all([found.execute(), countMembers(tables, roomId)]);
    const shown = rows.slice(0, membersPageCount);
    return {
      members: shown.map(({ id, name, role }) => ({ id, name, role })),
      next: rows.length > membersPageCount ? shown.at(-1)?.nameKey : undefined,
      count,
    };
  }

  /** Number of members. */
  count(roomId: string): Promise<number> {
    return countMembers(this.#database.tables, roomId);
  }

  /** Ids of all members. */
  async ids(roomId: string): Promise<string[]> {
    const rows = await this.#database.tables
      .selectFrom('member')
      .select('personId')
      .where('roomId', '=', roomId)
      .execute();
    return rows.map(({ personId }) => personId);
  }

  /** The people of a direct conversation whose lists have it only when it has a message. */
  async unshown(roomId: string): Promise<string[]> {
    const rows = await this.#database.tables
      .selectFrom('member')
      .select('personId')
      .where('roomId', '=', roomId)
      .where('role', '<>', 'owner')
      .execute();
    return rows.map(({ personId }) => personId);
  }

  /**
   * Checks that the lists of all people of a direct conversation can have it, before its first message.
   *
   * @throws {@link ChatError} `CHAT_ROOMS_OF_PERSON`, `CHAT_PERSON_FULL`.
   */
  async assertShowable(roomId: string, by: string): Promise<void> {
    const people = await this.unshown(roomId);
    if (people.length > 0) await assertRoomForMore(this.#database.tables, people, by);
  }

  /** Reads the room and lets no other transaction change it or its members until the end of this one. */
  async #lock(step: Transaction<Tables>, roomId: string): Promise<LockedRoom | undefined> {
    return locking(
      this.#database.kind,
      step
        .selectFrom('room')
        .select(['id', 'kind', 'madeBy', 'topSeq'])
        .where('id', '=', roomId)
        .where('hidden', '=', 0),
    ).executeTakeFirst();
  }
}

/** The people with these ids who can be in a room. */
export async function findPeople(step: Transaction<Tables>, ids: readonly string[]): Promise<Person[]> {
  return step
    .selectFrom('person')
    .select(['id', 'name'])
    .where('id', 'in', [...ids])
    .where('deactivatedAt', 'is', null)
    .where('deletedAt', 'is', null)
    .execute();
}

/**
 * Checks that people can be in one more room. Rooms that their lists have not are not counted.
 *
 * @throws {@link ChatError} `CHAT_ROOMS_OF_PERSON` for the person who acts, `CHAT_PERSON_FULL` for others.
 */
export async function assertRoomForMore(step: Step, people: readonly string[], by: string): Promise<void> {
  const counts = await step
    .selectFrom('member')
    .innerJoin('room', 'room.id', 'member.roomId')
    .select(({ fn }) => ['member.personId', fn.countAll<number>().as('count')])
    .where('member.personId', 'in', [...people])
    .where(isShownToMember)
    .groupBy('member.personId')
    .execute();
  for (const { personId, count } of counts) {
    if (personId === by && count >= maxRoomsOfPerson)
      throw new ChatError(
        'CHAT_ROOMS_OF_PERSON',
        `You are in ${count} rooms, the most are ${maxRoomsOfPerson}; leave one.`,
      );
    if (count >= maxRoomsWithAdded)
      throw new ChatError('CHAT_PERSON_FULL', `A person is in ${count} rooms, the most to which people are added.`);
  }
}

/** Conditions for a person whose name or pinyin contains a text of {@link toQuery}. */
export function matchesPerson(text: string): ReturnType<typeof isLike>[] {
  const letters = text.replaceAll(' ', '');
  return [
    isLike('person.name_key', anywhere(text)),
    isLike('person.pinyin', atBeginning(letters)),
    isLike('person.pinyin_initials', atBeginning(letters)),
  ];
}

/** Replaces the role of a member. */
export async function writeRole(
  step: Step,
  { roomId, personId }: { readonly roomId: string; readonly personId: string },
  role: RoomRole,
): Promise<void> {
  await step
    .updateTable('member')
    .set({ role })
    .where('roomId', '=', roomId)
    .where('personId', '=', personId)
    .execute();
}

/** Until the end of the transaction the person does not become one either: that hands over the rooms that they own then. */
async function assertNoGuest({ kind, step }: ChangingPeople, personId: string): Promise<void> {
  const read = step.selectFrom('person').select('role').where('id', '=', personId);
  const person = await locking(kind, read).executeTakeFirst();
  if (person?.role === 'guest')
    throw new ChatError('CHAT_GUEST_OWNER', 'A guest cannot be an owner of a room; choose a member.');
}

export function unknownPerson(): ChatError {
  return new ChatError('CHAT_PERSON_UNKNOWN', 'There is no such person, or they no longer use this chat.');
}

async function countMembers(tables: ChatDatabase['tables'], roomId: string): Promise<number> {
  const { count } = await tables
    .selectFrom('member')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('roomId', '=', roomId)
    .executeTakeFirstOrThrow();
  return count;
}

async function rolesOf(
  step: Kysely<Tables>,
  roomId: string,
  people: readonly string[],
): Promise<Map<string, RoomRole>> {
  const rows = await step
    .selectFrom('member')
    .select(['personId', 'role'])
    .where('roomId', '=', roomId)
    .where('personId', 'in', [...people])
    .execute();
  return new Map(rows.map(({ personId, role }) => [personId, role]));
}

/** A member who became the owner of a room. */
export interface NewOwner {
  readonly roomId: string;
  readonly personId: string;
}

/** A transaction that changes people. */
export interface ChangingPeople {
  readonly kind: DatabaseKind;
  readonly step: Step;
}

/**
 * Removes a person from all rooms. Those without an owner afterwards get one. Direct conversations keep the person: without them, one of two
 * people would be a note to oneself.
 */
export async function leaveAllRooms(changing: ChangingPeople, personId: string): Promise<readonly NewOwner[]> {
  const { step } = changing;
  const rooms = await lockOwnedRooms(changing, personId);
  const directs = step.selectFrom('room').select('id').where('kind', '=', 'direct');
  await step.deleteFrom('member').where('personId', '=', personId).where('roomId', 'not in', directs).execute();
  return giveOwners(step, rooms);
}

/**
 * The rooms of a person who is a guest now get another owner, if somebody else can be one. A guest has no rights of an owner.
 *
 * @param changing - The transaction of the change, after it.
 */
export async function handOverRooms(changing: ChangingPeople, personId: string): Promise<readonly NewOwner[]> {
  const { step } = changing;
  const newOwners = await giveOwners(step, await lockOwnedRooms(changing, personId));
  const owners = step
    .selectFrom('member')
    .innerJoin('person', 'person.id', 'member.personId')
    .select('member.roomId')
    .where('member.role', '=', 'owner')
    .where('person.role', '<>', 'guest');
  await step
    .updateTable('member')
    .set({ role: 'member' })
    .where('personId', '=', personId)
    .where('roomId', 'in', owners)
    .execute();
  return newOwners;
}

/** Locks the rooms of an owner, as a removal does: of two owners who go at the same moment, the second one sees that the first one is gone. */
async function lockOwnedRooms({ kind, step }: ChangingPeople, personId: string): Promise<readonly string[]> {
  const owned = step.selectFrom('member').select('roomId').where('personId', '=', personId).where('role', '=', 'owner');
  const rooms = step
    .selectFrom('room')
    .select('id')
    .where('id', 'in', owned)
    .where('kind', 'in', ['public', 'private'])
    .orderBy('id');
  return (await locking(kind, rooms).execute()).map(({ id }) => id);
}

async function giveOwners(step: Step, roomIds: readonly string[]): Promise<readonly NewOwner[]> {
  const newOwners: NewOwner[] = [];
  for (const roomId of roomIds) {
    const personId = await giveOwner(step, roomId);
    if (personId !== undefined) newOwners.push({ roomId, personId });
  }
  return newOwners;
}

/** Makes the oldest member who is no guest an owner if there is none, rather one who can sign in. @returns The new owner. */
async function giveOwner(step: Step, roomId: string): Promise<string | undefined> {
  const members = step
    .selectFrom('member')
    .innerJoin('person', 'person.id', 'member.personId')
    .select('member.personId')
    .where('roomId', '=', roomId)
    .where('person.role', '<>', 'guest');
  if (await members.where('member.role', '=', 'owner').limit(1).executeTakeFirst()) return undefined;
  const oldest = await members
    .orderBy(({ case: choose }) => choose().when('person.deactivatedAt', 'is', null).then(0).else(1).end())
    .orderBy('joinedAt')
    .orderBy('member.personId')
    .limit(1)
    .executeTakeFirst();
  if (!oldest) return undefined;
  await writeRole(step, { roomId, personId: oldest.personId }, 'owner');
  return oldest.personId;
}
