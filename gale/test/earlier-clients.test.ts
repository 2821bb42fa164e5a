/**
 * The version rule of docs/wire.md: clients of earlier versions work with this server. gale/test/support/build-earlier-client.ts
 * makes their bundles.
 */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { RoomsClient } from 'gale/client';
import { CuttingProxy } from './support/cutting-proxy.ts';
import { eventually } from './support/eventually.ts';
import { openRooms } from './support/rooms/room-server.ts';
import type { RoomServer, RoomServerOptions } from './support/rooms/room-server.ts';

const folder = new URL('fixtures/clients/', import.meta.url);
const files = (await readdir(folder)).filter((file) => file.endsWith('.js'));

/** What a client of an earlier version saw in the lobby. */
interface Earlier {
  readonly server: RoomServer;
  readonly proxy: CuttingProxy;
  readonly client: RoomsClient;
  readonly seen: unknown[];
}

const author = { id: 'server', name: 'Server' };

for (const file of files) {
  const { RoomsClient: Client } = (await import(new URL(file, folder).href)) as { RoomsClient: typeof RoomsClient };

  const open = async (t: TestContext, options: RoomServerOptions = {}): Promise<Earlier> => {
    const server = await openRooms(t, options);
    const proxy = await CuttingProxy.open(t, server.port);
    const client = server.client('ada', { port: proxy.port, Client });
    const seen: unknown[] = [];
    client.on('message', ({ message }) => seen.push(message.data));
    client.on('dropped', ({ count }) => seen.push(`dropped ${count}`));
    client.on('reset', ({ first }) => seen.push(`reset to ${first}`));
    client.subscribe('lobby');
    client.connect();
    await eventually(() => client.position('lobby') !== undefined);
    return { server, proxy, client, seen };
  };
  const publish = async ({ server }: Earlier, ...numbers: number[]): Promise<void> => {
    for (const data of numbers) await server.rooms.publish('lobby', { id: `s${data}`, author, data });
  };

  test(`${file} publishes, and recovers what it missed, once and in order`, async (t) => {
    const earlier = await open(t);
    const { client, proxy, seen } = earlier;
    const { epoch, offset } = await client.publish('lobby', 1).published;
    assert.equal(offset, 1);
    await publish(earlier, 2);
    await eventually(() => seen.length === 2);
    const replies: unknown[] = [];
    client.on('subscribed', ({ reply }) => replies.push(reply.recovered));
    proxy.cut();
    await publish(earlier, 3, 4);
    await client.publish('lobby', 5).published;
    await eventually(() => seen.length === 5);
    assert.deepEqual(seen, [1, 2, 3, 4, 5]);
    assert.deepEqual(replies, [true]);
    assert.deepEqual([client.position('lobby')?.epoch, client.position('lobby')?.offset], [epoch, 5]);
  });

  test(`${file} continues from a position that it stored, on another connection`, async (t) => {
    const earlier = await open(t);
    await publish(earlier, 1, 2, 3);
    await eventually(() => earlier.seen.length === 3);
    const position = earlier.client.position('lobby');
    earlier.client.close();
    await publish(earlier, 4);
    const later = earlier.server.client('ada', { Client });
    const seen: unknown[] = [];
    later.on('message', ({ message }) => seen.push(message.data));
    later.on('subscribed', ({ reply }) => seen.push(reply.recovered));
    later.subscribe('lobby', position);
    later.connect();
    await eventually(() => seen.length === 2);
    assert.deepEqual(seen, [true, 4]);
  });

  test(`${file} learns the exact number of messages that are no longer kept, and of a lost stream`, async (t) => {
    const earlier = await open(t, { rooms: { historyCount: 3 } });
    await publish(earlier, 1);
    await eventually(() => earlier.seen.length === 1);
    earlier.client.close();
    await publish(earlier, 2, 3, 4, 5, 6);
    earlier.client.connect();
    await eventually(() => earlier.seen.length === 5);
    assert.deepEqual(earlier.seen, [1, 'dropped 2', 4, 5, 6]);
    earlier.client.close();
    const { rooms } = earlier.server;
    await rooms.broker.renewEpoch('lobby', (await rooms.position('lobby')).epoch);
    earlier.client.connect();
    await eventually(() => earlier.seen.some((what) => String(what).startsWith('reset')));
    await publish(earlier, 7);
    await eventually(() => earlier.seen.at(-1) === 7);
  });

  test(`${file} stores a message once over a lost reply, and waits for a rate`, async (t) => {
    const earlier = await open(t, { rooms: { personPublishBurst: 2, personPublishesPerSecond: 20 } });
    const { client, proxy, seen } = earlier;
    const published = [1, 2, 3, 4, 5, 6].map((data) => client.publish('lobby', data).published);
    proxy.cut();
    const offsets = (await Promise.all(published)).map(({ offset }) => offset);
    assert.deepEqual(offsets, [1, 2, 3, 4, 5, 6]);
    await eventually(() => seen.length === 6);
    assert.deepEqual(seen, [1, 2, 3, 4, 5, 6]);
  });

  test(`${file} reads people and presence, moves its cursor, and gets signals and frames of the application`, async (t) => {
    const earlier = await open(t, { rooms: { presenceBatchMs: 20, presenceGraceMs: 20 } });
    const { client, server } = earlier;
    const events: unknown[] = [];
    client.on('presence', ({ entered, left }) => events.push([entered?.[0]?.id, left?.[0]?.id]));
    client.on('read', ({ offset }) => events.push(['read', offset]));
    client.on('signal', ({ data }) => events.push(data));
    client.on('event', (frame) => events.push(frame.type));
    const ben = await server.connect('ben');
    await ben.ask('subscribe', { room: 'lobby' });
    await eventually(() => events.length === 1);
    const { people, count, next } = await client.people('lobby');
    assert.deepEqual([people.map(({ id }) => id), count, next], [['ada', 'ben'], 2, null]);
    ben.close();
    await eventually(() => events.length === 2);
    await publish(earlier, 1);
    const { epoch } = await server.rooms.position('lobby');
    const { cursor } = await client.call('read', { room: 'lobby', epoch, offset: 1 });
    assert.deepEqual([cursor?.epoch, cursor?.offset], [epoch, 1]);
    await eventually(() => events.length === 3);
    await server.rooms.signal('lobby', 'typing');
    await eventually(() => events.length === 4);
    await server.rooms.notify('ada', { type: 'invited' });
    await eventually(() => events.length === 5);
    // An event that it does not know.
    await server.rooms.amend('lobby', { id: 's1', author: author.id, data: 'new' });
    await publish(earlier, 2);
    await eventually(() => client.position('lobby')?.offset === 2);
    assert.equal(events.splice(5, 1)[0], 'amend');
    assert.deepEqual(events, [['ben', undefined], [undefined, 'ben'], ['read', 1], 'typing', 'invited']);
  });

  test(`${file} gets errors that it understands, and no other command is refused`, async (t) => {
    const { client, server } = await open(t, { rooms: { maxSubscriptionsPerConnection: 2 } });
    await assert.rejects(client.call('nothing'), { code: 'ROOM_UNKNOWN_COMMAND', retry: false });
    await assert.rejects(client.publish('@nobody', 1).published, { code: 'ROOM_UNKNOWN', retry: false });
    const refused: unknown[] = [];
    client.on('unsubscribed', ({ room, error }) => refused.push([room, error.code]));
    client.subscribe('second');
    client.subscribe('third');
    await eventually(() => refused.length === 1);
    assert.deepEqual(refused, [['third', 'ROOM_TOO_MANY']]);
    await client.call('ping');
    await server.rooms.close();
    await eventually(() => client.state === 'waiting' || client.state === 'connecting');
    assert.ok(server.closeCodes.includes(1012));
  });
}

test('there is a client of an earlier version', () => {
  assert.ok(files.length > 0);
  for (const file of files) assert.match(file, /^client-\d+\.\d+\.\d+-[0-9a-f]{8}\.js$/);
});
