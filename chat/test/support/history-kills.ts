/**
 * Kills a server with -9 in the middle of publishes, and compares the history with what was acknowledged.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { manyMessages, startServer, Visitor } from './chat-server.ts';
import type { StorageKind } from './storages.ts';
import { until } from './until.ts';

/** Sends `kills * perKill` messages. The server is killed each time when `perKill` further ones are acknowledged. */
export async function killDuringPublishes(
  t: TestContext,
  storage: StorageKind,
  { kills, perKill }: { readonly kills: number; readonly perKill: number },
): Promise<void> {
  const { args, openDatabase } = await storage.open(t);
  const start = (): ReturnType<typeof startServer> => startServer(t, { args: [...args, ...manyMessages] });
  let server = await start();
  const ann = new Visitor(t, server.url);
  await ann.register('Ann');
  const acknowledged = new Set<string>();
  const writer = ann.connect();
  let killed = 0;
  let restarting = Promise.resolve();
  writer.on('published', ({ entry }) => {
    acknowledged.add(entry.id);
    if (killed === kills || acknowledged.size < (killed + 0.5) * perKill) return;
    killed++;
    restarting = restarting.then(async () => {
      await server.end('SIGKILL');
      server = await start();
      ann.url = server.url;
      writer.retryNow();
    });
  });
  const count = kills * perKill;
  const sends = Array.from({ length: count }, (_, index) => writer.publish('lobby', { text: `message ${index}` }));
  await Promise.all(sends.map(({ published }) => published));
  await restarting;
  assert.equal(killed, kills);
  assert.equal(acknowledged.size, count);

  const { tables, close } = await openDatabase();
  t.after(close);
  await until(async () => {
    const { topSeq } = await tables
      .selectFrom('room')
      .select('topSeq')
      .where('id', '=', 'lobby')
      .executeTakeFirstOrThrow();
    return topSeq >= count;
  });
  const rows = await tables.selectFrom('message').select(['seq', 'messageId', 'text']).orderBy('seq').execute();
  assert.deepEqual(
    rows.map(({ seq, messageId, text }) => `${seq} ${messageId} ${text}`),
    sends.map(({ id }, index) => `${index + 1} ${id} message ${index}`),
  );
}
