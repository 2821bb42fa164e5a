/** A room server over real WebSockets: the upgrade, the welcome, commands, invalid frames and the hooks of the application. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { eventually } from '../../../test/support/eventually.ts';
import { FaultyBroker } from '../../../test/support/rooms/faulty-broker.ts';
import { RecordedLog } from '../../../test/support/recorded-log.ts';
import { publishMany, recordLobby } from '../../../test/support/rooms/lobby.ts';
import { openRooms } from '../../../test/support/rooms/room-server.ts';
import { RoomSocket } from './room-socket.ts';
import type { Frame } from '../../../test/support/rooms/room-server.ts';
import type { Logger } from '../../run/log.ts';
import { MemoryBroker } from '../brokers/memory/memory-broker.ts';
import { RoomError } from '../room-error.ts';

test('delivers messages between two people', async (t) => {
  const server = await openRooms(t);
  const ada = server.client('ada');
  const ben = server.client('ben');
  const received = { ada: recordLobby(ada), ben: recordLobby(ben) };
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

test('reports and logs an unavailable store, and the client retries', async (t) => {
  const broker = new FaultyBroker(new MemoryBroker(), Math.random);
  const log = new RecordedLog();
  const server = await openRooms(t, { broker, log });
  broker.failPublishes = 3;
  const client = server.client('ada');
  client.connect();
  const { published } = client.publish('lobby', 'hello');
  assert.equal((await published).offset, 1);
  const connection = await server.connect('ada');
  broker.faults = { failRead: 1 };
  const response = await connection.ask('subscribe', { room: 'lobby' });
  assert.deepEqual([response['code'], response['retry']], ['ROOM_UNAVAILABLE', true]);
  // The first of a minute is logged; the others are counted.
  const logged = log.lines.filter(({ message }) => message === 'The store of the rooms is unavailable for commands');
  assert.deepEqual(
    logged.map(({ fields }) => [fields['command'], fields['count']]),
    [['publish', 1]],
  );
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
    connection.frames.filter(({ type }: Frame) => type === 'message'),
    [],
  );
});

test('closes with 1012 when the rooms close, or when the application says so', async (t) => {
  const server = await openRooms(t, { hooks: { onNotification: RoomSocket.prototype.closeForRestart } });
  const connection = await server.connect('ada');
  const other = await server.connect('ben');
  await connection.ask('subscribe', { room: 'lobby' });
  await server.rooms.notify('ben', { type: 'restart' });
  await eventually(() => other.closeCode === 1012);
  assert.equal(connection.closeCode, undefined);
  await server.rooms.close();
  await eventually(() => connection.closeCode === 1012);
});
