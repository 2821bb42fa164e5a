/**
 * Returning after an absence: missed messages are delivered by the stream, at least the newest 100, also if the server or the store was killed.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Position, RoomMessage } from 'gale/rooms';
import type { RoomsClient } from 'gale/client';
import { isChatWelcome, type MessageData } from '../wire.ts';
import { manyMessages, startServer, Visitor } from './support/chat-server.ts';
import { storages } from './support/storages.ts';

/** The messages of a room that a returning person got. */
interface Return {
  readonly texts: readonly string[];
  readonly dropped: number;
  /** The newest message. */
  readonly read: Position;
}

function textOf(message: RoomMessage<MessageData>): string {
  return message.data.text;
}

async function sendMany(client: RoomsClient, from: number, to: number): Promise<void> {
  const sends = [];
  for (let number = from; number <= to; number++)
    sends.push(client.publish('lobby', { text: `message ${number}` }).published);
  await Promise.all(sends);
}

/** Logs in in another browser and reads all messages after a position. */
async function comeBack(t: TestContext, url: string, name: string, after: Position): Promise<Return> {
  const visitor = new Visitor(t, url);
  await visitor.logIn(name);
  const client = visitor.connect();
  const texts: string[] = [];
  let read = after;
  let dropped = 0;
  let target: number | undefined;
  await new Promise<void>((resolve) => {
    client.on('welcome', (frame) => {
      assert.ok(isChatWelcome(frame));
      target = frame.rooms[0]?.top;
      client.subscribe('lobby', after);
      if (after.offset === target) resolve();
    });
    client.on('dropped', ({ count }) => (dropped += count));
    client.on('message', ({ epoch, message }) => {
      texts.push(textOf(message));
      read = { epoch, offset: message.offset };
      if (message.offset === target) resolve();
    });
  });
  client.close();
  return { texts, dropped, read };
}

/** The position of the newest message of the lobby. */
function newestIn(client: RoomsClient): Promise<Position> {
  return new Promise((resolve) => {
    client.on('welcome', (frame) => {
      assert.ok(isChatWelcome(frame));
      const [lobby] = frame.rooms;
      if (lobby) resolve({ epoch: lobby.epoch, offset: lobby.top });
    });
  });
}

function messages(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `message ${from + index}`);
}

/** What happens during the absence. `server` and `store`: whether it is killed and restarted. */
const interruptions: readonly { readonly what: string; readonly server: boolean; readonly store: boolean }[] = [
  { what: 'nothing happens', server: false, store: false },
  { what: 'the server is killed', server: true, store: false },
  { what: 'the store is killed', server: false, store: true },
  { what: 'the server and the store are killed', server: true, store: true },
];

for (const { name, skip, open } of storages) {
  for (const { what, server: killsServer, store: killsStore } of interruptions) {
    // SQLite runs in the server process and is killed with it.
    if (killsStore && name === 'SQLite') continue;
    test(
      `${name}: delivers 3 missed messages, or at least the newest 100 of 250 and the count of the others, when ${what}`,
      { skip },
      async (t) => {
        const storage = await open(t);
        const args = [...storage.args, ...manyMessages];
        let server = await startServer(t, { args });
        await new Visitor(t, server.url).register('Bob');
        const ann = new Visitor(t, server.url);
        await ann.register('Ann');
        const client = ann.connect();
        let read = await newestIn(client);
        const interrupt = async (): Promise<void> => {
          if (killsServer) await server.end('SIGKILL');
          if (killsStore) {
            await storage.redis?.kill();
            await storage.redis?.restart();
          }
          if (killsServer) server = await startServer(t, { args });
          await server.healthy();
          ann.url = server.url;
        };

        await sendMany(client, 1, 3);
        await interrupt();
        const first = await comeBack(t, server.url, 'Bob', read);
        assert.deepEqual(first, { texts: messages(1, 3), dropped: 0, read: first.read });
        ({ read } = first);
        assert.deepEqual(await comeBack(t, server.url, 'Bob', read), { texts: [], dropped: 0, read });
        await sendMany(client, 4, 253);
        await interrupt();
        const { texts, dropped } = await comeBack(t, server.url, 'Bob', read);
        // Those that were not in the history at the last publish are kept too.
        assert.ok(dropped <= 150, `${dropped}`);
        assert.deepEqual(texts, messages(4 + dropped, 253));
      },
    );
  }
}
