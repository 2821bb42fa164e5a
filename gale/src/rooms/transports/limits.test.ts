import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { eventually } from '../../../test/support/eventually.ts';
import { RecordedLog } from '../../../test/support/recorded-log.ts';
import { openRooms } from '../../../test/support/rooms/room-server.ts';
import type { Frame, RawConnection, RoomServer } from '../../../test/support/rooms/room-server.ts';
import { MemoryBroker } from '../brokers/memory/memory-broker.ts';
import { RoomError } from '../room-error.ts';

/** A rate so low that no token is refilled while a test runs. */
const never = 0.001;

/** Sends commands at once. @returns Their responses, in order. */
async function askAtOnce(connection: RawConnection, commands: readonly object[]): Promise<Frame[]> {
  for (const [index, command] of commands.entries()) connection.send(JSON.stringify({ ref: 1000 + index, ...command }));
  const responses: Frame[] = [];
  for (const index of commands.keys()) responses.push(await connection.take(({ ref }) => ref === 1000 + index));
  return responses;
}

function publishes(count: number, room = 'lobby'): object[] {
  return Array.from({ length: count }, (_, index) => ({ type: 'publish', room, id: `m${index}`, data: index }));
}

function sendPings(connection: RawConnection): void {
  for (let ref = 0; ref < 100; ref++) connection.send(JSON.stringify({ type: 'ping', ref }));
}

function typesOf(responses: readonly Frame[]): string[] {
  return responses.map(({ type }) => type);
}

interface HandshakeResponse {
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** Requests an upgrade, and closes the socket at once if it is accepted. */
function handshake(server: RoomServer, headers: Readonly<Record<string, string>> = {}): Promise<HandshakeResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<HandshakeResponse>();
  const upgrade = {
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.from('0123456789abcdef').toString('base64'),
    cookie: 'user=ada',
  };
  request({ port: server.port, path: '/socket', headers: { ...upgrade, ...headers } })
    .on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () =>
        resolve({ status: response.statusCode, retryAfter: response.headers['retry-after'], body }),
      );
    })
    .on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode, retryAfter: undefined, body: '' });
    })
    .on('error', reject)
    .end();
  return promise;
}

test('stores 10 of 11 publishes at once, and refuses one with retryAfterMs', async (t) => {
  const server = await openRooms(t, { rooms: { personPublishesPerSecond: never } });
  const connection = await server.connect('ada');
  const responses = await askAtOnce(connection, publishes(11));
  assert.deepEqual(typesOf(responses), [...Array.from({ length: 10 }, () => 'reply'), 'error']);
  const { type, ref, code, message, retry, retryAfterMs, ...rest } = responses[10] as Frame;
  assert.deepEqual([type, ref, code, retry, rest], ['error', 1010, 'ROOM_TOO_FAST', true, {}]);
  assert.match(String(message), /Publishes of a person are limited to 10 at once, then 0\.001 per second/);
  assert.ok(Number.isInteger(retryAfterMs) && Number(retryAfterMs) > 0, String(retryAfterMs));
  assert.equal((await server.rooms.history('lobby')).top, 10);
  assert.equal((await connection.ask('ping')).type, 'reply', 'the connection stays open');
});

test('counts a repeated publish, and publishes in other windows and rooms', async (t) => {
  const server = await openRooms(t, { rooms: { personPublishBurst: 4, personPublishesPerSecond: never } });
  const windows = [await server.connect('ada'), await server.connect('ada')] as const;
  const same = { type: 'publish', room: 'lobby', id: 'same', data: 1 };
  assert.deepEqual(typesOf(await askAtOnce(windows[0], [same, same])), ['reply', 'reply']);
  assert.deepEqual(typesOf(await askAtOnce(windows[1], publishes(3, 'attic'))), ['reply', 'reply', 'error']);
});

test('stores a publish after retryAfterMs', async (t) => {
  const server = await openRooms(t, { rooms: { personPublishBurst: 1, personPublishesPerSecond: 20 } });
  const connection = await server.connect('ada');
  await connection.ask('publish', { room: 'lobby', id: 'a', data: 1 });
  for (let id = 1; id <= 5; id++) {
    const refused = await connection.ask('publish', { room: 'lobby', id: `a${id}`, data: 1 });
    if (refused.type === 'reply') continue;
    // Node's timers may end a millisecond early.
    await new Promise((resolve) => setTimeout(resolve, Number(refused['retryAfterMs']) + 1));
    assert.equal((await connection.ask('publish', { room: 'lobby', id: `a${id}`, data: 1 })).type, 'reply');
  }
});

