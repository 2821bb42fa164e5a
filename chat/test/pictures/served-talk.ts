/** A running chat with the content of people-and-talk.ts. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SqliteBroker } from 'gale';
import type { Language } from '../../locale/index.ts';
import { nameKey } from '../../name.ts';
import { lobbyId } from '../../wire.ts';
import { serveChat } from '../support/app.ts';
import { temporaryFolder, type Visitor } from '../support/chat-server.ts';
import { talks, type Said } from './people-and-talk.ts';

/** Presence lasts longer than the pictures take. */
const leaseMs = 3_600_000;
const distPath = fileURLToPath(new URL('../../dist', import.meta.url));

/** A chat, and the person who looks at it. */
export interface ServedTalk {
  readonly url: string;
  readonly viewer: Visitor;
  /** Ids of the rooms by name. */
  readonly rooms: ReadonlyMap<string, string>;
}

/** Starts a chat and writes its content. The times of the messages are before now. */
export async function serveTalk(t: TestContext, language: Language): Promise<ServedTalk> {
  const talk = talks[language];
  let time: number | undefined;
  const path = join(await temporaryFolder(t), 'talk.sqlite');
  const broker = await SqliteBroker.open({ path, now: () => time ?? Date.now() });
  const { url, store, person } = await serveChat(t, { distPath, broker });
  t.after(() => broker.close());
  const viewer = await person(talk.people[0]!);
  const me = await idOf(viewer);
  const maker = await idOf(await person(talk.people[1]!));
  const people = talk.people.map((name, index) => ({ id: index === 0 ? me : `person-${index * 7}`, name }));
  let messages = 0;
  const say = async (room: string, said: readonly Said[], unread = 0): Promise<void> => {
    const begin = Date.now();
    for (const [author, minutesAgo, text] of said) {
      time = begin - minutesAgo * 60_000;
      const entry = { id: `m${messages++}`, author: people[author]!, data: { text } };
      const options = { historyCount: 100, dedupeMs: 1000, dedupeCount: 10 };
      const { epoch, offset } = await broker.publish(room, entry, options);
      await broker.cursors.advance(room, me, { epoch, offset: Math.max(0, offset - unread) });
    }
    time = undefined;
  };
  const rooms = new Map([['lobby', lobbyId]]);
  const add = async (name: string, maker: string): Promise<string> => {
    const room = { id: `room${rooms.size}`, name, nameKey: nameKey(name), madeBy: maker, madeAt: Date.now() };
    await store.rooms.add(room, { most: 1000, maxOfPerson: 1000, since: 0 });
    await store.rooms.keep(room.id);
    rooms.set(name, room.id);
    return room.id;
  };
  await say(lobbyId, talk.lobby);
  for (const { name, said, unread = 0 } of talk.rooms) {
    // The first messages of a room are no longer kept, so that it can have more than 100 unread ones.
    const missing = Math.max(0, unread - said.length);
    const room = await add(name, me);
    await say(room, [...Array.from({ length: missing }, (): Said => [1, 800, '…']), ...said], unread);
  }
  for (const name of talk.others) await add(name, maker);
  const here = [lobbyId, ...rooms.values()];
  for (const [index, member] of people.entries()) {
    if (index === 0) continue;
    for (const room of index < 26 ? new Set(here.slice(0, 3)) : [lobbyId]) {
      await broker.presence.enter({ room, person: member, connection: `tab of ${member.id}` }, leaseMs);
    }
  }
  return { url, viewer, rooms };
}

async function idOf(visitor: Visitor): Promise<string> {
  const { person } = (await (await visitor.get('/me')).json()) as { readonly person: { readonly id: string } };
  return person.id;
}
