/**
 * The people that one person may see: guests see those with whom they share a room, others see everybody. Handles are computed here,
 * since they depend on the names of all people.
 */
import type { ExpressionBuilder, ExpressionWrapper, Kysely, SqlBool } from 'kysely';
import type { Role, Tables } from '../database/tables.ts';
import { handleOf } from '../names/handle.ts';
import { lobbyId } from '../wire.ts';
import type { WirePerson } from './mention-wire.ts';

/** Columns that {@link showPeople} needs. */
export const personColumns = [
  'person.id',
  'person.name',
  'person.role',
  'person.nameSkeleton',
  'person.pictureHash',
  'person.deletedAt',
] as const;

/** A row with those columns. */
export interface PersonRow {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly nameSkeleton: string;
  readonly pictureHash: string | null;
  readonly deletedAt: number | null;
}

type Condition = ExpressionWrapper<Tables, 'person', SqlBool>;

/** Whether a person is in a room: everybody except guests is in the lobby, without a row. */
export function isMemberOf(build: ExpressionBuilder<Tables, 'person'>, roomId: string): Condition {
  const isIn = build('person.id', 'in', (query) =>
    query.selectFrom('member').select('member.personId').where('member.roomId', '=', roomId),
  );
  return roomId === lobbyId ? build.or([isIn, build('person.role', '!=', 'guest')]) : isIn;
}

/** Whether a guest shares a room with a person. */
export function isSeenByGuest(build: ExpressionBuilder<Tables, 'person'>, guestId: string): Condition {
  return build('person.id', 'in', (query) =>
    query
      .selectFrom('member')
      .select('member.personId')
      .where('member.roomId', 'in', (mine) =>
        mine.selectFrom('member').select('member.roomId').where('member.personId', '=', guestId),
      ),
  );
}

/** Whether a message of a room of a guest mentions a person, who may have left the room since then. */
export function isMentionedForGuest(build: ExpressionBuilder<Tables, 'person'>, guestId: string): Condition {
  return build.exists((query) =>
    query
      .selectFrom('mention')
      .select('mention.seq')
      .whereRef('mention.personId', '=', 'person.id')
      .where('mention.roomId', 'in', (mine) =>
        mine.selectFrom('member').select('member.roomId').where('member.personId', '=', guestId),
      ),
  );
}

/** Reads the role of a person who uses the chat; undefined for others. */
export async function roleOf(tables: Kysely<Tables>, personId: string): Promise<Role | undefined> {
  const row = await tables.selectFrom('person').select('role').where('id', '=', personId).executeTakeFirst();
  return row?.role;
}

/** @returns The people as a page shows them, in the same order; with a handle if another name looks alike. */
export async function showPeople(tables: Kysely<Tables>, rows: readonly PersonRow[]): Promise<WirePerson[]> {
  const skeletons = [...new Set(rows.map(({ nameSkeleton }) => nameSkeleton).filter((skeleton) => skeleton !== ''))];
  const shared =
    skeletons.length === 0
      ? []
      : await tables
          .selectFrom('person')
          .select('nameSkeleton')
          .where('nameSkeleton', 'in', skeletons)
          .where('deletedAt', 'is', null)
          .groupBy('nameSkeleton')
          .having(({ fn }) => fn.countAll(), '>', 1)
          .execute();
  const alike = new Set(shared.map(({ nameSkeleton }) => nameSkeleton));
  return rows.map(({ id, name, role, nameSkeleton, pictureHash, deletedAt }) => ({
    id,
    name,
    role,
    ...(alike.has(nameSkeleton) ? { handle: handleOf(id) } : {}),
    ...(pictureHash === null ? {} : { picture: pictureHash }),
    ...(deletedAt === null ? {} : { deleted: true as const }),
  }));
}