test('limits the publishes of all people in one room, and not those in another', async (t) => {
  const server = await openRooms(t, { rooms: { roomPublishBurst: 20, roomPublishesPerSecond: never } });
  const people = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => server.connect(name)));
  const responses = (await Promise.all(people.map((connection) => askAtOnce(connection, publishes(4))))).flat();
  const refused = responses.filter(({ type }) => type === 'error');
  assert.equal(refused.length, 4);
  for (const { code, message } of refused) {
    assert.equal(code, 'ROOM_TOO_FAST');
    assert.match(String(message), /Publishes in a room are limited to 20 at once/);
  }
  assert.deepEqual(typesOf(await askAtOnce(people[0] as RawConnection, publishes(1, 'attic'))), ['reply']);
});

test('does not count refused people against the limit of a room', async (t) => {
  const server = await openRooms(t, {
    rooms: { roomPublishBurst: 2, roomPublishesPerSecond: never },
    hooks: {
      canPublish(this: { person(): { id: string } | undefined }) {
        return this.person()?.id === 'eve'
          ? Promise.reject(new RoomError('ROOM_NOT_MEMBER', 'Not in it.'))
          : Promise.resolve();
      },
    },
  });
  const eve = await server.connect('eve');
  for (const { code } of await askAtOnce(eve, publishes(5))) assert.equal(code, 'ROOM_NOT_MEMBER');
  const ada = await server.connect('ada');
  assert.deepEqual(typesOf(await askAtOnce(ada, publishes(2))), ['reply', 'reply']);
});

test('counts every command in all windows, including invalid frames', async (t) => {
  const server = await openRooms(t, { rooms: { commandBurst: 8, commandsPerSecond: never } });
  const windows = [await server.connect('ada'), await server.connect('ada')] as const;
  windows[0].send('no json');
  windows[0].send(new Uint8Array([1]));
  windows[0].send('{"type":"dance","ref":1}');
  for (let bad = 0; bad < 3; bad++) await windows[0].takeType('error');
  const ping = { type: 'ping' };
  assert.deepEqual(typesOf(await askAtOnce(windows[1], [ping, ping, ...publishes(1)])), ['reply', 'reply', 'reply']);
  const subscribe = { type: 'subscribe', room: 'lobby' };
  const read = { type: 'read', room: 'lobby', epoch: '', offset: 0 };
  const responses = await askAtOnce(windows[0], [
    subscribe,
    read,
    { type: 'unsubscribe', room: 'lobby' },
    ...publishes(1),
  ]);
  assert.deepEqual(typesOf(responses), ['reply', 'reply', 'error', 'error']);
  assert.match(String(responses[2]?.['message']), /Commands of a person are limited to 8 at once/);
  assert.equal(responses[2]?.['code'], 'ROOM_TOO_FAST');
  // An invalid frame still gets its own error.
  windows[1].send('no json');
  assert.equal((await windows[1].takeType('error'))['code'], 'ROOM_BAD_FRAME');
  assert.equal((await server.rooms.history('lobby')).top, 1, 'refused commands had no effect');
});

test('pauses reading a client that ignores refusals, and serves the others', async (t) => {
  const server = await openRooms(t, { rooms: { commandBurst: 5, commandsPerSecond: never } });
  const ada = await server.connect('ada');
  const ben = await server.connect('ben');
  for (const connection of [ada, ben]) await connection.takeType('welcome');
  for (let ref = 0; ref < 5000; ref++) ada.send(JSON.stringify({ type: 'ping', ref }));
  await eventually(() => ada.frames.length >= 11);
  const ping = { type: 'ping' };
  assert.deepEqual(typesOf(await askAtOnce(ben, [ping, ping, ping, ping, ...publishes(1)])), [
    'reply',
    'reply',
    'reply',
    'reply',
    'reply',
  ]);
  // The server refuses one more every five seconds.
  assert.ok(ada.frames.length < 30, `${ada.frames.length} frames`);
  assert.deepEqual(
    ada.frames.slice(0, 11).map(({ type }) => type),
    [...Array.from({ length: 5 }, () => 'reply'), ...Array.from({ length: 6 }, () => 'error')],
  );
});

