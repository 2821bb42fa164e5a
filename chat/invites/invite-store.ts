/**
 * The invites in the database. Uses are counted there, in the transaction that adds the person, so that two people who join at the same
 * moment cannot share the last use.
 */
import { sql, type Kysely, type Selectable } from 'kysely';
import { writeAudit } from '../audit/audit-entry.ts';
import type { ChatDatabase, Step } from '../database/database.ts';
import type { InviteTable, Tables } from '../database/tables.ts';
import { addPerson, makeMember, type NewPerson } from '../people/person.ts';
import { anywhere, atBeginning, isLike, toQuery } from '../rooms/find-text.ts';
import { closedRooms, removedSince } from '../rooms/removals.ts';
import { lobbyId } from '../wire.ts';
import type { Invite, InvitedRoom, InviteRole, InviteRoom } from './invite.ts';

/** Most invites of the list: all that are open, then the newest of the others. */
const maxListed = 200;

/** Rooms that the form shows at once, in addition to those that are chosen. */
export const shownRooms = 50;

/** Rooms of the form. */
export interface InviteChoices {
  readonly rooms: readonly InviteRoom[];
  /** Whether others match too. */
  readonly hasMore: boolean;
}

/** An invite to store. */
export type NewInvite = Omit<Invite, 'uses' | 'revokedAt' | 'rooms'> & { readonly roomIds: readonly string[] };

/** `ended`: the invite expired, is used up or was revoked meanwhile, or a guest would get into no room. */
export type JoinResult = 'joined' | 'nameTaken' | 'ended';

export class InviteStore {
  readonly #database: ChatDatabase;

  constructor(database: ChatDatabase) {
    this.#database = database;
  }

