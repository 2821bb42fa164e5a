/** The command and the event `amend`, and the client's method. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { RoomError } from 'gale/rooms';
import type { RoomsClient } from 'gale/client';
import { CuttingProxy } from '../../../test/support/cutting-proxy.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { openRooms } from '../../../test/support/rooms/room-server.ts';
import type { RoomServer, RoomServerOptions } from '../../../test/support/rooms/room-server.ts';
import { GaleError } from '../../errors.ts';
import { MemoryBroker } from '../brokers/memory/memory-broker.ts';
import type { RoomMessage } from '../stream.ts';

/** Authors may amend their messages, and `mod` all of them. */
const byAuthor: RoomServerOptions['hooks'] = {
  async canAmend(this: { getCookie(name: string): string | undefined }, _room, { author }) {
    const user = this.getCookie('user');
    if (user !== author && user !== 'mod') throw new RoomError('APP_NOT_YOURS', 'This is not your message.');
  },
};

interface Reader {
  readonly client: RoomsClient;
  readonly messages: RoomMessage[];
  readonly amended: RoomMessage[];
  /** `reset` and `dropped` events. */
  readonly breaks: string[];
}

async function read(server: RoomServer, person: string, port = server.port): Promise<Reader> {
  const client = server.client(person, { port });
  const reader: Reader = { client, messages: [], amended: [], breaks: [] };
  client.on('message', ({ message }) => reader.messages.push(message));
  client.on('amended', ({ message }) => reader.amended.push(message));
  client.on('reset', () => reader.breaks.push('reset'));
  client.on('dropped', () => reader.breaks.push('dropped'));
  client.subscribe('lobby');
  client.connect();
  await eventually(() => client.position('lobby') !== undefined);
  return reader;
}

const open = (t: TestContext, options: RoomServerOptions = {}): Promise<RoomServer> =>
  openRooms(t, { hooks: byAuthor, ...options });

const inShort = (messages: readonly RoomMessage[]): string[] =>
  messages.map(({ offset, version, data }) => `${offset} v${version} ${JSON.stringify(data)}`);

test('an author amends a message: everyone gets its new state, and those who come back too', async (t) => {
  const server = await open(t);
  const proxy = await CuttingProxy.open(t, server.port);
  const [ada, ben] = [await read(server, 'ada'), await read(server, 'ben', proxy.port)];
  for (const text of ['one', 'two', 'three']) await ada.client.publish('lobby', text).published;
  await eventually(() => ada.messages.length === 3 && ben.messages.length === 3);
  const [, second = assert.fail(), third = assert.fail()] = ada.messages;
  const first = await ada.client.amend('lobby', second, 'two!');
  assert.deepEqual([first.offset, first.version], [2, 1]);
  await eventually(() => ada.amended.length === 1 && ben.amended.length === 1);
  const { amended, ...rest } = ben.amended[0] ?? assert.fail();
  assert.deepEqual(rest, { ...second, data: 'two!', version: 1 });
  assert.equal(amended, first.time);
  assert.equal(ben.client.position('lobby')?.version, 1);
  // Ben is away for two amendments and one message.
  ben.client.close();
  await ada.client.amend('lobby', third, { deleted: true });
  await ada.client.publish('lobby', 'four').published;
  await ada.client.amend('lobby', ada.amended[0] ?? second, 'two?');
  ben.client.connect();
  await eventually(() => ben.amended.length === 3 && ben.messages.length === 4);
  assert.deepEqual(inShort(ben.amended), ['2 v1 "two!"', '3 v2 {"deleted":true}', '2 v3 "two?"']);
  proxy.cut();
  await eventually(() => ben.client.state !== 'open');
  await eventually(() => ben.client.state === 'open');
  await ada.client.publish('lobby', 'five').published;
  await eventually(() => ben.messages.length === 5);
  assert.equal(ben.amended.length, 3);
  assert.deepEqual(ben.breaks, []);
  // A new client gets the current state, and no amendments.
  const cy = await read(server, 'cy');
  await eventually(() => cy.messages.length === 5);
  assert.deepEqual(
    cy.messages.map(({ data }) => data),
    ['one', 'two?', { deleted: true }, 'four', 'five'],
  );
  assert.deepEqual(cy.amended, []);
  assert.equal(cy.messages[1]?.version, 3);
});

test('a message that came in its new state does not come again as an amendment', async (t) => {
  const server = await open(t);
  const ada = await read(server, 'ada');
  await ada.client.publish('lobby', 1).published;
  await eventually(() => ada.messages.length === 1);
  ada.client.close();
  for (const id of ['x', 'y']) {
    const author = { id: 'ben', name: 'Ben' };
    await server.rooms.publish('lobby', { id, author, data: id });
    await server.rooms.amend('lobby', { id, author: 'ben', data: `${id}!` });
  }
  await server.rooms.amend('lobby', { id: ada.messages[0]?.id ?? '', author: 'ada', data: 2 });
  ada.client.connect();
  await eventually(() => ada.client.position('lobby')?.version === 3);
  assert.deepEqual(inShort(ada.messages.slice(1)), ['2 v1 "x!"', '3 v2 "y!"']);
  assert.deepEqual(inShort(ada.amended), ['1 v3 2']);
});

