/**
 * The rooms of one person, for the welcome of each window. Two statements, whatever the number of rooms.
 */
import type { Person } from 'gale';
import { CompiledStatement } from '../database/compiled-statement.ts';
import type { ChatDatabase, Step } from '../database/database.ts';
import type { RoomRole } from '../database/tables.ts';
import { roomColumns, type KnownRoom } from './room-access.ts';
import { isShownToMember } from './shown-rooms.ts';

/** A room as one member sees it. */
export interface OwnRoom extends KnownRoom {
  readonly role: RoomRole;
  /** Null without a mute; the greatest safe integer for good. */
  readonly mutedUntil: number | null;
  /** `seq` of the newest message that the person has read. */
  readonly readSeq: number;
  /** The people of a direct conversation by name, the person included; undefined for other rooms. */
  readonly people: readonly Person[] | undefined;
}

/**
 * Reads the rooms that the list of a person has, the lobby first, the others in the order in which they were made.
 *
 * @param only - Reads one room only, also a direct conversation that the list has not.
 */
export async function listOwnRooms(database: ChatDatabase, personId: string, only?: string): Promise<OwnRoom[]> {
  const rows = await (only === undefined
    ? roomsOf.execute(database, { personId })
    : roomOf.execute(database, { personId, only }));
  const directs = rows.filter(({ kind }) => kind === 'direct');
  const people =
    directs.length === 0 ? new Map<string, NamedPerson[]>() : await peopleOfDirects(database, personId, only);
  return rows
    .sort((a, b) => Number(b.kind === 'lobby') - Number(a.kind === 'lobby') || a.madeAt - b.madeAt)
    .map((row) => {
      // Members of the lobby have no row before their first position.
      const room = Object.assign(row, { role: row.role ?? 'member', readSeq: row.readSeq ?? 0 });
      return room.kind === 'direct'
        ? { ...room, ...ofDirect(people.get(room.id), personId) }
        : Object.assign(room, { people: undefined });
    });
}

/** Each window executes it. */
const roomsOf = new CompiledStatement((tables, { personId }: { readonly personId: string }) =>
  withMember(tables, personId)
    .where(({ or, and, eb, exists }) =>
      or([
        eb('room.id', 'in', tables.selectFrom('member').select('roomId').where('personId', '=', personId)),
        and([eb('room.kind', '=', 'lobby'), exists(inLobby(tables, personId))]),
      ]),
    )
    .where(isShownToMember),
);

const roomOf = new CompiledStatement(
  (tables, { personId, only }: { readonly personId: string; readonly only: string }) =>
    withMember(tables, personId)
      .where('room.id', '=', only)
      .where(({ or, and, eb, exists }) =>
        or([
          eb('member.roomId', 'is not', null),
          and([eb('room.kind', '=', 'lobby'), exists(inLobby(tables, personId))]),
        ]),
      ),
);

function withMember(tables: Step, personId: string) {
  return tables
    .selectFrom('room')
    .innerJoin('person', (join) => join.on('person.id', '=', personId))
    .leftJoin('member', (join) =>
      join.onRef('member.roomId', '=', 'room.id').onRef('member.personId', '=', 'person.id'),
    )
    .select(roomColumns)
    .select(['member.role', 'member.mutedUntil', 'member.readSeq', 'room.madeAt'])
    .where('room.hidden', '=', 0);
}

/** Everybody except guests is in the lobby, without a row. */
function inLobby(tables: Step, personId: string) {
  return tables.selectFrom('person').select('id').where('id', '=', personId).where('role', '<>', 'guest');
}

interface NamedPerson extends Person {
  readonly pinyin: string;
  readonly pinyinInitials: string;
}

/** The people of a direct conversation, which is found by the names of the others. */
function ofDirect(
  people: readonly NamedPerson[] = [],
  personId: string,
): Pick<OwnRoom, 'people' | 'pinyin' | 'pinyinInitials'> {
  const others = people.filter(({ id }) => id !== personId);
  return {
    people: people.map(({ id, name }) => ({ id, name })),
    pinyin: others.map((person) => person.pinyin).join(''),
    pinyinInitials: others.map((person) => person.pinyinInitials).join(''),
  };
}

async function peopleOfDirects(
  { tables }: ChatDatabase,
  personId: string,
  only: string | undefined,
): Promise<Map<string, NamedPerson[]>> {
  const mine = tables
    .selectFrom('member')
    .innerJoin('room', 'room.id', 'member.roomId')
    .select('room.id')
    .where('member.personId', '=', personId)
    .where('room.kind', '=', 'direct');
  const rows = await tables
    .selectFrom('member')
    .innerJoin('person', 'person.id', 'member.personId')
    .select(['member.roomId', 'person.id', 'person.name', 'person.pinyin', 'person.pinyinInitials'])
    .where('member.roomId', 'in', only === undefined ? mine.where(isShownToMember) : mine.where('room.id', '=', only))
    .orderBy('person.nameKey')
    .execute();
  const people = new Map<string, NamedPerson[]>();
  for (const { roomId, ...person } of rows) {
    const known = people.get(roomId);
    if (known) known.push(person);
    else people.set(roomId, [person]);
  }
  return people;
}

/** Ids of the rooms of a person, the lobby included unless they are a guest. */
export async function ownRoomIds({ tables }: ChatDatabase, personId: string): Promise<ReadonlySet<string>> {
  const rows = await tables
    .selectFrom('room')
    .select('id')
    .where('hidden', '=', 0)
    .where(({ or, and, eb, exists, selectFrom }) =>
      or([
        eb('id', 'in', selectFrom('member').select('roomId').where('personId', '=', personId)),
        and([
          eb('kind', '=', 'lobby'),
          exists(selectFrom('person').select('id').where('person.id', '=', personId).where('role', '<>', 'guest')),
        ]),
      ]),
    )
    .execute();
  return new Set(rows.map(({ id }) => id));
}
