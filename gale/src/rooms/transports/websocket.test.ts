import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { CuttingProxy } from '../../../test/support/cutting-proxy.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { FaultyBroker } from '../../../test/support/rooms/faulty-broker.ts';
import { offsetsFrom } from '../../../test/support/rooms/recording-subscriber.ts';
import { openRooms } from '../../../test/support/rooms/room-server.ts';
import type { RoomServer } from '../../../test/support/rooms/room-server.ts';
import { seededRandom, seedOfRun } from '../../../test/support/seeded-random.ts';
import type { Logger } from '../../run/log.ts';
import { MemoryBroker } from '../brokers/memory/memory-broker.ts';
import type { ServerFrame } from '../wire.ts';
import type { RoomsClient } from '../client/rooms-client.ts';
import type { Rooms } from '../rooms.ts';
import { RoomError } from '../room-error.ts';
import type { RoomMessage } from '../stream.ts';
import type { RoomSocket } from './websocket.ts';

const bot = { id: 'bot', name: 'Bot' };
let lastId = 0;

async function publishMany(rooms: Rooms, count: number, data: unknown = 'hello'): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, () => rooms.publish('lobby', { id: `bot-${++lastId}`, author: bot, data })),
  );
}

/** Records what a client receives of the lobby. */
function record(client: RoomsClient): { messages: RoomMessage[]; events: string[] } {
  const messages: RoomMessage[] = [];
  const events: string[] = [];
  client.on('message', ({ message }) => {
    messages.push(message);
    events.push(String(message.offset));
  });
  client.on('subscribed', ({ reply: { recovered, dropped } }) =>
    events.push(recovered ? 'recovered' : `subscribed -${dropped}`),
  );
  client.on('dropped', ({ count }) => events.push(`dropped ${count}`));
  client.on('reset', () => events.push('reset'));
  return { messages, events };
}

async function proxyTo(t: TestContext, server: RoomServer): Promise<CuttingProxy> {
  const proxy = await CuttingProxy.open(server.port);
  t.after(() => proxy.close());
  return proxy;
}

function offsetsOf(messages: readonly RoomMessage[]): number[] {
  return messages.map(({ offset }) => offset);
}

test('delivers messages between two people', async (t) => {
  const server = await openRooms(t);
  const ada = server.client('ada');
  const ben = server.client('ben');
  const received = { ada: record(ada), ben: record(ben) };
  for (const client of [ada, ben]) {
    client.subscribe('lobby');
    client.connect();
  }
  const hello = await ada.publish('lobby', { text: 'Hello Ben 👋' }).published;
  await eventually(() => received.ben.messages.length === 1);
  await ben.publish('lobby', { text: '你好' }, 'b-1').published;
  await eventually(() => received.ada.messages.length === 2 && received.ben.messages.length === 2);
  assert.deepEqual(received.ada.messages, received.ben.messages);
  assert.deepEqual(
    received.ada.messages.map(({ author, data }) => [author, data]),
    [
      [{ id: 'ada', name: 'Ada' }, { text: 'Hello Ben 👋' }],
      [{ id: 'ben', name: 'Ben' }, { text: '你好' }],
    ],
  );
  assert.deepEqual(
    [hello.offset, received.ada.messages[0]?.time, received.ada.messages[1]?.id],
    [1, hello.time, 'b-1'],
  );
});

test('refuses the upgrade with 401 without a person, and with 403 for a foreign page', async (t) => {
  const server = await openRooms(t);
  const statusWith = (headers: Record<string, string>): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const key = Buffer.from('0123456789abcdef').toString('base64');
      const upgrade = {
        connection: 'upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': key,
      };
      request({ port: server.port, path: '/socket', headers: { ...upgrade, ...headers } })
        .on('response', (response) => resolve(response.resume().statusCode))
        .on('upgrade', (response, socket) => resolve((socket.destroy(), response.statusCode)))
        .on('error', reject)
        .end();
    });
  assert.equal(await statusWith({}), 401);
  assert.equal(await statusWith({ cookie: 'user=ada', origin: 'http://evil.example' }), 403);
  assert.equal(
    await statusWith({
      cookie: 'user=ada',
      origin: `http://localhost:${server.port}`,
      host: `localhost:${server.port}`,
    }),
    101,
  );
});

