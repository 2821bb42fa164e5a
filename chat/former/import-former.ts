/**
 * Copies the data of the version before the database: people, rooms, memberships and sessions, which were in chat.sqlite and sessions.sqlite
 * or in Redis. Messages stay where they are, and the history copies them from there. It is one transaction, so a crash leaves nothing.
 * What the database has already stays as it is.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Logger } from 'gale';
import type { Broker } from 'gale/rooms';
import type { NewAccount } from '../accounts/account.ts';
import type { ChatDatabase, Step } from '../database/database.ts';
import type { ChatRoom } from '../rooms/room.ts';
import { lobbyId } from '../wire.ts';

export interface FormerPerson extends NewAccount {
  /** Ids of rooms that the person joined, without the room of everybody. */
  readonly rooms: readonly string[];
}

export interface FormerRoom extends ChatRoom {
  /** Whether a person other than its maker joined it, or it had a message. */
  readonly isKept: boolean;
  /** Whether it was being removed. */
  readonly isHidden: boolean;
}

export interface FormerSession {
  /** SHA-256 of the token in the cookie, in hex. */
  readonly id: string;
  readonly personId: string;
  readonly createdAt: number;
  readonly seenAt: number;
  readonly expiresAt: number;
  /** JSON texts by key. */
  readonly values: ReadonlyMap<string, string>;
}

/** The data of the version before. Parts have some hundred elements. */
export interface FormerData {
  rooms(): Promise<readonly FormerRoom[]>;
  people(): AsyncIterable<readonly FormerPerson[]>;
  sessions(): AsyncIterable<readonly FormerSession[]>;
}

/** What an import needs beside the data. */
export interface ImportOptions {
  readonly database: ChatDatabase;
  /** Knows the streams and the read positions. */
  readonly broker: Pick<Broker, 'heads' | 'cursors'>;
  readonly log: Logger;
  /** Sessions that ended before are not copied. @defaultValue `Date.now()` */
  readonly now?: number;
  /** A name in the table `setting`: the data is copied once, by one server. By default at each call. */
  readonly once?: string;
}

/** Lock of PostgreSQL for the import; a random number. */
const lockKey = 7_214_003_817;
/** Time between two attempts to get it, in milliseconds. */
const lockWaitMs = 100;
/** Calls of the broker at the same time. */
const callsAtOnce = 50;

/** The state of an import. */
interface Import extends Required<Pick<ImportOptions, 'broker' | 'now'>> {
  readonly step: Step;
  /** Rooms of the database by id, with the person who made each. */
  readonly rooms: Map<string, FormerRoom>;
  /** Positions of the streams: the epoch of each. */
  readonly epochs: Map<string, string>;
  readonly people: Set<string>;
}

/** @throws {@link GaleError} `ROOM_UNAVAILABLE` if a store does not respond; then nothing was copied. */
export async function importFormerData(data: FormerData, options: ImportOptions): Promise<void> {
  const { database, broker, log, now = Date.now(), once } = options;
  const counts = await database.tables.transaction().execute(async (step) => {
    // Of servers that start at the same time, the others wait until the first one has committed.
    if (once !== undefined) {
      if (database.kind === 'postgres') await takeLock(step);
      if (!(await mark(step, once, now))) return undefined;
    }
    const context: Import = { step, broker, now, rooms: new Map(), epochs: new Map(), people: new Set() };
    const rooms = await addRooms(await data.rooms(), context);
    let people = 0;
    let leftOut = 0;
    for await (const part of data.people()) {
      people += await addPeople(part, context);
      // Another person has the name already.
      leftOut += part.filter(({ id }) => !context.people.has(id)).length;
    }
    let sessions = 0;
    for await (const part of data.sessions()) sessions += await addSessions(part, context);
    return { people, rooms, sessions, leftOut };
  });
  if (counts) log.warn(counts, 'The data of the version before was copied into the database');
}

/** Without a statement that waits, since statements have a timeout. */
async function takeLock(step: Step): Promise<void> {
  for (;;) {
    const { rows } = await sql<{
      isLocked: boolean;
    }>`SELECT pg_try_advisory_xact_lock(${lockKey}) AS is_locked`.execute(step);
    if (rows[0]?.isLocked === true) return;
    await delay(lockWaitMs);
  }
}

