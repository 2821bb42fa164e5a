/** A running chat with the content of people-and-talk.ts. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createLogger, SqliteBroker } from 'gale';
import { historyConsumer } from '../../history/history.ts';
import type { Language } from '../../locale/index.ts';
import { nameKey } from '../../name.ts';
import { addPerson } from '../../people/person.ts';
import { lobbyId, type MessageData } from '../../wire.ts';
import type { ChatDatabase } from '../../database/database.ts';
import { serveChat, type ServedChat } from '../support/app.ts';
import { temporaryFolder, type Visitor } from '../support/chat-server.ts';
import { talks, type Said, type TalkRoom } from './people-and-talk.ts';

/** Presence lasts longer than the pictures take. */
const leaseMs = 3_600_000;
const distPath = fileURLToPath(new URL('../../dist', import.meta.url));
/** People in all. The ones after those of the talk have names of one pattern. */
const peopleCount = 200;
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** The history reads all messages before the room drops them. */
const hold = { consumers: [historyConsumer], maxMessages: 10_000, maxBytes: 10_000_000 };

/** A chat, and the person who looks at it. */
export interface ServedTalk {
  readonly url: string;
  readonly database: ChatDatabase;
  /** The file of the messages that are live. */
  readonly talkPath: string;
  readonly viewer: Visitor;
  /** Id of the person who looks. */
  readonly viewerId: string;
  /** Ids of the rooms by name; those of direct conversations by `direct` and their place. */
  readonly rooms: ReadonlyMap<string, string>;
  /** Path of an invite. */
  readonly invitePath: string;
  /** Address of a chat without people. */
  readonly emptyUrl: string;
}

/** Starts a chat and writes its content. The times of the messages are before now. */
export async function serveTalk(t: TestContext, language: Language): Promise<ServedTalk> {
  const talk = talks[language];
  let time: number | undefined;
  const path = join(await temporaryFolder(t), 'talk.sqlite');
  // A picture shows what the log would have as an error.
  const log = createLogger({ level: 'silent' });
  const broker = await SqliteBroker.open({ path, log, now: () => time ?? Date.now() });
  const chat = await serveChat(t, { distPath, broker, log, signIn: { accountsPerHour: 1000 } });
  t.after(() => broker.close());
  const { tables } = chat.database;
  const viewer = await chat.person(talk.people[0]!);
  const me = await idOf(viewer);
  await tables.updateTable('person').set({ role: 'administrator' }).where('id', '=', me).execute();
  const people = await addPeople(chat, language, me);
  const readers = new Map<string, number>();
  let messages = 0;
  const say = async (room: string, said: readonly Said[], unread = 0): Promise<void> => {
    const begin = Date.now();
    for (const one of said) {
      const [author, minutesAgo] = one;
      time = begin - minutesAgo * minuteMs;
      const data = toData(one, people, time);
      const entry = { id: `m${messages++}`, author: people[author]!, data };
      await broker.publish(room, entry, { historyCount: 100, dedupeMs: 1000, dedupeCount: 10, hold });
    }
    time = undefined;
    readers.set(room, Math.max(0, said.length - unread));
  };
  const rooms = new Map([['lobby', lobbyId]]);
  const add = async (room: TalkRoom, maker: string): Promise<string> => {
    const id = `room${rooms.size}`;
    const { name, topic = '', kind = 'public', members = 12 } = room;
    const madeAt = Date.now() - 40 * dayMs + rooms.size * 1000;
    if (kind === 'direct') {
      const ids = [me, ...room.with!.map((index) => people[index]!.id)];
      await tables
        .insertInto('room')
        .values({ id, kind, name: '', peopleKey: ids.toSorted().join(' '), madeBy: me, madeAt, kept: 1 })
        .execute();
      await addMembers(chat, id, ids, me);
    } else {
      const bounds = { most: 1000, maxOfPerson: 1000, since: 0 };
      await chat.store.rooms.add({ id, name, nameKey: nameKey(name), topic, kind, madeBy: maker, madeAt }, bounds);
      await chat.store.rooms.keep(id);
      const others = people.slice(1, 1 + members).map((person) => person.id);
      await addMembers(
        chat,
        id,
        others.filter((person) => person !== maker),
        me,
      );
      if (room.isArchived) await tables.updateTable('room').set({ archivedAt: madeAt }).where('id', '=', id).execute();
    }
    if (room.isMuted) {
      const mutedUntil = Number.MAX_SAFE_INTEGER;
      const own = tables.updateTable('member').set({ mutedUntil }).where('roomId', '=', id);
      await own.where('personId', '=', me).execute();
    }
    rooms.set(kind === 'direct' ? `direct ${rooms.size}` : name, id);
    return id;
  };
  await say(lobbyId, talk.lobby);
  for (const room of talk.rooms) {
    // Earlier messages than those that the talk has, so that a room can have more than 100 unread ones.
    const missing = Math.max(0, (room.unread ?? 0) - room.said.length);
    const filler = Array.from({ length: missing }, (_, index) => room.said[index % room.said.length]!);
    const earlier = filler.map(([author, , text], index): Said => [author, 2 * 24 * 60 - index, text]);
    await say(await add(room, me), [...earlier, ...room.said], room.unread);
  }
  for (const [index, room] of talk.others.entries()) {
    await say(await add(room, people[1 + (index % 20)]!.id), room.said);
  }
  await copied(chat, readers);
  for (const [roomId, readSeq] of readers) {
    const own = tables.updateTable('member').set({ readSeq }).where('roomId', '=', roomId);
    await own.where('personId', '=', me).execute();
  }
  const present = [...rooms.values()];
  for (const [index, person] of people.slice(0, 60).entries()) {
    if (index === 0) continue;
    for (const room of index < 26 ? present.slice(0, 3) : [lobbyId]) {
      await broker.presence.enter({ room, person, connection: `tab of ${person.id}` }, leaseMs);
    }
  }
  const invitePath = await administer(viewer, [...rooms.values()][1]!);
  const empty = await serveChat(t, { distPath, registration: 'invite' });
  return {
    url: chat.url,
    database: chat.database,
    talkPath: path,
    viewer,
    viewerId: me,
    rooms,
    invitePath,
    emptyUrl: empty.url,
  };
}

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Adds all people except the first one, who registered. */
async function addPeople({ database }: ServedChat, language: Language, me: string): Promise<readonly Named[]> {
  const { people } = talks[language];
  const more = (index: number): string => (language === 'en' ? `student_${index}` : `学员${index}`);
  const all = Array.from({ length: peopleCount }, (_, index) => ({
    id: index === 0 ? me : `person-${index * 7}`,
    name: people[index] ?? more(index),
  }));
  await database.tables.transaction().execute(async (step) => {
    for (const [index, { id, name }] of all.entries()) {
      if (index === 0) continue;
      const createdAt = Date.now() - (peopleCount - index) * (dayMs / 3);
      const role = index === 1 ? 'administrator' : index % 17 === 0 ? 'guest' : 'member';
      await addPerson(step, { id, name, nameKey: nameKey(name), passwordHash: '', createdAt, role });
    }
    const left = all.slice(110, 113).map(({ id }) => id);
    await step.updateTable('person').set({ deactivatedAt: Date.now() }).where('id', 'in', left).execute();
  });
  return all;
}