test('who may amend is decided by the application; without canAmend nobody may', async (t) => {
  const server = await open(t);
  const [ada, ben, mod] = [await read(server, 'ada'), await read(server, 'ben'), await read(server, 'mod')];
  await ada.client.publish('lobby', 'mine').published;
  await eventually(() => ben.messages.length === 1);
  const message = ben.messages[0] ?? assert.fail();
  await assert.rejects(ben.client.amend('lobby', message, 'yours'), { code: 'APP_NOT_YOURS' });
  await mod.client.amend('lobby', message, 'moderated');
  await eventually(() => ada.amended.length === 1);
  assert.equal(ada.amended[0]?.author.id, 'ada');

  const closed = await openRooms(t);
  const eve = await read(closed, 'eve');
  await eve.client.publish('lobby', 1).published;
  await eventually(() => eve.messages.length === 1);
  const refused = { code: 'ROOM_AMEND_REFUSED', retry: false };
  await assert.rejects(eve.client.amend('lobby', eve.messages[0] ?? assert.fail(), 2), refused);
});

test('an outdated amendment is a conflict, and one of a message that is not kept is refused', async (t) => {
  const server = await open(t, { rooms: { historyCount: 2 } });
  const ada = await read(server, 'ada');
  await ada.client.publish('lobby', 1).published;
  await eventually(() => ada.messages.length === 1);
  const message = ada.messages[0] ?? assert.fail();
  await ada.client.amend('lobby', message, 2);
  // The same again, as after a lost reply.
  assert.equal((await ada.client.amend('lobby', message, 2)).version, 1);
  await assert.rejects(ada.client.amend('lobby', message, 3), { code: 'ROOM_AMEND_CONFLICT', retry: false });
  await ada.client.publish('lobby', 4).published;
  await ada.client.publish('lobby', 5).published;
  await assert.rejects(ada.client.amend('lobby', message, 6), { code: 'ROOM_MESSAGE_GONE', retry: false });
});

test('an amendment over a lost reply and an unavailable store is stored once', async (t) => {
  const broker = new MemoryBroker();
  t.after(() => broker.close());
  const server = await open(t, { broker });
  const proxy = await CuttingProxy.open(t, server.port);
  const ada = await read(server, 'ada', proxy.port);
  await ada.client.publish('lobby', 1).published;
  await eventually(() => ada.messages.length === 1);
  let attempts = 0;
  const { amend } = broker;
  broker.amend = async (room, amendment) => {
    attempts++;
    if (attempts === 1) throw new GaleError('ROOM_UNAVAILABLE', 'as the test wants it');
    const amended = await amend.call(broker, room, amendment);
    if (attempts === 2) {
      proxy.cut();
      await eventually(() => ada.client.state !== 'open');
    }
    return amended;
  };
  const { version } = await ada.client.amend('lobby', ada.messages[0] ?? assert.fail(), 2);
  assert.deepEqual([version, attempts], [1, 3]);
  await eventually(() => ada.amended.length === 1);
  ada.client.close();
  await assert.rejects(ada.client.amend('lobby', ada.amended[0] ?? assert.fail(), 3), { code: 'ROOM_CONNECTION_LOST' });
});

test('an amendment that waits for a connection is rejected when the client is closed', async (t) => {
  const server = await open(t);
  const ada = await read(server, 'ada');
  await ada.client.publish('lobby', 1).published;
  await eventually(() => ada.messages.length === 1);
  const proxy = await CuttingProxy.open(t, server.port);
  const other = server.client('ada', { port: proxy.port, minBackoffMs: 60_000, maxBackoffMs: 60_000 });
  other.connect();
  await eventually(() => other.state === 'open');
  proxy.cut();
  await eventually(() => other.state === 'waiting');
  const waiting = other.amend('lobby', ada.messages[0] ?? assert.fail(), 2);
  other.close();
  await assert.rejects(waiting, { code: 'ROOM_CONNECTION_LOST' });
});

test('the fields of amend are validated, and it counts as a publish', async (t) => {
  const server = await open(t, { rooms: { personPublishBurst: 2, personPublishesPerSecond: 0.001 } });
  const connection = await server.connect('ada');
  await connection.ask('publish', { room: 'lobby', id: 'a', data: 1 });
  for (const [fields, field] of [
    [{ data: 2 }, 'id'],
    [{ id: 'a' }, 'data'],
    [{ id: 'a', data: 2, author: '' }, 'author'],
    [{ id: 'a', data: 2, author: 'x'.repeat(257) }, 'author'],
    [{ id: 'a', data: 2, version: -1 }, 'version'],
  ] as const) {
    const { code, message } = await connection.ask('amend', { room: 'lobby', ...fields });
    assert.equal(code, 'ROOM_BAD_COMMAND');
    assert.ok(String(message).startsWith(`${field} must be `), String(message));
  }
  const amended = await connection.ask('amend', { room: 'lobby', id: 'a', data: 2 });
  assert.equal(amended['version'], 1);
  assert.equal((await connection.ask('amend', { room: 'lobby', id: 'a', data: 3 }))['code'], 'ROOM_TOO_FAST');
  const wrong = await connection.ask('subscribe', {
    room: 'lobby',
    after: { epoch: amended['epoch'], offset: 1, version: 'x' },
  });
  assert.match(String(wrong['message']), /^after\.version must be /);
});
