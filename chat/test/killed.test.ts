/**
 * A server that is killed during 1,000 sends: every acknowledged message is stored once and in order.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoomMessage } from 'gale/rooms';
import { manyMessages, startServer, Visitor } from './support/chat-server.ts';
import { storages } from './support/storages.ts';

const count = 1000;
/** Numbers of acknowledged messages at which the server is killed. */
const kills = [150, 500, 850];

for (const { name, skip, open } of storages) {
  test(`${name}: kill -9 during ${count} sends loses and repeats no message`, { skip }, async (t) => {
    const storage = await open(t);
    const start = (): ReturnType<typeof startServer> => startServer(t, { args: [...storage.args, ...manyMessages] });
    let server = await start();
    const ann = new Visitor(t, server.url);
    const bob = new Visitor(t, server.url);
    await ann.register('Ann');
    await bob.register('Bob');

    const seen: RoomMessage[] = [];
    const epochs = new Set<string>();
    const allSeen = Promise.withResolvers<void>();
    const reader = bob.connect();
    reader.on('message', ({ epoch, message }) => {
      epochs.add(epoch);
      seen.push(message);
      if (seen.length === count) allSeen.resolve();
    });
    reader.on('dropped', (hole) => allSeen.reject(new Error(`dropped ${JSON.stringify(hole)}`)));
    reader.on('reset', (start) => allSeen.reject(new Error(`reset ${JSON.stringify(start)}`)));
    reader.subscribe('lobby');

    const acknowledged = new Map<string, number>();
    const pending = [...kills];
    let restarting = Promise.resolve();
    const writer = ann.connect();
    writer.on('published', ({ entry, at }) => {
      acknowledged.set(entry.id, at.offset);
      if (acknowledged.size !== pending[0]) return;
      pending.shift();
      restarting = (async () => {
        await server.end('SIGKILL');
        server = await start();
        // Let the reader reconnect before more is sent. Otherwise it could miss over 100 messages, which is another test.
        const isBack = Promise.withResolvers<void>();
        const forget = reader.on('subscribed', () => isBack.resolve());
        bob.url = server.url;
        reader.retryNow();
        await isBack.promise;
        forget();
        ann.url = server.url;
        writer.retryNow();
      })();
    });
    const sends = Array.from({ length: count }, (_, index) => writer.publish('lobby', { text: `message ${index}` }));
    await Promise.all(sends.map(({ published }) => published));
    await restarting;
    await allSeen.promise;

    assert.deepEqual(pending, [], 'the server was killed each time');
    assert.equal(epochs.size, 1);
    assert.deepEqual(
      seen.map(({ offset }) => offset),
      Array.from({ length: count }, (_, index) => index + 1),
    );
    assert.deepEqual(
      seen.map(({ id }) => id),
      sends.map(({ id }) => id),
    );
    for (const { id, offset } of seen) assert.equal(acknowledged.get(id), offset, id);
  });
}
