/**
 * Ids of rooms that a person may not know: every command of the wire and every page responds as to an id that does not exist, and
 * changes nothing.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveChat, type ServedChat } from './support/app.ts';
import { RawSocket, type Frame } from './support/raw-socket.ts';
import { chatCommands, usesInRoom, wireCommands } from './support/wire-commands.ts';

/** Commands about rooms are many, and one person sends all of them. */
const manyCommands = { rooms: { presenceGraceMs: 0, commandBurst: 100_000, personPublishBurst: 1000 } };

async function idOf({ database: { tables } }: ServedChat, name: string): Promise<string> {
  return (await tables.selectFrom('person').select('id').where('name', '=', name).executeTakeFirstOrThrow()).id;
}

/** The id of the room in a reply. */
function roomOf(reply: Frame): string {
  return (reply['room'] as Frame)['id'] as string;
}

/** All rows that a command could have changed. */
async function snapshot({ database: { tables } }: ServedChat, rooms: readonly string[]): Promise<string> {
  const ofRooms = (table: 'member' | 'message' | 'reaction' | 'mention') =>
    tables.selectFrom(table).selectAll().where('roomId', 'in', rooms).orderBy('roomId').execute();
  const known = await tables.selectFrom('room').selectAll().where('id', 'in', rooms).orderBy('id').execute();
  return JSON.stringify([
    known,
    await Promise.all((['member', 'message', 'reaction', 'mention'] as const).map(ofRooms)),
    await tables.selectFrom('audit').selectAll().orderBy('id').execute(),
  ]);
}

test('the table of commands has a row for every command that the server knows', () => {
  const framework = ['subscribe', 'unsubscribe', 'publish', 'amend', 'read', 'people', 'history', 'ping'];
  assert.deepEqual(Object.keys(wireCommands).toSorted(), [...framework, ...chatCommands].toSorted());
});

test('M16: every command responds to a foreign room as to one that does not exist, and changes nothing', async (t) => {
  const chat = await serveChat(t, manyCommands);
  const ann = await RawSocket.open(await chat.person('Ann'));
  await chat.person('Bob');
  const [evePerson, rootPerson] = [await chat.person('Eve'), await chat.person('Root')];
  await chat.database.tables.updateTable('person').set({ role: 'administrator' }).where('name', '=', 'Root').execute();
  const eveId = await idOf(chat, 'Eve');
  const rootId = await idOf(chat, 'Root');
  const windows = { Eve: await RawSocket.open(evePerson), Root: await RawSocket.open(rootPerson) };
  const eve = windows.Eve;

  const make = async (name: string, more: object = {}): Promise<string> =>
    roomOf(await ann.do('make-room', { name, kind: 'private', ...more }));
  const rooms = {
    private: await make('Secret'),
    'archived private': await make('Old'),
    left: await make('Was mine', { people: [eveId, rootId] }),
    'note to self': roomOf(await ann.do('open-direct', { people: [] })),
    'direct of others': roomOf(await ann.do('open-direct', { people: [await idOf(chat, 'Bob')] })),
    deleted: await make('Gone', { kind: 'public' }),
  };
  for (const room of Object.values(rooms)) {
    await ann.do('publish', { room, id: crypto.randomUUID(), data: { text: `the secret <@all>` } });
    await ann.do('read-history', { room, around: 1 });
  }
  for (const window of Object.values(windows)) {
    await window.do('subscribe', { room: rooms.left });
    // The server remembers this report for some seconds; a removed person has nothing of that.
    await window.do('seen', { room: rooms.left, seq: 1 });
    await window.do('join-room', { room: rooms.deleted });
    await window.do('subscribe', { room: rooms.deleted });
  }
  await ann.do('archive-room', { room: rooms['archived private'], archived: true });
  for (const person of [eveId, rootId]) await ann.do('remove-person', { room: rooms.left, person });
  await ann.do('delete-room', { room: rooms.deleted });
  for (const window of Object.values(windows)) {
    await window.frame({ type: 'left', room: rooms.left });
    await window.frame({ type: 'room-removed', room: rooms.deleted });
  }

  const living = Object.entries(rooms).flatMap(([what, id]) => (what === 'deleted' ? [] : [id]));
  const before = await snapshot(chat, living);
  const seenBefore = Object.values(windows).map((window) => window.frames.length);
  for (const [who, window] of Object.entries(windows)) {
    const unknown = new Map<string, string>();
    for (const [type, fields] of usesInRoom('nowhere', eveId)) {
      const reply = await window.ask(type, fields);
      assert.equal(reply['type'], 'error', `${type} of ${who}`);
      unknown.set(JSON.stringify([type, fields]), JSON.stringify({ ...reply, ref: 0 }));
    }
    for (const [what, room] of Object.entries(rooms)) {
      for (const [type, fields] of usesInRoom(room, eveId)) {
        const reply = JSON.stringify({ ...(await window.ask(type, fields)), ref: 0 }).replaceAll(room, 'nowhere');
        const key = JSON.stringify([type, fields]).replaceAll(room, 'nowhere');
        assert.equal(reply, unknown.get(key), `${type} of ${who} in a room that is ${what}`);
      }
    }
    // One foreign room among own ones refuses all of them.
    const mixed = {
      positions: [
        { room: 'lobby', seq: 0 },
        { room: rooms.private, seq: 1 },
      ],
    };
    assert.equal((await window.ask('set-read', mixed))['code'], 'ROOM_UNKNOWN');
    assert.deepEqual((await window.do('directory'))['rooms'], []);
    assert.deepEqual((await window.do('list-mentions'))['mentions'], []);
    for (const room of living) {
      const after = { time: Number.MAX_SAFE_INTEGER, room, seq: 1 };
      assert.deepEqual((await window.do('list-mentions', { after }))['mentions'], []);
    }
  }
  assert.equal(await snapshot(chat, living), before);
  const received = Object.values(windows).flatMap((window, index) => window.frames.slice(seenBefore[index]));
  assert.doesNotMatch(JSON.stringify(received), /the secret|Secret|Was mine/);
  await eve.do('unsubscribe', { room: rooms.private });
  await eve.do('ping');
});