test('sends the welcome first, with the fields of the application', async (t) => {
  const server = await openRooms(t, {
    hooks: { welcome: async () => ({ rooms: ['lobby'], type: 'no', person: 'no' }) },
  });
  const connection = await server.connect('ada');
  const welcome = await connection.take(() => true);
  assert.equal(typeof welcome['time'], 'number');
  assert.deepEqual(welcome, {
    type: 'welcome',
    protocol: 1,
    rooms: ['lobby'],
    person: { id: 'ada', name: 'Ada' },
    time: welcome['time'],
  });
});

test('responds to each kind of invalid frame with its error, and stays open', async (t) => {
  const server = await openRooms(t, {
    hooks: {
      canSubscribe: async (room) => {
        if (room === 'secret') throw new RoomError('ROOM_NOT_MEMBER', 'You are not in it.');
        if (room !== 'lobby') throw new RoomError('ROOM_UNKNOWN', 'There is no such room.');
      },
    },
  });
  const connection = await server.connect('ada');
  await connection.takeType('welcome');
  const publish = { type: 'publish', ref: 1, room: 'lobby', id: 'a', data: 1 };
  const bad: [frame: string | Uint8Array<ArrayBuffer> | object, code: string, ref: number | null][] = [
    [new Uint8Array([1, 2, 3]), 'ROOM_BAD_FRAME', null],
    ['no json', 'ROOM_BAD_FRAME', null],
    ['[]', 'ROOM_BAD_FRAME', null],
    ['{}', 'ROOM_BAD_FRAME', null],
    [{ type: 'ping' }, 'ROOM_BAD_COMMAND', null],
    [{ type: 'dance', ref: 1 }, 'ROOM_UNKNOWN_COMMAND', 1],
    [{ type: 'toString', ref: 1 }, 'ROOM_UNKNOWN_COMMAND', 1],
    [{ type: 'subscribe', ref: 2 }, 'ROOM_BAD_COMMAND', 2],
    [{ type: 'subscribe', ref: 2, room: '@everyone' }, 'ROOM_UNKNOWN', 2],
    [{ type: 'subscribe', ref: 2, room: 'nowhere' }, 'ROOM_UNKNOWN', 2],
    [{ type: 'subscribe', ref: 2, room: 'secret' }, 'ROOM_NOT_MEMBER', 2],
    [{ type: 'subscribe', ref: 3, room: 'lobby', after: { epoch: 'e', offset: -1 } }, 'ROOM_BAD_COMMAND', 3],
    [{ type: 'unsubscribe', ref: 4 }, 'ROOM_BAD_COMMAND', 4],
    [{ ...publish, room: 'a\u0007' }, 'ROOM_BAD_COMMAND', 1],
    [{ ...publish, id: 'no good' }, 'ROOM_BAD_COMMAND', 1],
    [{ ...publish, data: undefined }, 'ROOM_BAD_COMMAND', 1],
    [
      `{"type":"publish","ref":1,"room":"lobby","id":"a","data":${'['.repeat(9000)}${']'.repeat(9000)}}`,
      'ROOM_BAD_COMMAND',
      1,
    ],
    [{ type: 'read', ref: 5, room: 'lobby', epoch: 1, offset: 1 }, 'ROOM_BAD_COMMAND', 5],
  ];
  for (const [frame, code, ref] of bad) {
    connection.send(typeof frame === 'string' || frame instanceof Uint8Array ? frame : JSON.stringify(frame));
    const response = await connection.take(() => true);
    assert.equal(response.type, 'error');
    assert.deepEqual(
      [response['code'], response['ref'], response['retry']],
      [code, ref, false],
      JSON.stringify(frame).slice(0, 100),
    );
    assert.equal(typeof response['message'], 'string');
  }
  assert.deepEqual(await connection.ask('ping'), { type: 'reply', ref: 1 });
  assert.deepEqual((await server.rooms.history('lobby')).messages, []);
});

