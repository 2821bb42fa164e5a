/**
 * Returning after an absence: missed messages are delivered by the stream, at least the newest 100, also if the server or the store was killed.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { RoomMessage } from 'gale/rooms';
import type { RoomsClient } from 'gale/client';
import { isChatWelcome, type MessageData } from '../wire.ts';
import { manyMessages, startServer, Visitor } from './support/chat-server.ts';
import { storages } from './support/storages.ts';

/** The messages of a room that a returning person got. */
interface Return {
  readonly texts: readonly string[];
  readonly dropped: number;
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

/** Logs in in another browser and reads all messages after the cursor on the server. */
async function comeBack(t: TestContext, url: string, name: string): Promise<Return> {
  const visitor = new Visitor(t, url);
  await visitor.logIn(name);
  const client = visitor.connect();
  const texts: string[] = [];
  let dropped = 0;
  let target: number | undefined;
  await new Promise<void>((resolve) => {
    client.on('welcome', (frame) => {
      assert.ok(isChatWelcome(frame));
      const { top, cursor } = frame.rooms[0] ?? {};
      assert.ok(cursor);
      target = top;
      client.subscribe('lobby', cursor);
      if (cursor.offset === top) resolve();
    });
    client.on('dropped', ({ count }) => (dropped += count));
    client.on('message', ({ epoch, message }) => {
      texts.push(textOf(message));
      if (message.offset !== target) return;
      void client.call('read', { room: 'lobby', epoch, offset: message.offset }).then(() => resolve());
    });
  });
  client.close();
  return { texts, dropped };
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
        assert.deepEqual(await comeBack(t, server.url, 'Bob'), { texts: messages(1, 3), dropped: 0 });
        assert.deepEqual(await comeBack(t, server.url, 'Bob'), { texts: [], dropped: 0 });
        await sendMany(client, 4, 253);
        await interrupt();
        const { texts, dropped } = await comeBack(t, server.url, 'Bob');
        // Those that were not in the history at the last publish are kept too.
        assert.ok(dropped <= 150, `${dropped}`);
        assert.deepEqual(texts, messages(4 + dropped, 253));
      },
    );
  }
}