async function mark(step: Step, name: string, now: number): Promise<boolean> {
  const added = await step
    .insertInto('setting')
    .values({ name, value: String(now) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .executeTakeFirst();
  return added.numInsertedOrUpdatedRows === 1n;
}

/** @returns How many were added. */
async function addRooms(all: readonly FormerRoom[], context: Import): Promise<number> {
  const { step, broker, rooms, epochs } = context;
  const heads = await broker.heads([lobbyId, ...all.map(({ id }) => id)]);
  // The history numbers messages from here on, so that the number of each message is its offset in the stream.
  const topOf = (id: string): number => Math.max(0, (heads.get(id)?.first ?? 1) - 1);
  for (const [id, { epoch }] of heads) epochs.set(id, epoch);
  await step
    .updateTable('room')
    .set({ topSeq: topOf(lobbyId) })
    .where('id', '=', lobbyId)
    .where('topSeq', '=', 0)
    .execute();
  let added = 0;
  for (const part of partsOf(all)) {
    const result = await step
      .insertInto('room')
      .values(
        part.map(({ id, name, nameKey, madeBy, madeAt, isKept, isHidden }) => ({
          id,
          kind: 'public' as const,
          name,
          nameKey,
          madeBy,
          madeAt,
          kept: Number(isKept),
          hidden: Number(isHidden),
          topSeq: topOf(id),
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    added += Number(result.numInsertedOrUpdatedRows);
    const ids = part.map(({ id }) => id);
    const found = new Set(
      (await step.selectFrom('room').select('id').where('id', 'in', ids).execute()).map(({ id }) => id),
    );
    for (const room of part) if (found.has(room.id)) rooms.set(room.id, room);
  }
  return added;
}

/** @returns How many were added. */
async function addPeople(
  part: readonly FormerPerson[],
  { step, broker, rooms, epochs, people }: Import,
): Promise<number> {
  if (part.length === 0) return 0;
  const { numInsertedOrUpdatedRows } = await step
    .insertInto('person')
    .values(
      part.map(({ id, name, nameKey, passwordHash, createdAt }) => ({ id, name, nameKey, passwordHash, createdAt })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  const ids = part.map(({ id }) => id);
  for (const { id } of await step.selectFrom('person').select('id').where('id', 'in', ids).execute()) people.add(id);
  const members = part
    .filter(({ id }) => people.has(id))
    .map((person) => ({ ...person, rooms: [lobbyId, ...person.rooms.filter((room) => rooms.has(room))] }));
  for (const some of partsOf(members, callsAtOnce)) {
    const rows = await Promise.all(
      some.map(async ({ id: personId, createdAt, rooms: own }) => {
        const cursors = await broker.cursors.getAll(personId, own);
        return own.map((roomId) => {
          const cursor = cursors.get(roomId);
          return {
            roomId,
            personId,
            role: rooms.get(roomId)?.madeBy === personId ? ('owner' as const) : ('member' as const),
            joinedAt: Math.max(createdAt, rooms.get(roomId)?.madeAt ?? 0),
            readSeq: cursor !== undefined && cursor.epoch === epochs.get(roomId) ? cursor.offset : 0,
          };
        });
      }),
    );
    for (const values of partsOf(rows.flat())) {
      await step
        .insertInto('member')
        .values([...values])
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  }
  return Number(numInsertedOrUpdatedRows);
}

/** @returns How many were added. */
async function addSessions(part: readonly FormerSession[], { step, now, people }: Import): Promise<number> {
  const living = part.filter(({ personId, expiresAt }) => expiresAt > now && people.has(personId));
  if (living.length === 0) return 0;
  const added = await step
    .insertInto('session')
    .values(
      living.map(({ id, personId, createdAt, seenAt, expiresAt }) => ({ id, personId, createdAt, seenAt, expiresAt })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  const values = living.flatMap(({ id, values: texts }) =>
    [...texts].map(([name, text]) => ({ sessionId: id, name, text })),
  );
  for (const some of partsOf(values)) {
    await step
      .insertInto('sessionValue')
      .values([...some])
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  return Number(added.numInsertedOrUpdatedRows);
}

function* partsOf<Element>(all: readonly Element[], size: number = 500): Generator<readonly Element[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}