test('counts refused commands for the person, on other and new connections too', async (t) => {
  const server = await openRooms(t, { rooms: { commandBurst: 5, commandsPerSecond: never } });
  const connections = [await server.connect('ada'), await server.connect('ada')];
  for (const connection of connections) await connection.takeType('welcome');
  sendPings(connections[0]!);
  await eventually(() => connections[0]!.frames.length >= 11);
  sendPings(connections[1]!);
  await eventually(() => connections[1]!.frames.length >= 1);
  const next = await server.connect('ada');
  await next.takeType('welcome');
  sendPings(next);
  await eventually(() => next.frames.length >= 1);
  // The server responds to Ben after it has read everything that it may read by now.
  const ben = await server.connect('ben');
  await ben.ask('ping');
  // The server refuses one more every five seconds.
  for (const connection of [connections[1]!, next])
    assert.ok(connection.frames.length < 6, `${connection.frames.length} frames`);
});

test('refuses the 21st connection of a person with 429 until another one closes', async (t) => {
  const server = await openRooms(t);
  const connections = await Promise.all(Array.from({ length: 20 }, () => server.connect('ada')));
  const refused = await handshake(server);
  assert.equal(refused.status, 429);
  assert.match(String(refused.retryAfter), /^[1-9]\d*$/);
  assert.match(refused.body, /at most 20 open connections \(maxSocketsPerPerson\)/);
  assert.equal((await handshake(server, { cookie: 'user=ben' })).status, 101, 'other people are not affected');
  connections[7]?.close();
  await eventually(async () => (await handshake(server)).status === 101);
  await eventually(() => server.rooms.limits.socketsOf('ada') === 19);
});

test('refuses connections opened in a loop with 429, and accepts other people', async (t) => {
  const server = await openRooms(t, { rooms: { commandBurst: 1, commandsPerSecond: 0.01, maxSocketsPerPerson: 2 } });
  for (let round = 0; round < 2; round++) assert.equal((await handshake(server)).status, 101);
  await eventually(() => server.rooms.limits.socketsOf('ada') === 0);
  const refused = await handshake(server);
  assert.equal(refused.status, 429);
  assert.match(String(refused.retryAfter), /^(100|9\d)$/);
  assert.match(refused.body, /New connections of a person are limited to 2 at once/);
  assert.equal((await handshake(server, { cookie: 'user=ben' })).status, 101);
});

test('stops counting a connection that is refused, fails or closes while it opens', async (t) => {
  let hold = Promise.withResolvers<object>();
  const asked: number[] = [];
  const welcomes: (() => Promise<object>)[] = [];
  const server = await openRooms(t, {
    // The server reads nothing while the welcome is pending, so it detects a closed connection at the timeout.
    rooms: { maxSocketsPerPerson: 1, identifyTimeoutMs: 1000 },
    hooks: {
      welcome() {
        asked.push(1);
        return welcomes.shift()?.() ?? Promise.resolve({});
      },
    },
  });
  const free = (): Promise<void> => eventually(() => server.rooms.limits.socketsOf('ada') === 0);
  assert.equal((await handshake(server, { origin: 'http://evil.example' })).status, 403);
  assert.equal((await handshake(server, { 'sec-websocket-version': '7' })).status, 426);
  assert.equal((await handshake(server, { upgrade: 'h2c' })).status, 400);
  assert.equal(server.rooms.limits.socketsOf('ada'), 0);

  welcomes.push(() => Promise.reject(new Error('the database is gone')));
  const failing = await server.connect('ada');
  await eventually(() => failing.closeCode === 1011);
  await free();

  // The client closes while the welcome is pending.
  welcomes.push(() => hold.promise);
  assert.equal((await handshake(server)).status, 101);
  await free();
  hold.resolve({});

  hold = Promise.withResolvers();
  welcomes.push(() => hold.promise);
  const leaving = await server.connect('ada');
  await eventually(() => asked.length === 3);
  leaving.close();
  await free();
  hold.resolve({});
  await (await server.connect('ada')).takeType('welcome');
  assert.equal((await handshake(server)).status, 429);
});

