/**
 * Direct conversations. The same set of people is the same room: `peopleKey`, the sorted ids of the people, is unique in the database.
 * A conversation with nobody else is a note to oneself. Until its first message, it is in the lists of those who opened it: they are its owners.
 */
import { randomBytes } from 'node:crypto';
import type { ChatDatabase, Step } from '../database/database.ts';
import { ChatError } from '../errors.ts';
import { assertRoomForMore, findPeople, unknownPerson, writeRole } from './members.ts';
import { maxDirectPeople, maxDirectPerHour } from './room-bounds.ts';
import { tooManyRooms } from './too-many-rooms.ts';

const hourMs = 3_600_000;

/** A conversation that was opened. */
export interface OpenedDirect {
  readonly id: string;
  /** Whether the list of the person has it since this call. */
  readonly isNew: boolean;
  /** The people of the conversation. */
  readonly people: readonly string[];
}

export class DirectRooms {
  readonly #database: ChatDatabase;
  readonly #now: () => number;

  constructor(database: ChatDatabase, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
  }

  /**
   * Opens the conversation of a person with others, which it makes if there is none. Idempotent, also for calls at the same time.
   *
   * @param others - Ids in any order; repeats and the person themselves count once.
   * @throws {@link ChatError} `CHAT_DIRECT_PEOPLE`, `CHAT_PERSON_UNKNOWN`, `CHAT_ROOMS_TOO_FAST`, `CHAT_ROOMS_OF_PERSON`, `CHAT_PERSON_FULL`.
   */
  async open(personId: string, others: readonly string[]): Promise<OpenedDirect> {
    const people = [...new Set([personId, ...others])].sort();
    if (people.length > maxDirectPeople)
      throw new ChatError(
        'CHAT_DIRECT_PEOPLE',
        `A direct conversation has at most ${maxDirectPeople} people; make a room.`,
      );
    const peopleKey = people.join(' ');
    let room = await this.#find(peopleKey);
    if (room === undefined) {
      const id = await this.#make(personId, people, peopleKey);
      if (id !== undefined) return { id, isNew: true, people };
      // Another call made it meanwhile.
      room = await this.#find(peopleKey);
    }
    if (room === undefined) throw new Error('A direct conversation was removed while it was opened.');
    const isNew = room.topSeq === 0 && (await this.#show(room.id, personId));
    return { id: room.id, isNew, people };
  }

  #find(peopleKey: string): Promise<{ readonly id: string; readonly topSeq: number } | undefined> {
    return this.#database.tables
      .selectFrom('room')
      .select(['id', 'topSeq'])
      .where('peopleKey', '=', peopleKey)
      .executeTakeFirst();
  }

  /** Adds a conversation without a message to the list of one of its people. @returns Whether the list did not have it. */
  #show(roomId: string, personId: string): Promise<boolean> {
    return this.#database.tables.transaction().execute(async (step) => {
      const unshown = await step
        .selectFrom('member')
        .select('personId')
        .where('roomId', '=', roomId)
        .where('personId', '=', personId)
        .where('role', '<>', 'owner')
        .executeTakeFirst();
      if (!unshown) return false;
      await assertRoomForMore(step, [personId], personId);
      await writeRole(step, { roomId, personId }, 'owner');
      return true;
    });
  }

  /** @returns Its id; undefined if the conversation exists already. */
  #make(madeBy: string, people: readonly string[], peopleKey: string): Promise<string | undefined> {
    return this.#database.tables.transaction().execute(async (step) => {
      if ((await findPeople(step, people)).length < people.length) throw unknownPerson();
      if (!(await canReach(step, madeBy, people))) throw unknownPerson();
      const madeAt = this.#now();
      const { count } = await step
        .selectFrom('room')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('madeBy', '=', madeBy)
        .where('madeAt', '>', madeAt - hourMs)
        .where('kind', '=', 'direct')
        .executeTakeFirstOrThrow();
      if (count >= maxDirectPerHour) {
        const made = { personId: madeBy, kinds: ['direct'], most: maxDirectPerHour, now: madeAt } as const;
        throw await tooManyRooms(step, made);
      }
      await assertRoomForMore(step, people, madeBy);
      const id = randomBytes(9).toString('base64url');
      const { numInsertedOrUpdatedRows } = await step
        .insertInto('room')
        .values({ id, kind: 'direct', name: '', peopleKey, madeBy, madeAt, kept: 1 })
        .onConflict((conflict) => conflict.column('peopleKey').doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows === 0n) return undefined;
      await step
        .insertInto('member')
        .values(
          people.map((personId) => ({
            roomId: id,
            personId,
            joinedAt: madeAt,
            role: personId === madeBy ? ('owner' as const) : ('member' as const),
          })),
        )
        .execute();
      return id;
    });
  }
}

/** Whether a person may write to others: a guest only to people with whom they share a room. */
async function canReach(step: Step, personId: string, people: readonly string[]): Promise<boolean> {
  const me = await step.selectFrom('person').select('role').where('id', '=', personId).executeTakeFirst();
  if (me?.role !== 'guest') return true;
  const others = people.filter((id) => id !== personId);
  if (others.length === 0) return true;
  const seen = await step
    .selectFrom('member')
    .select('personId')
    .distinct()
    .where('personId', 'in', others)
    .where('roomId', 'in', step.selectFrom('member').select('roomId').where('personId', '=', personId))
    .execute();
  return seen.length === others.length;
}