async function addMembers({ database }: ServedChat, roomId: string, ids: readonly string[], me: string): Promise<void> {
  const joinedAt = Date.now() - 30 * dayMs;
  const rows = ids.map((personId) => ({
    roomId,
    personId,
    joinedAt,
    role: personId === me ? ('owner' as const) : ('member' as const),
  }));
  if (rows.length > 0) await database.tables.insertInto('member').values(rows).execute();
}

/** The data of a message. In its text, `<@3>` mentions the person with that index. */
function toData([, , text, more = {}]: Said, people: readonly Named[], time: number): MessageData {
  const { reply, edited, deleted, reactions = {}, pinned } = more;
  const mentions: string[] = [];
  const withIds = text.replaceAll(/<@(\d+)>/g, (_, index: string) => {
    const { id } = people[Number(index)]!;
    mentions.push(id);
    return `<@${id}>`;
  });
  const at = time + minuteMs;
  const kinds = Object.entries(reactions).map(([emoji, indexes]) => ({
    emoji,
    count: indexes.length,
    people: indexes.map((index) => people[index]!.id),
  }));
  const author = deleted === undefined ? '' : people[deleted]!.id;
  return {
    text: deleted === undefined ? withIds : '',
    ...(edited || deleted !== undefined || pinned ? { change: 1 } : {}),
    ...(edited ? { edited: at } : {}),
    ...(deleted === undefined ? {} : { deleted: { at, by: author, recalled: true } }),
    ...(reply === undefined ? {} : { reply: reply + 1 }),
    ...(mentions.length > 0 ? { mentions } : {}),
    ...(kinds.length > 0 ? { reactions: kinds } : {}),
    ...(pinned ? { pinned: at } : {}),
  };
}

/** Waits until the history has all messages. */
async function copied({ database }: ServedChat, readers: ReadonlyMap<string, number>): Promise<void> {
  for (;;) {
    const rows = await database.tables.selectFrom('room').select(['id', 'topSeq']).execute();
    if (rows.every(({ id, topSeq }) => topSeq >= (readers.get(id) ?? 0))) {
      const { count } = await database.tables
        .selectFrom('message')
        .select((all) => all.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      if (count === rows.reduce((sum, { topSeq }) => sum + topSeq, 0)) return;
    }
    await delay(50);
  }
}

/** Makes invites, and with them entries of the log. @returns The path of an invite. */
async function administer(viewer: Visitor, room: string): Promise<string> {
  await viewer.submit('/admin/invites', { role: 'guest', lasts: 'day', uses: '1', rooms: room });
  await viewer.submit('/admin/invites', { role: 'member', lasts: 'week', uses: 'any' });
  const html = await (await viewer.get('/admin/invites')).text();
  return /value="http:\/\/[^/"]+(\/invite\/[^"]+)"/.exec(html)?.[1] ?? '/invite/unknown';
}

async function idOf(visitor: Visitor): Promise<string> {
  const { person } = (await (await visitor.get('/me')).json()) as { readonly person: { readonly id: string } };
  return person.id;
}