test('closes with 1013 if the welcome is late, and keeps a welcomed connection', async (t) => {
  const server = await openRooms(t, {
    rooms: { identifyTimeoutMs: 1000 },
    hooks: {
      welcome(this: { person(): { id: string } | undefined }) {
        return this.person()?.id === 'ada' ? {} : new Promise<object>(() => {});
      },
    },
  });
  const ada = await server.connect('ada');
  await ada.takeType('welcome');
  const ben = await server.connect('ben');
  // Frames that the client sends meanwhile do not extend the timeout.
  ben.send(JSON.stringify({ type: 'ping', ref: 1 }));
  await eventually(() => ben.closeCode !== undefined);
  assert.equal(ben.closeCode, 1013);
  assert.deepEqual(ben.frames, []);
  assert.equal((await ada.ask('ping')).type, 'reply');
  await eventually(() => server.rooms.limits.socketsOf('ben') === 0);
});

test('closes with 1013 if the broker or the application never finishes the welcome', async (t) => {
  class SilentBroker extends MemoryBroker {
    override listen(): Promise<() => Promise<void>> {
      return new Promise(() => {});
    }
  }
  const broker = new SilentBroker();
  t.after(() => broker.close());
  const servers = [
    await openRooms(t, { broker, rooms: { identifyTimeoutMs: 50 } }),
    await openRooms(t, { rooms: { identifyTimeoutMs: 50 }, hooks: { open: () => Promise.resolve() } }),
  ];
  for (const server of servers) {
    const connection = await server.connect('ada');
    await eventually(() => connection.closeCode !== undefined);
    assert.equal(connection.closeCode, 1013);
  }
});

test('responds with 503 if the person is not identified in time, and logs it', async (t) => {
  for (const hooks of [
    { getCurrentUser: () => new Promise<never>(() => {}) },
    { prepare: () => new Promise<void>(() => {}) },
  ]) {
    const log = new RecordedLog();
    const server = await openRooms(t, { rooms: { identifyTimeoutMs: 50 }, hooks, log });
    const { status, retryAfter } = await handshake(server);
    assert.equal(status, 503);
    assert.match(String(retryAfter), /^[1-9]\d*$/);
    assert.ok(log.messages.includes('Connection was not identified and welcomed in time'), String(log.messages));
    assert.equal(server.rooms.limits.socketsOf('ada'), 0);
  }
});

test('limits the subscriptions of a connection by an option', async (t) => {
  const server = await openRooms(t, { rooms: { maxSubscriptionsPerConnection: 2 } });
  const connection = await server.connect('ada');
  const subscribe = (room: string): Promise<Frame> => connection.ask('subscribe', { room });
  assert.deepEqual([(await subscribe('a')).type, (await subscribe('b')).type], ['reply', 'reply']);
  const refused = await subscribe('c');
  assert.deepEqual([refused['code'], refused['retry']], ['ROOM_TOO_MANY', false]);
  assert.match(String(refused['message']), /can subscribe to 2 rooms \(maxSubscriptionsPerConnection\)/);
  assert.equal((await subscribe('a')).type, 'reply', 'a subscription may be replaced');
});

test('refuses no rate or count without limits, but keeps timeouts and the limit of subscriptions', async (t) => {
  const server = await openRooms(t, {
    rooms: { limits: 'off', maxSubscriptionsPerConnection: 1, identifyTimeoutMs: 1500, maxSocketsPerPerson: 1 },
    hooks: {
      welcome(this: { person(): { id: string } | undefined }) {
        return this.person()?.id === 'ada' ? {} : new Promise<object>(() => {});
      },
    },
  });
  const connections = await Promise.all(Array.from({ length: 25 }, () => server.connect('ada')));
  const responses = await askAtOnce(connections[0] as RawConnection, publishes(150));
  assert.ok(responses.every(({ type }) => type === 'reply'));
  const subscribe = { type: 'subscribe', room: 'b' };
  assert.deepEqual(
    typesOf(await askAtOnce(connections[1] as RawConnection, [{ ...subscribe, room: 'a' }, subscribe])),
    ['reply', 'error'],
  );
  const ben = await server.connect('ben');
  await eventually(() => ben.closeCode === 1013);
});

test('does not limit publishes by the code of the server', async (t) => {
  const server = await openRooms(t, { rooms: { roomPublishBurst: 1, personPublishBurst: 1 } });
  const author = { id: 'bot', name: 'Bot' };
  for (let id = 0; id < 30; id++) await server.rooms.publish('lobby', { id: String(id), author, data: id });
  assert.equal((await server.rooms.history('lobby')).top, 30);
});