test('ids that no room can have are refused by every command', async (t) => {
  const chat = await serveChat(t, manyCommands);
  const eve = await RawSocket.open(await chat.person('Eve'));
  const eveId = await idOf(chat, 'Eve');
  const ids = [
    '',
    '@everyone',
    `@person:${eveId}`,
    'x'.repeat(101),
    'x'.repeat(30_000),
    '__proto__',
    'constructor',
    "' OR 1=1 --",
    '%',
    '\ud800',
    'a\u0000b',
    'LOBBY',
    'lobby ',
  ];
  for (const id of ids) {
    for (const [type, fields] of usesInRoom(id, eveId)) {
      const reply = await eve.ask(type, fields);
      assert.equal(reply['type'], 'error', `${type} with ${JSON.stringify(id.slice(0, 20))}: ${JSON.stringify(reply)}`);
      assert.match(String(reply['code']), /^ROOM_(?:UNKNOWN|BAD_COMMAND|NOT_MEMBER|AMEND_REFUSED)$/, type);
      assert.equal(reply['retry'], false, type);
      assert.ok(String(reply['message']).length < 500, `${type}: a refusal is small`);
    }
  }
  await eve.do('ping');
});

test('pages respond to a foreign room as to one that does not exist', async (t) => {
  const chat = await serveChat(t);
  const ann = await RawSocket.open(await chat.person('Ann'));
  const eve = await chat.person('Eve');
  const secret = roomOf(await ann.do('make-room', { name: 'Secret', kind: 'private' }));
  const note = roomOf(await ann.do('open-direct', { people: [] }));
  const unknown = await (await eve.get('/rooms/nowhere')).text();
  for (const id of [secret, note, 'x'.repeat(5000), '%00', 'lobby%20']) {
    const response = await eve.get(`/rooms/${id}`);
    assert.equal(response.status, 404, id.slice(0, 20));
    assert.equal(
      (await response.text()).replaceAll(/nonce="[^"]+"/g, ''),
      unknown.replaceAll(/nonce="[^"]+"/g, ''),
      id.slice(0, 20),
    );
  }
  // A visitor learns nothing: every id leads to the page for signing in.
  for (const id of [secret, 'nowhere']) {
    const response = await chat.visitor().get(`/rooms/${id}`);
    assert.deepEqual([response.status, response.headers.get('location')], [302, `/login#/rooms/${id}`]);
  }
});