  async add(invite: NewInvite): Promise<void> {
    const { id, madeBy, madeAt, role, maxUses, expiresAt } = invite;
    await this.#database.tables.transaction().execute(async (step) => {
      await insertInvite(step, invite);
      const details = { role, maxUses, expiresAt };
      await writeAudit(step, { actorId: madeBy || null, action: 'invite.make', target: id, details }, madeAt);
    });
  }

  async find(tokenHash: string): Promise<Invite | undefined> {
    const row = await this.#database.tables
      .selectFrom('invite')
      .selectAll()
      .where('tokenHash', '=', tokenHash)
      .executeTakeFirst();
    return row && (await this.#withRooms([row]))[0];
  }

  async findById(id: string): Promise<Invite | undefined> {
    const row = await this.#database.tables.selectFrom('invite').selectAll().where('id', '=', id).executeTakeFirst();
    return row && (await this.#withRooms([row]))[0];
  }

  /** @returns The newest first. */
  async list(): Promise<Invite[]> {
    const rows = await this.#database.tables
      .selectFrom('invite')
      .selectAll()
      .orderBy('madeAt', 'desc')
      .orderBy('id')
      .limit(maxListed)
      .execute();
    return this.#withRooms(rows);
  }

  /**
   * The rooms to which a person can invite: public ones, and private ones of which the person is a member. The lobby is the first.
   *
   * @param query - A part of the name, or the beginning of its pinyin; empty for all.
   * @param chosen - Ids of rooms that are wanted in any case.
   * @returns At most {@link shownRooms} and those that are wanted.
   */
  async rooms(personId: string, query: string, chosen: readonly string[]): Promise<InviteChoices> {
    const text = toQuery(query);
    const open = this.#openRooms(personId);
    const matching =
      text === ''
        ? open
        : open.where(({ or, eb }) =>
            or([
              eb('kind', '=', 'lobby'),
              isLike('room.name_key', anywhere(text)),
              isLike('room.pinyin', atBeginning(text.replaceAll(' ', ''))),
              isLike('room.pinyin_initials', atBeginning(text.replaceAll(' ', ''))),
            ]),
          );
    const found = await matching.limit(shownRooms + 1).execute();
    const rooms = found.slice(0, shownRooms);
    const missing = chosen.filter((id) => !rooms.some((room) => room.id === id));
    if (missing.length > 0) rooms.push(...(await open.where('room.id', 'in', missing).execute()));
    return { rooms, hasMore: found.length > shownRooms };
  }

  #openRooms(personId: string) {
    return this.#database.tables
      .selectFrom('room')
      .leftJoin('member', (join) => join.onRef('member.roomId', '=', 'room.id').on('member.personId', '=', personId))
      .select(['room.id', 'room.kind', 'room.name'])
      .where('hidden', '=', 0)
      .where('archivedAt', 'is', null)
      .where((where) =>
        where.or([
          where('kind', 'in', ['lobby', 'public']),
          where.and([where('kind', '=', 'private'), where('member.personId', 'is not', null)]),
        ]),
      )
      .orderBy('room.madeAt')
      .orderBy('room.id');
  }

  /** @returns Whether it was open for revocation: it exists and was not revoked. */
  async revoke(id: string, now: number, actorId: string | null): Promise<boolean> {
    return this.#database.tables.transaction().execute(async (step) => {
      const { numUpdatedRows } = await step
        .updateTable('invite')
        .set({ revokedAt: now })
        .where('id', '=', id)
        .where('revokedAt', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) return false;
      await writeAudit(step, { actorId, action: 'invite.revoke', target: id, details: {} }, now);
      return true;
    });
  }

  /** Replaces an invite by another one, so that the link before is void. @returns Whether it was there. */
  async replace(id: string, invite: NewInvite): Promise<boolean> {
    return this.#database.tables.transaction().execute(async (step) => {
      const { numUpdatedRows } = await step
        .updateTable('invite')
        .set({ revokedAt: invite.madeAt })
        .where('id', '=', id)
        .where('revokedAt', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) return false;
      await insertInvite(step, invite);
      const { id: target, madeBy, madeAt } = invite;
      await writeAudit(step, { actorId: madeBy || null, action: 'invite.renew', target, details: {} }, madeAt);
      return true;
    });
  }

  /** Adds a person with the role and the rooms of an invite, and counts the use. */
  async addPerson(tokenHash: string, person: NewPerson): Promise<JoinResult> {
    const { tables } = this.#database;
    try {
      return await tables.transaction().execute(async (step) => {
        const invite = await use(step, tokenHash, person.createdAt);
        if (invite === undefined) return 'ended';
        // The name after the use: a rollback gives the use back.
        if (!(await addPerson(step, { ...person, role: invite.role }))) throw new NameTakenError();
        const count = await joinRooms(step, invite.id, person.id, person.createdAt);
        if (invite.role === 'guest' && count === 0) throw new EndedError();
        return 'joined';
      });
    } catch (error) {
      if (error instanceof NameTakenError) return 'nameTaken';
      if (error instanceof EndedError) return 'ended';
      throw error;
    }
  }

  /** Whether a person was made a guest after an invite was made, so that it does not make them a member. */
  async wasMadeGuest(personId: string, { madeAt }: Pick<Invite, 'madeAt'>): Promise<boolean> {
    const removal = { roomId: lobbyId, personId, since: madeAt };
    return (await removedSince(this.#database.tables, removal).executeTakeFirst()) !== undefined;
  }

  /** @returns Ids of the rooms of an invite to which it does not bring a person back: they were removed after it was made. */
  async closedRooms(inviteId: string, personId: string): Promise<ReadonlySet<string>> {
    const rows = await closedRooms(this.#database.tables, { inviteId, personId }).execute();
    return new Set(rows.map(({ roomId }) => roomId));
  }

  /**
   * Adds a person who has an account to the rooms of an invite, except those of {@link closedRooms}. A guest becomes a member by an invite for
   * members, except after {@link wasMadeGuest}. Counts the use if either changes anything.
   */
  async useAs(tokenHash: string, personId: string, now: number): Promise<'joined' | 'becameMember' | 'ended'> {
    const change = async (step: Step): Promise<'joined' | 'becameMember'> => {
      const invite = await step
        .selectFrom('invite')
        .select(['id', 'role', 'madeAt'])
        .where('tokenHash', '=', tokenHash)
        .executeTakeFirst();
      if (invite === undefined) throw new EndedError();
      const { id: inviteId, role, madeAt: invitedAt } = invite;
      const missing = await step
        .selectFrom('inviteRoom')
        .innerJoin('room', 'room.id', 'inviteRoom.roomId')
        .leftJoin('member', (join) =>
          join.onRef('member.roomId', '=', 'inviteRoom.roomId').on('member.personId', '=', personId),
        )
        .select('inviteRoom.roomId')
        .where('inviteId', '=', inviteId)
        .where('room.hidden', '=', 0)
        .where('room.archivedAt', 'is', null)
        .where('member.personId', 'is', null)
        .where('inviteRoom.roomId', 'not in', closedRooms(step, { inviteId, personId }))
        .limit(1)
        .executeTakeFirst();
      const isPromoted = role === 'member' && (await makeMember(step, personId, { invitedAt, at: now }));
      if (missing === undefined && !isPromoted) return 'joined';
      // Without a use left, the role is rolled back.
      if ((await use(step, tokenHash, now)) === undefined) throw new EndedError();
      await joinRooms(step, inviteId, personId, now);
      if (!isPromoted) return 'joined';
      const details = { from: 'guest', to: 'member' } as const;
      await writeAudit(step, { actorId: personId, action: 'person.role', target: personId, details }, now);
      return 'becameMember';
    };
    try {
      return await this.#database.tables.transaction().execute(change);
    } catch (error) {
      if (error instanceof EndedError) return 'ended';
      throw error;
    }
  }

  async #withRooms(rows: readonly Selectable<InviteTable>[]): Promise<Invite[]> {
    if (rows.length === 0) return [];
    const rooms = await this.#database.tables
      .selectFrom('inviteRoom')
      .innerJoin('room', 'room.id', 'inviteRoom.roomId')
      .select(['inviteRoom.inviteId', 'room.id', 'room.kind', 'room.name', 'room.archivedAt'])
      .where(
        'inviteRoom.inviteId',
        'in',
        rows.map(({ id }) => id),
      )
      .where('room.hidden', '=', 0)
      .orderBy('room.madeAt')
      .execute();
    const byInvite = Map.groupBy(rooms, ({ inviteId }) => inviteId);
    return rows.map(({ role, ...row }) => ({
      ...row,
      role: role as InviteRole,
      rooms: (byInvite.get(row.id) ?? []).map(({ id, kind, name, archivedAt }): InvitedRoom => ({
        id,
        kind,
        name,
        isArchived: archivedAt !== null,
      })),
    }));
  }
}

/** Both end a transaction. */
class NameTakenError extends Error {}
class EndedError extends Error {}

async function insertInvite(step: Kysely<Tables>, { roomIds, ...invite }: NewInvite): Promise<void> {
  await step
    .insertInto('invite')
    .values({ ...invite, revokedAt: null })
    .execute();
  if (roomIds.length === 0) return;
  await step
    .insertInto('inviteRoom')
    .values(roomIds.map((roomId) => ({ inviteId: invite.id, roomId })))
    .execute();
}

/** Counts a use. @returns Undefined if there is none left, or no such invite. */
function use(
  step: Kysely<Tables>,
  tokenHash: string,
  now: number,
): Promise<{ id: string; role: InviteTable['role'] } | undefined> {
  return (
    step
      .updateTable('invite')
      .set({ uses: sql`uses + 1` })
      .where('tokenHash', '=', tokenHash)
      .where('revokedAt', 'is', null)
      .where((where) => where.or([where('expiresAt', 'is', null), where('expiresAt', '>', now)]))
      .where((where) => where.or([where('maxUses', 'is', null), where('uses', '<', where.ref('maxUses'))]))
      // Made in the moment in which the account of its maker ended: the invites before it were revoked then.
      .where(
        'madeBy',
        'not in',
        step
          .selectFrom('person')
          .select('id')
          .where(({ or, eb }) => or([eb('deactivatedAt', 'is not', null), eb('deletedAt', 'is not', null)])),
      )
      .returning(['id', 'role'])
      .executeTakeFirst()
  );
}

/** What was written before counts as read. @returns The number of rooms that the person is in by the invite. */
async function joinRooms(step: Kysely<Tables>, inviteId: string, personId: string, joinedAt: number): Promise<number> {
  const rooms = await step
    .selectFrom('inviteRoom')
    .innerJoin('room', 'room.id', 'inviteRoom.roomId')
    .select(['room.id', 'room.topSeq'])
    .where('inviteRoom.inviteId', '=', inviteId)
    .where('room.hidden', '=', 0)
    .where('room.archivedAt', 'is', null)
    .where('room.id', 'not in', closedRooms(step, { inviteId, personId }))
    .execute();
  if (rooms.length === 0) return 0;
  await step
    .insertInto('member')
    .values(rooms.map(({ id, topSeq }) => ({ roomId: id, personId, joinedAt, readSeq: topSeq })))
    .onConflict((conflict) => conflict.columns(['personId', 'roomId']).doNothing())
    .execute();
  await step
    .updateTable('room')
    .set({ kept: 1 })
    .where(
      'id',
      'in',
      rooms.map(({ id }) => id),
    )
    .execute();
  return rooms.length;
}