test('closes with 1009 for a frame over 64 KiB, and accepts one of 60 KiB', async (t) => {
  const server = await openRooms(t);
  const connection = await server.connect('ada');
  const stored = await connection.ask('publish', { room: 'lobby', id: 'a', data: 'x'.repeat(60_000) });
  assert.equal(stored['offset'], 1);
  connection.send(JSON.stringify({ type: 'ping', ref: 1, more: 'x'.repeat(66_000) }));
  await eventually(() => connection.closeCode !== undefined);
  assert.equal(connection.closeCode, 1009);
});

test('responds with ROOM_FAILED to an error in a hook, logs it, and continues', async (t) => {
  const errors: object[] = [];
  const log: Logger = { debug() {}, info() {}, warn() {}, error: (fields) => errors.push(fields) };
  const server = await openRooms(t, {
    log,
    hooks: {
      canPublish: () => Promise.reject(new Error('the database is gone')),
      onCommand: () => Promise.reject(new TypeError('undefined is not a function')),
    },
  });
  const connection = await server.connect('ada');
  for (const [type, fields] of [
    ['publish', { room: 'lobby', id: 'a', data: 1 }],
    ['make-room', {}],
  ] as const) {
    const response = await connection.ask(type, fields);
    assert.deepEqual([response['code'], response['retry']], ['ROOM_FAILED', true]);
    assert.doesNotMatch(String(response['message']), /database|function/);
  }
  assert.equal(errors.length, 2);
  assert.match(String((errors[0] as { err: Error }).err), /database/);
  assert.equal((await connection.ask('ping')).type, 'reply');
});

test('reports an unavailable store, and the client retries', async (t) => {
  const broker = new FaultyBroker(new MemoryBroker(), Math.random);
  const server = await openRooms(t, { broker });
  broker.failPublishes = 3;
  const client = server.client('ada');
  client.connect();
  const { published } = client.publish('lobby', 'hello');
  assert.equal((await published).offset, 1);
  const connection = await server.connect('ada');
  broker.faults = { failRead: 1 };
  const response = await connection.ask('subscribe', { room: 'lobby' });
  assert.deepEqual([response['code'], response['retry']], ['ROOM_UNAVAILABLE', true]);
});

test('lets the application validate data and add commands', async (t) => {
  const server = await openRooms(t, {
    hooks: {
      checkData(_room, data) {
        if (typeof data !== 'string') throw new RoomError('CHAT_TEXT', 'Text, please.');
        return { text: data.trim() };
      },
      onCommand: async (type, fields) => ({ did: type, with: fields['what'] }),
    },
  });
  const connection = await server.connect('ada');
  assert.equal((await connection.ask('publish', { room: 'lobby', id: 'a', data: 5 }))['code'], 'CHAT_TEXT');
  const author = { id: 'root', name: 'Root' };
  await connection.ask('publish', { room: 'lobby', id: 'b', data: ' hi ', author, time: 1, offset: 99 });
  const { messages } = await server.rooms.history('lobby');
  assert.deepEqual(
    messages.map((message) => [message.author, message.data, message.offset]),
    [[{ id: 'ada', name: 'Ada' }, { text: 'hi' }, 1]],
  );
  const response = await connection.ask('make-room', { what: 'attic' });
  assert.deepEqual([response['did'], response['with']], ['make-room', 'attic']);
});

