/** What a client receives over lost connections, slow reading and lost streams: each message once and in order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CuttingProxy } from '../../../test/support/cutting-proxy.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { FaultyBroker } from '../../../test/support/rooms/faulty-broker.ts';
import { offsetsOf, publishMany, recordLobby } from '../../../test/support/rooms/lobby.ts';
import { offsetsFrom } from '../../../test/support/rooms/recording-subscriber.ts';
import { openRooms } from '../../../test/support/rooms/room-server.ts';
import { seededRandom, seedOfRun } from '../../../test/support/seeded-random.ts';
import { MemoryBroker } from '../brokers/memory/memory-broker.ts';

test('delivers the newest 100 of 250 missed messages after reporting 150 as dropped', async (t) => {
  const server = await openRooms(t);
  const ada = server.client('ada');
  const { events } = recordLobby(ada);
  ada.subscribe('lobby');
  ada.connect();
  await eventually(() => events.length === 1);
  ada.close();
  await publishMany(server.rooms, 250, 'x'.repeat(20_000));
  ada.connect();
  await eventually(() => events.at(-1) === '250');
  assert.deepEqual(events, ['recovered', 'subscribed -150', 'dropped 150', ...offsetsFrom(151, 250).map(String)]);
});

test('delivers each offset once and in order over random disconnects', async (t) => {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const broker = new FaultyBroker(new MemoryBroker(), random, { drop: 0.02, repeat: 0.02, delay: 0.02 });
  const server = await openRooms(t, {
    broker,
    rooms: { historyCount: 10_000, presenceGraceMs: 0, personPublishBurst: 1000, commandBurst: 10_000 },
  });
  const proxy = await CuttingProxy.open(t, server.port);
  proxy.nextBudget = () => 300 + Math.floor(random() * 6000);
  const ada = server.client('ada', { port: proxy.port, random });
  const { messages, events } = recordLobby(ada);
  const published: string[] = [];
  ada.on('published', ({ entry: { id } }) => published.push(id));
  ada.subscribe('lobby');
  ada.connect();
  const own: string[] = [];
  for (let round = 0; round < 100; round++) {
    await publishMany(server.rooms, Math.ceil(random() * 6));
    if (random() < 0.4) own.push(ada.publish('lobby', { round }).id);
    if (random() < 0.1) proxy.cut();
    for (let turns = random() * 40; turns > 0; turns--) await nextTurn();
  }
  await eventually(() => ada.outbox.length === 0);
  proxy.nextBudget = () => undefined;
  await server.rooms.checkPositions();
  const { top, messages: stored } = await server.rooms.history('lobby');
  await eventually(
    () => messages.at(-1)?.offset === top,
    () => `at ${messages.at(-1)?.offset} of ${top}, ${proxy.cuts} cuts`,
  );
  assert.deepEqual(offsetsOf(messages), offsetsFrom(1, top));
  assert.deepEqual(messages, stored, 'what was received is what is stored');
  assert.deepEqual(published, own, 'each own message was reported once, in order');
  assert.deepEqual(
    stored.filter(({ author }) => author.id === 'ada').map(({ id }) => id),
    own,
    'and stored once, in order',
  );
  assert.ok(proxy.cuts > 5, `only ${proxy.cuts} cuts`);
  assert.ok(!events.includes('reset') && !events.some((event) => event.startsWith('dropped')));
});

test('stores a message once if its response was lost', async (t) => {
  const server = await openRooms(t);
  const proxy = await CuttingProxy.open(t, server.port);
  const ada = server.client('ada', { port: proxy.port });
  ada.connect();
  await eventually(() => ada.state === 'open');
  proxy.hold();
  const { published } = ada.publish('lobby', 'once');
  await eventually(async () => (await server.rooms.history('lobby')).top === 1);
  assert.equal(ada.outbox.length, 1);
  proxy.cut();
  assert.equal((await published).offset, 1);
  assert.equal((await server.rooms.history('lobby')).top, 1);
});

test('refuses a retry if its id may have been dropped, without effect on others', async (t) => {
  const server = await openRooms(t, { rooms: { historyCount: 2, dedupeCount: 3 } });
  const [ada, ben] = [await server.connect('ada'), await server.connect('ben')];
  const publish = (id: string, fields: object = {}) => ada.ask('publish', { room: 'lobby', id, data: 1, ...fields });
  for (const id of ['a', 'b', 'c', 'd']) await publish(id);
  const known = await publish('b', { retry: true });
  assert.deepEqual([known.type, known['offset']], ['reply', 2]);
  const { message, ...refused } = await publish('a', { retry: true });
  const { ref } = refused;
  assert.deepEqual(refused, { type: 'error', ref, code: 'ROOM_PUBLISH_UNKNOWN', retry: false });
  assert.match(String(message), /no longer knows/);
  const other = await ben.ask('publish', { room: 'lobby', id: 'a', data: 1, retry: true });
  assert.equal(other['offset'], 5);
  const { epoch } = known;
  assert.equal((await publish('new', { retry: true, after: { epoch, offset: 0 } }))['code'], 'ROOM_PUBLISH_UNKNOWN');
  assert.equal((await publish('new', { retry: true, after: { epoch } }))['code'], 'ROOM_BAD_COMMAND');
  // Ada's id of offset 1 was dropped, and this message was not sent before that.
  assert.equal((await publish('new', { retry: true, after: { epoch, offset: 1 } }))['offset'], 6);
  assert.equal((await publish('a', { retry: false }))['offset'], 7, 'no retry, so a new message');
});

test('closes a slow reader with 4008, which recovers without loss and without effect on others', async (t) => {
  const server = await openRooms(t, { rooms: { historyCount: 2000 }, websocket: { maxBufferedBytes: 256 * 1024 } });
  const proxy = await CuttingProxy.open(t, server.port);
  const ada = server.client('ada', { port: proxy.port });
  const ben = server.client('ben');
  const received = { ada: recordLobby(ada), ben: recordLobby(ben) };
  const states: string[] = [];
  ada.on('state', ({ state }) => states.push(state));
  for (const client of [ada, ben]) {
    client.subscribe('lobby');
    client.connect();
  }
  await eventually(() => received.ada.events.length === 1 && received.ben.events.length === 1);
  proxy.hold();
  // The operating system buffers some megabytes before the server does.
  const data = 'x'.repeat(30_000);
  for (let round = 0; round < 100; round++) {
    await publishMany(server.rooms, 5, data);
    await eventually(() => received.ben.messages.length === (round + 1) * 5);
  }
  assert.deepEqual(states, ['connecting', 'open'], 'the slow reader delayed nobody, and was not closed early');
  proxy.letGo();
  await eventually(() => received.ada.messages.length === 500);
  assert.deepEqual(offsetsOf(received.ada.messages), offsetsFrom(1, 500));
  assert.deepEqual(offsetsOf(received.ben.messages), offsetsFrom(1, 500));
  assert.ok(server.closeCodes.includes(4008));
  assert.ok(!received.ada.events.some((event) => event.startsWith('dropped')));
});

test('waits for a slow reader while it catches up', async (t) => {
  const server = await openRooms(t, { rooms: { historyCount: 1000 } });
  await publishMany(server.rooms, 700, 'x'.repeat(30_000));
  const proxy = await CuttingProxy.open(t, server.port);
  const ada = server.client('ada', { port: proxy.port });
  const { messages } = recordLobby(ada);
  ada.connect();
  await eventually(() => ada.state === 'open');
  proxy.hold();
  ada.subscribe('lobby');
  // When Ben has everything, the server would have closed Ada's connection if it had buffered all of this.
  const ben = server.client('ben');
  const received = recordLobby(ben);
  ben.subscribe('lobby');
  ben.connect();
  await eventually(() => received.messages.length === 700);
  proxy.letGo();
  await eventually(() => messages.length === 700);
  assert.deepEqual(offsetsOf(messages), offsetsFrom(1, 700));
  assert.deepEqual(server.closeCodes, []);
});

test('reports a lost stream, and a position ahead of the stream', async (t) => {
  const broker = new MemoryBroker();
  const server = await openRooms(t, { broker });
  const ada = server.client('ada');
  const { events } = recordLobby(ada);
  ada.subscribe('lobby');
  ada.connect();
  await publishMany(server.rooms, 3);
  await eventually(() => events.at(-1) === '3');
  const { epoch } = await server.rooms.history('lobby');
  await broker.renewEpoch('lobby', epoch);
  await publishMany(server.rooms, 2);
  await eventually(() => events.at(-1) === '5');
  assert.deepEqual(events.slice(-6), ['reset', '1', '2', '3', '4', '5']);
  const position = ada.position('lobby');
  assert.notEqual(position?.epoch, epoch);
  ada.subscribe('lobby', { epoch: position?.epoch ?? '', offset: 50 });
  await eventually(() => events.filter((event) => event === 'reset').length === 2 && events.at(-1) === '5');
  assert.deepEqual(events.slice(-7, -4), ['subscribed -0', 'reset', '1']);
});
