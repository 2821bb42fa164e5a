/** The client with a server that limits it: every command is executed in the end, in order and once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CuttingProxy } from '../../../test/support/cutting-proxy.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { openRooms } from '../../../test/support/rooms/room-server.ts';
import type { RoomServer } from '../../../test/support/rooms/room-server.ts';
import type { RoomError } from '../room-error.ts';
import type { RoomsClient } from './rooms-client.ts';

const bot = { id: 'bot', name: 'Bot' };

/** Counts the refusals by rate limits, which the clients do not report. */
function countRefusals(server: RoomServer): { count: number } {
  const refusals = { count: 0 };
  const { limits } = server.rooms;
  for (const name of ['takeCommand', 'checkPublish', 'takePublish'] as const) {
    const take: (...values: string[]) => RoomError | undefined = limits[name].bind(limits);
    limits[name] = (...values: string[]) => {
      const refusal = take(...values);
      if (refusal) refusals.count++;
      return refusal;
    };
  }
  return refusals;
}

async function textsOf(server: RoomServer, room = 'lobby'): Promise<unknown[]> {
  return (await server.rooms.history(room)).messages.map(({ data }) => data);
}

const lines = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`);

test('delivers 30 messages published at once in order, once and without an error', async (t) => {
  const server = await openRooms(t, { rooms: { personPublishesPerSecond: 20 } });
  const refusals = countRefusals(server);
  const ada = server.client('ada');
  const refused: string[] = [];
  ada.on('refused', ({ entry: { id }, error: { code } }) => refused.push(`${id} ${code}`));
  ada.connect();
  await Promise.all(lines.map((line) => ada.publish('lobby', line).published));
  assert.deepEqual(await textsOf(server), lines);
  assert.deepEqual(refused, []);
  assert.ok(refusals.count > 0, 'they were limited');
});

test('delivers 30 messages in order and once over lost connections', async (t) => {
  const server = await openRooms(t, { rooms: { personPublishesPerSecond: 20 } });
  const refusals = countRefusals(server);
  const proxy = await CuttingProxy.open(t, server.port);
  const ada = server.client('ada', { port: proxy.port });
  ada.connect();
  let published = 0;
  ada.on('published', () => {
    if (++published === 5 || published === 15) proxy.cut();
  });
  await Promise.all(lines.map((line) => ada.publish('lobby', line).published));
  assert.deepEqual(await textsOf(server), lines);
  assert.equal(proxy.cuts, 2);
  assert.ok(refusals.count > 0, 'they were limited');
});

test('keeps the order in each of several rooms', async (t) => {
  const server = await openRooms(t, { rooms: { personPublishesPerSecond: 50, commandBurst: 1000 } });
  const ada = server.client('ada');
  ada.connect();
  await Promise.all(
    lines.flatMap((line) => ['a', 'b', 'c'].map((room) => ada.publish(room, `${room} ${line}`).published)),
  );
  for (const room of ['a', 'b', 'c']) {
    assert.deepEqual(
      await textsOf(server, room),
      lines.map((line) => `${room} ${line}`),
    );
  }
});

test('loses no message of many people over the limit of a room', async (t) => {
  const server = await openRooms(t, { rooms: { roomPublishBurst: 10, roomPublishesPerSecond: 100 } });
  const refusals = countRefusals(server);
  const people = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => server.client(name));
  for (const client of people) client.connect();
  await Promise.all(
    people.flatMap((client, index) =>
      lines.slice(0, 9).map((line) => client.publish('lobby', `${index} ${line}`).published),
    ),
  );
  const texts = (await textsOf(server)) as string[];
  assert.equal(texts.length, 54);
  for (const index of people.keys()) {
    assert.deepEqual(
      texts.filter((text) => text.startsWith(`${index} `)),
      lines.slice(0, 9).map((line) => `${index} ${line}`),
    );
  }
  assert.ok(refusals.count > 0, 'they were limited');
});

/** Counts what a client reports of each room. */
function watch(client: RoomsClient): { subscribed: Map<string, number>; messages: string[] } {
  const subscribed = new Map<string, number>();
  const messages: string[] = [];
  client.on('subscribed', ({ room }) => subscribed.set(room, (subscribed.get(room) ?? 0) + 1));
  client.on('unsubscribed', ({ room, error: { code } }) => messages.push(`${room} ${code}`));
  client.on('message', ({ room, message: { data } }) => messages.push(`${room} ${String(data)}`));
  return { subscribed, messages };
}

function hasAll(subscribed: ReadonlyMap<string, number>, rooms: readonly string[], times: number): boolean {
  return rooms.every((room) => (subscribed.get(room) ?? 0) >= times);
}

test('restores 200 subscriptions after a reconnect, each with its missed messages', async (t) => {
  const server = await openRooms(t, { rooms: { commandBurst: 10, commandsPerSecond: 100 } });
  const refusals = countRefusals(server);
  const proxy = await CuttingProxy.open(t, server.port);
  const ada = server.client('ada', { port: proxy.port });
  const { subscribed, messages } = watch(ada);
  const rooms = Array.from({ length: 200 }, (_, index) => `room-${index}`);
  for (const room of rooms) ada.subscribe(room);
  ada.connect();
  await eventually(() => hasAll(subscribed, rooms, 1));
  proxy.cut();
  await eventually(() => ada.state !== 'open');
  for (const room of rooms) await server.rooms.publish(room, { id: room, author: bot, data: 'missed' });
  await eventually(() => hasAll(subscribed, rooms, 2));
  await eventually(() => messages.length >= 200);
  assert.deepEqual(messages.toSorted(), rooms.map((room) => `${room} missed`).toSorted());
  assert.ok(refusals.count > 0, 'they were limited');
  // Each was refused once in transit, and sometimes when it was sent alone.
  assert.ok(refusals.count < 1000, `${refusals.count} refusals for 400 subscriptions`);
});

test('restores the rooms of 20 windows of one person that reconnect at the same time', async (t) => {
  const server = await openRooms(t, { rooms: { commandBurst: 60, commandsPerSecond: 500 } });
  const refusals = countRefusals(server);
  const proxy = await CuttingProxy.open(t, server.port);
  const rooms = Array.from({ length: 30 }, (_, index) => `room-${index}`);
  const windows = Array.from({ length: 20 }, () => {
    const client = server.client('ada', { port: proxy.port });
    for (const room of rooms) client.subscribe(room);
    return { client, ...watch(client) };
  });
  for (const { client } of windows) client.connect();
  await eventually(() => windows.every(({ subscribed }) => hasAll(subscribed, rooms, 1)));
  proxy.cut();
  await eventually(() => windows.every(({ subscribed }) => hasAll(subscribed, rooms, 2)));
  await server.rooms.publish('room-7', { id: 'm', author: bot, data: 'hello' });
  await eventually(() => windows.every(({ messages }) => messages.length === 1));
  assert.deepEqual(windows[13]?.messages, ['room-7 hello']);
  assert.ok(refusals.count > 0, 'they were limited');
});

test('delays all other commands too: calls resolve, and the connection stays open', async (t) => {
  const made: unknown[] = [];
  const server = await openRooms(t, {
    rooms: { commandBurst: 3, commandsPerSecond: 25 },
    hooks: {
      onCommand(type, { name }) {
        made.push(name);
        return Promise.resolve({ made: `${type} ${String(name)}` });
      },
    },
  });
  const refusals = countRefusals(server);
  const ada = server.client('ada', { heartbeatMs: 30 });
  const states: string[] = [];
  ada.on('state', ({ state }) => states.push(state));
  ada.connect();
  await eventually(() => ada.state === 'open');
  const names = Array.from({ length: 30 }, (_, index) => index);
  const replies = await Promise.all(names.map((name) => ada.call('make-room', { name })));
  assert.deepEqual(
    replies.map((reply) => reply['made']),
    names.map((name) => `make-room ${name}`),
    'each call has its own reply',
  );
  assert.deepEqual(
    (made as number[]).toSorted((a, b) => a - b),
    names,
    'each was executed once',
  );
  assert.deepEqual(states, ['connecting', 'open']);
  assert.ok(refusals.count > 0, 'they were limited');
});

test('serves one person without loss while another floods the server', async (t) => {
  const server = await openRooms(t);
  const ada = await server.connect('ada');
  const ben = server.client('ben');
  const { messages } = watch(ben);
  ben.subscribe('lobby');
  ben.connect();
  await eventually(() => ben.state === 'open');
  let sent = 0;
  const flood = setInterval(() => {
    for (let count = 0; count < 50; count++) {
      ada.send(JSON.stringify({ type: 'publish', ref: ++sent, room: 'lobby', id: `flood-${sent}`, data: 'flood' }));
    }
  }, 1);
  t.after(() => clearInterval(flood));
  await eventually(() => ada.frames.some(({ type }) => type === 'error'));
  for (const line of lines.slice(0, 9)) await ben.publish('lobby', line).published;
  clearInterval(flood);
  await eventually(() => messages.includes('lobby line 9'));
  const { messages: stored } = await server.rooms.history('lobby');
  const flooded = stored.filter(({ author }) => author.id === 'ada').length;
  assert.ok(flooded < 40, `${flooded} of ${sent} stored`);
  assert.deepEqual(
    stored.filter(({ author }) => author.id === 'ben').map(({ data }) => data),
    lines.slice(0, 9),
  );
});