test('delivers the newest 100 of 250 missed messages after reporting 150 as dropped', async (t) => {
  const server = await openRooms(t);
  const ada = server.client('ada');
  const { events } = record(ada);
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
  const proxy = await proxyTo(t, server);
  proxy.nextBudget = () => 300 + Math.floor(random() * 6000);
  const ada = server.client('ada', { port: proxy.port, random });
  const { messages, events } = record(ada);
  const published: string[] = [];
  ada.on('published', ({ entry: { id } }) => published.push(id));
  ada.subscribe('lobby');
  ada.connect();
  const own: string[] = [];
  for (let round = 0; round < 100; round++) {
    await publishMany(server.rooms, Math.ceil(random() * 6));
    if (random() < 0.4) own.push(ada.publish('lobby', { round }).id);
    if (random() < 0.1) proxy.cut();
    await new Promise((resolve) => setTimeout(resolve, random() * 4));
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
  const proxy = await proxyTo(t, server);
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
  const proxy = await proxyTo(t, server);
  const ada = server.client('ada', { port: proxy.port });
  const ben = server.client('ben');
  const received = { ada: record(ada), ben: record(ben) };
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
  const proxy = await proxyTo(t, server);
  const ada = server.client('ada', { port: proxy.port });
  const { messages } = record(ada);
  ada.connect();
  await eventually(() => ada.state === 'open');
  proxy.hold();
  ada.subscribe('lobby');
  // When Ben has everything, the server would have closed Ada's connection if it had buffered all of this.
  const ben = server.client('ben');
  const received = record(ben);
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
  const { events } = record(ada);
  ada.subscribe('lobby');
  ada.connect();
  await publishMany(server.rooms, 3);
  await eventually(() => events.at(-1) === '3');
  const { epoch } = await server.rooms.history('lobby');
  await broker.renewEpoch('lobby', epoch);
  await publishMany(server.rooms, 2);
  await eventually(() => events.at(-1) === '2');
  assert.deepEqual(events.slice(-3), ['reset', '1', '2']);
  const position = ada.position('lobby');
  assert.notEqual(position?.epoch, epoch);
  ada.subscribe('lobby', { epoch: position?.epoch ?? '', offset: 50 });
  await eventually(() => events.filter((event) => event === 'reset').length === 2 && events.at(-1) === '2');
  assert.deepEqual(events.slice(-4), ['subscribed -0', 'reset', '1', '2']);
});

test('counts a person once over several windows, a reconnect and a short unsubscribe', async (t) => {
  const server = await openRooms(t, { rooms: { presenceGraceMs: 800, presenceBatchMs: 1 } });
  const ben = await server.connect('ben');
  await ben.ask('subscribe', { room: 'lobby' });
  assert.deepEqual((await ben.takeType('people'))['people'], [{ id: 'ben', name: 'Ben' }]);
  const windows = [await server.connect('ada'), await server.connect('ada')];
  for (const window of windows) await window.ask('subscribe', { room: 'lobby' });
  assert.equal((await windows[1]?.takeType('people'))?.['count'], 2);
  const ada = { id: 'ada', name: 'Ada' };
  assert.deepEqual(await ben.takeType('presence'), {
    type: 'presence',
    room: 'lobby',
    count: 2,
    entered: [ada],
    left: [],
  });
  for (const window of windows) window.close();
  const again = await server.connect('ada');
  await again.ask('subscribe', { room: 'lobby' });
  await again.ask('unsubscribe', { room: 'lobby' });
  await again.ask('subscribe', { room: 'lobby' });
  const cleo = await server.connect('cleo');
  await cleo.ask('subscribe', { room: 'lobby' });
  assert.deepEqual((await ben.takeType('presence'))['count'], 3);
  await cleo.ask('unsubscribe', { room: 'lobby' });
  assert.deepEqual(await ben.takeType('presence'), {
    type: 'presence',
    room: 'lobby',
    count: 2,
    entered: [],
    left: [{ id: 'cleo', name: 'Cleo' }],
  });
  again.close();
  assert.deepEqual((await ben.takeType('presence'))['left'], [ada]);
});

test('sends one frame to each of 300 sockets for 100 subscribes and unsubscribes', async (t) => {
  const server = await openRooms(t, { rooms: { presenceBatchMs: 20, limits: 'off' } });
  const connections = await Promise.all(Array.from({ length: 300 }, (_, index) => server.connect(`p${index % 150}`)));
  await Promise.all(connections.map((connection) => connection.ask('subscribe', { room: 'lobby' })));
  /** Lets a person enter. When everyone has received that change, all earlier ones were sent. */
  const allKnow = async (id: string): Promise<void> => {
    await server.rooms.enter('lobby', { id, name: id }, id);
    for (const connection of connections) {
      await connection.take(({ entered }) => Array.isArray(entered) && entered.some((person) => person.id === id));
    }
  };
  await allKnow('first');
  for (const connection of connections) connection.frames.length = 0;
  const ada = await server.connect('ada');
  for (let round = 0; round < 100; round++) {
    await ada.ask('subscribe', { room: 'lobby' });
    await ada.ask('unsubscribe', { room: 'lobby' });
  }
  await allKnow('ada');
  await allKnow('last');
  // Each connection has taken the frame with Ada and the last one.
  assert.deepEqual(
    connections.flatMap((connection) => connection.frames),
    [],
  );
  assert.equal(ada.frames.filter(({ type }) => type === 'people').length, 100);
});

test('ends a subscription and its presence at once for the application', async (t) => {
  const sockets = new Set<RoomSocket>();
  const server = await openRooms(t, {
    rooms: { presenceBatchMs: 1, presenceGraceMs: 600_000 },
    hooks: {
      async onCommand(this: RoomSocket) {
        this.endSubscription('lobby');
        sockets.add(this);
        return {};
      },
    },
  });
  const ada = await server.connect('ada');
  const ben = await server.connect('ben');
  for (const connection of [ada, ben]) await connection.ask('subscribe', { room: 'lobby' });
  await ben.take((frame) => frame.type === 'people' && frame['count'] === 2);
  await ada.ask('be-removed');
  await ben.take((frame) => frame.type === 'presence' && frame['count'] === 1);
  assert.equal(sockets.size, 1);
});

test('sends counts in a room above presenceNamesMax, and names by page to subscribers', async (t) => {
  const server = await openRooms(t, { rooms: { presenceBatchMs: 1, presenceNamesMax: 10, presenceGraceMs: 0 } });
  const connections = await Promise.all(Array.from({ length: 25 }, (_, index) => server.connect(`p${index + 10}`)));
  for (const connection of connections) await connection.ask('subscribe', { room: 'lobby' });
  const [first, last] = [connections[0]!, connections[24]!];
  assert.deepEqual(await last.takeType('people'), { type: 'people', room: 'lobby', count: 25 });
  await first.take((frame) => frame.type === 'presence' && frame['count'] === 25);
  assert.ok(first.frames.every((frame) => Number(frame['count']) <= 10 || !('entered' in frame || 'left' in frame)));

  const ids: string[] = [];
  for (let after: unknown; after !== null;) {
    const page = await last.ask('people', { room: 'lobby', limit: 10, after });
    assert.equal(page['count'], 25);
    ids.push(...(page['people'] as { id: string }[]).map(({ id }) => id));
    after = page['next'];
  }
  assert.deepEqual(
    ids,
    Array.from({ length: 25 }, (_, index) => `p${index + 10}`),
  );
  const whole = await last.ask('people', { room: 'lobby' });
  assert.deepEqual([(whole['people'] as object[]).length, whole['next']], [25, null]);
  assert.deepEqual((whole['people'] as object[])[0], { id: 'p10', name: 'P10' });

  const stranger = await server.connect('stranger');
  assert.equal((await stranger.ask('people', { room: 'lobby' }))['code'], 'ROOM_NOT_MEMBER');
  for (const bad of [{ limit: 0 }, { limit: 201 }, { limit: 1.5 }, { after: 5 }, { room: '' }]) {
    assert.equal(
      (await last.ask('people', { room: 'lobby', ...bad }))['code'],
      'ROOM_BAD_COMMAND',
      JSON.stringify(bad),
    );
  }

  for (const connection of connections.slice(0, 16)) await connection.ask('unsubscribe', { room: 'lobby' });
  const again = await last.take((frame) => frame.type === 'people');
  assert.deepEqual([again['count'], (again['people'] as object[]).length], [9, 9]);
});

test('notifies other windows of a moved cursor, and returns it on later connections', async (t) => {
  const server = await openRooms(t);
  await publishMany(server.rooms, 5);
  const windows = [await server.connect('ada'), await server.connect('ada')] as const;
  const start = await windows[0].ask('subscribe', { room: 'lobby' });
  const { epoch } = start;
  assert.equal(start['cursor'], null);
  const { cursor } = await windows[0].ask('read', { room: 'lobby', epoch, offset: 4 });
  assert.deepEqual(cursor, { epoch, offset: 4 });
  for (const window of windows) {
    assert.deepEqual(await window.takeType('read'), { type: 'read', room: 'lobby', epoch, offset: 4 });
  }
  await windows[0].ask('read', { room: 'lobby', epoch, offset: 5 });
  await windows[0].ask('publish', { room: 'lobby', id: 'own', data: 1 });
  const later = await server.connect('ada');
  assert.deepEqual((await later.ask('subscribe', { room: 'lobby' }))['cursor'], { epoch, offset: 6 });
});

test('notifies all windows of a person, and lets the application end a subscription', async (t) => {
  const server = await openRooms(t, {
    hooks: {
      onNotification(this: RoomSocket, event) {
        const { type, room } = event as { type: string; room: string };
        if (type === 'left') this.endSubscription(room);
        if (type === 'bye') this.endSession();
        else this.sendEvent(event);
      },
    },
  });
  const ada = await server.connect('ada');
  const ben = await server.connect('ben');
  for (const connection of [ada, ben]) await connection.ask('subscribe', { room: 'lobby' });
  await server.rooms.notify('ada', { type: 'left', room: 'lobby' });
  await server.rooms.notifyEveryone({ type: 'news' });
  await ada.takeType('left');
  await ada.takeType('news');
  await ben.takeType('news');
  await publishMany(server.rooms, 1);
  await ben.takeType('message');
  await ada.ask('ping');
  assert.ok(!ada.frames.some(({ type }) => type === 'message'));
  assert.ok(!ben.frames.some(({ type }) => type === 'left'));
  await server.rooms.signal('lobby', 'typing');
  assert.deepEqual(await ben.takeType('signal'), { type: 'signal', room: 'lobby', data: 'typing' });
  await server.rooms.notify('ben', { type: 'bye' });
  await eventually(() => ben.closeCode === 4401);
});

test('sends notifications that arrive during the welcome after it', async (t) => {
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
  const { promise: allowed, resolve: allow } = Promise.withResolvers<object>();
  const server = await openRooms(t, {
    hooks: {
      welcome() {
        onAsked();
        return allowed;
      },
    },
  });
  const connection = await server.connect('ada');
  await asked;
  await server.rooms.notify('ada', { type: 'news' });
  allow({});
  assert.equal((await connection.take(() => true)).type, 'welcome');
  assert.equal((await connection.take(() => true)).type, 'news');
});

test('replaces the first subscription by a second one', async (t) => {
  const server = await openRooms(t);
  await publishMany(server.rooms, 2);
  const connection = await server.connect('ada');
  const { epoch } = await connection.ask('subscribe', { room: 'lobby' });
  await connection.take((frame) => frame['offset'] === 2);
  await connection.ask('subscribe', { room: 'lobby', after: { epoch, offset: 2 } });
  connection.frames.length = 0;
  await publishMany(server.rooms, 1);
  await connection.take((frame) => frame['offset'] === 3);
  await connection.ask('ping');
  assert.deepEqual(
    connection.frames.filter(({ type }: ServerFrame) => type === 'message'),
    [],
  );
});

test('closes with 1012 when the rooms close', async (t) => {
  const server = await openRooms(t);
  const connection = await server.connect('ada');
  await connection.ask('subscribe', { room: 'lobby' });
  await server.rooms.close();
  await eventually(() => connection.closeCode === 1012);
});
