/**
 * Data of a chat before its server starts: people with a session each, rooms with members, and messages. No password is hashed: nobody
 * can sign in, and the cookie of each session is computed from its number.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openSqlite, type ChatDatabase } from '../../chat/database/database.ts';
import { writeHistory } from '../../chat/history/history-writer.ts';
import { addPerson } from '../../chat/people/person.ts';
import { databaseFile } from '../../chat/storage.ts';
import { textAt } from './texts.ts';

/** What a chat contains. People and rooms have numbers from 0. */
export interface Seed {
  readonly people: number;
  readonly rooms: number;
  /** The members of a room. */
  readonly membersOf: (room: number) => readonly number[];
  /** Messages in the history of some rooms, by their id. */
  readonly messages?: ReadonlyMap<string, number>;
}

const day = 86_400_000;
/** Rows of one statement. */
const rowsAtOnce = 500;
/** Messages of one transaction. */
const messagesAtOnce = 1000;

/** Id of a room. */
export function roomId(room: number): string {
  return `room-${room}`;
}

/** Id of a person. */
export function personId(person: number): string {
  return `person-${person}`;
}

/** The token of the session of a person: what their browser has in its cookie. */
export function tokenOf(person: number): string {
  return createHash('sha256').update(`session of ${person}`).digest('base64url').slice(0, 22);
}

/** Writes the database of a new data folder. */
export async function seedFolder(folder: string, seed: Seed, now: number = Date.now()): Promise<void> {
  const database = await openSqlite(join(folder, databaseFile));
  try {
    await seedPeople(database, seed.people, now);
    await seedRooms(database, seed, now);
    for (const [room, count] of seed.messages ?? []) await seedMessages(database, room, count, seed.people, now);
  } finally {
    await database.close();
  }
}

async function seedPeople({ tables }: ChatDatabase, people: number, now: number): Promise<void> {
  await tables.transaction().execute(async (step) => {
    for (let person = 0; person < people; person += 1) {
      const name = nameOf(person);
      const id = personId(person);
      // With an administrator the chat needs no setup.
      const role = person === 0 ? 'administrator' : 'member';
      await addPerson(step, { id, name, nameKey: name.toLowerCase(), passwordHash: '', createdAt: now, role });
    }
    const sessions = Array.from({ length: people }, (_, person) => ({
      id: createHash('sha256').update(tokenOf(person)).digest('hex'),
      personId: personId(person),
      createdAt: now,
      seenAt: now,
      expiresAt: now + 7 * day,
    }));
    for (const rows of chunksOf(sessions, rowsAtOnce)) await step.insertInto('session').values(rows).execute();
  });
}

async function seedRooms({ tables }: ChatDatabase, { rooms, membersOf }: Seed, now: number): Promise<void> {
  await tables.transaction().execute(async (step) => {
    for (let room = 0; room < rooms; room += 1) {
      const name = room % 2 === 0 ? `项目讨论 ${room}` : `Project ${room}`;
      const values = { name, nameKey: name.toLowerCase(), kind: 'public' as const, kept: 1 };
      await step
        .insertInto('room')
        .values({ ...values, id: roomId(room), madeBy: personId(0), madeAt: now + room })
        .execute();
      const members = membersOf(room).map((person) => {
        return { roomId: roomId(room), personId: personId(person), joinedAt: now };
      });
      for (const rows of chunksOf(members, rowsAtOnce)) await step.insertInto('member').values(rows).execute();
    }
  });
}

/** Messages that the history has and the stream no longer keeps. */
async function seedMessages(
  database: ChatDatabase,
  room: string,
  count: number,
  people: number,
  now: number,
): Promise<void> {
  const all = Array.from({ length: count }, (_, index) => index + 1);
  for (const offsets of chunksOf(all, messagesAtOnce)) {
    const messages = offsets.map((offset) => ({
      offset,
      id: `seed-${offset}`,
      author: { id: personId(offset % people), name: nameOf(offset % people) },
      time: now - (count - offset) * 60_000,
      data: { text: textAt(offset) },
      life: 'seed',
    }));
    await writeHistory(database, [{ room, epoch: 'seed', kind: 'messages', messages }]);
  }
  // All members have read them: a room opens at the first unread message.
  await database.tables.updateTable('member').set({ readSeq: count }).where('roomId', '=', room).execute();
}

function nameOf(person: number): string {
  return person % 2 === 0 ? `张伟 ${person}` : `Ada Miller ${person}`;
}

function* chunksOf<T>(values: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < values.length; at += size) yield values.slice(at, at + size);
}
