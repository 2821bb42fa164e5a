import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger, GaleError } from 'gale';
import { serveChat } from './support/app.ts';
import { RoomRows } from './support/room-rows.ts';
import { RawSocket, type Frame } from './support/raw-socket.ts';

function roomsOf(window: RawSocket): Frame[] {
  return window.frames[0]?.['rooms'] as Frame[];
}

/** The read position of the lobby in the welcome of a window. */
function readInLobby(window: RawSocket): unknown {
  return roomsOf(window)[0]?.['readSeq'];
}

test('the welcome contains the person, the limits, the choices, and the rooms of the person, the lobby first', async (t) => {
  const chat = await serveChat(t);
  const ann = await chat.person('Ann');
  const bob = await RawSocket.open(await chat.person('Bob'));
  const made = (await bob.do('make-room', { name: 'Tea' }))['room'] as Frame;
  await bob.do('make-room', { name: 'Coffee' });
  await (await RawSocket.open(ann)).do('join-room', { room: made['id'] });
  const window = await RawSocket.open(ann);
  const welcome = window.frames[0] ?? {};
  const { person } = (await (await ann.get('/me')).json()) as { person: object };
  assert.deepEqual(welcome['person'], person);
  assert.equal(welcome['protocol'], 1);
  const limits = { codePoints: 10_000, bytes: 49_152, roomName: 40, topic: 200, directPeople: 8 };
  assert.deepEqual(welcome['limits'], limits);
  const [lobby, tea, ...others] = roomsOf(window);
  const numbers = { segments: [{ firstOffset: 1, delta: 0 }], topSeq: 0, readSeq: 0 };
  const stream = { member: true, epoch: '', top: 0, ...numbers };
  assert.deepEqual({ ...lobby, epoch: '' }, { id: 'lobby', kind: 'lobby', name: 'Lobby', ...stream });
  const { madeAt: lastAt } = await chat.database.tables
    .selectFrom('room')
    .select('madeAt')
    .where('name', '=', 'Tea')
    .executeTakeFirstOrThrow();
  const about = { id: made['id'], kind: 'public', name: 'Tea', lastAt, pinyin: 'tea', pinyinInitials: 't' };
  assert.deepEqual({ ...tea, epoch: '' }, { ...about, ...stream });
  assert.deepEqual(others, []);
});

test('a new person has read all of the lobby, and a new member all of the room', async (t) => {
  const chat = await serveChat(t);
  const ann = await RawSocket.open(await chat.person('Ann'));
  const room = (await ann.do('make-room', { name: 'Tea' }))['room'] as Frame;
  for (const id of ['1', '2', '3']) {
    await ann.do('publish', { room: 'lobby', id, data: { text: id } });
    await ann.do('publish', { room: room['id'], id, data: { text: id } });
  }
  const bob = await RawSocket.open(await chat.person('Bob'));
  assert.equal(readInLobby(bob), 3);
  const joined = (await bob.do('join-room', { room: room['id'] }))['room'] as Frame;
  assert.equal(joined['member'], true);
  assert.equal(joined['top'], 3);
  assert.equal(joined['readSeq'], 3);
  await ann.do('publish', { room: room['id'], id: '4', data: { text: '4' } });
  const again = (await bob.do('join-room', { room: room['id'] }))['room'] as Frame;
  assert.equal(again['readSeq'], 3, 'joining again reads nothing');
});

test('a new room is in all windows of its maker and in the directory, and its name is reserved', async (t) => {
  const chat = await serveChat(t);
  const person = await chat.person('Ann');
  const [ann, annToo] = [await RawSocket.open(person), await RawSocket.open(person)];
  const bob = await RawSocket.open(await chat.person('Bob'));
  const room = (await ann.do('make-room', { name: '  茶 Room ', topic: ' green  tea ' }))['room'] as Frame;
  assert.deepEqual(
    [room['name'], room['topic'], room['member'], room['role']],
    ['茶 Room', 'green tea', true, 'owner'],
  );
  await annToo.frame({ type: 'joined', room });
  const { rooms } = await bob.do('directory');
  const listed = { id: room['id'], name: '茶 Room', topic: 'green tea', size: 1, lastAt: null, isMember: false };
  assert.deepEqual(rooms, [listed]);
  for (const name of ['茶 room', '茶　ROOM', 'Lobby', '大厅']) {
    assert.equal((await bob.ask('make-room', { name }))['code'], 'CHAT_ROOM_NAME_TAKEN', name);
  }
  assert.deepEqual(
    bob.frames.filter((frame) => frame['ref'] === undefined && frame['type'] !== 'welcome'),
    [],
  );
});

for (const name of ['', '   ', 'x'.repeat(41), 'a\u0000b', 'a\u202eb', '\u200b', 'a\nb']) {
  test(`rejects the room name ${JSON.stringify(name)}`, async (t) => {
    const chat = await serveChat(t);
    const window = await RawSocket.open(await chat.person('Ann'));
    const reply = await window.ask('make-room', { name });
    assert.equal(reply['code'], 'CHAT_ROOM_NAME');
    assert.equal(reply['retry'], false);
    assert.deepEqual(await new RoomRows(chat.database).list(), []);
  });
}

test('only members can subscribe and publish', async (t) => {
  const chat = await serveChat(t);
  const ann = await RawSocket.open(await chat.person('Ann'));
  const bob = await RawSocket.open(await chat.person('Bob'));
  const { id: room } = (await ann.do('make-room', { name: 'Tea' }))['room'] as { id: string };
  const commands: [type: string, fields: object][] = [
    ['subscribe', {}],
    ['publish', { id: 'x', data: { text: 'let me in' } }],
  ];
  assert.equal((await bob.ask('people', { room }))['code'], 'ROOM_NOT_MEMBER');
  for (const [type, fields] of commands) {
    assert.equal((await bob.ask(type, { room, ...fields }))['code'], 'ROOM_NOT_MEMBER', type);
    assert.equal((await bob.ask(type, { room: 'nowhere', ...fields }))['code'], 'ROOM_UNKNOWN', type);
  }
  assert.equal((await bob.ask('join-room', { room: 'nowhere' }))['code'], 'ROOM_UNKNOWN');
  assert.equal((await bob.ask('leave-room', { room: 'nowhere' }))['code'], 'ROOM_UNKNOWN');
  assert.equal((await ann.do('subscribe', { room }))['top'], 0);
  await bob.do('join-room', { room });
  for (const [type, fields] of commands) await bob.do(type, { room, ...fields });
});

test('leaving a room ends the subscriptions of all windows of the person, and no others', async (t) => {
  const chat = await serveChat(t);
  const person = await chat.person('Bob');
  const ann = await RawSocket.open(await chat.person('Ann'));
  const [bob, bobToo] = [await RawSocket.open(person), await RawSocket.open(person)];
  const { id: room } = (await ann.do('make-room', { name: 'Tea' }))['room'] as { id: string };
  await bob.do('join-room', { room });
  await bobToo.frame({ type: 'joined' });
  await ann.do('subscribe', { room });
  await ann.frame({ type: 'people', room });
  for (const window of [bob, bobToo]) await window.do('subscribe', { room });
  await ann.do('publish', { room, id: '1', data: { text: 'together' } });
  await bobToo.frame({ type: 'message', id: '1' });
  await bob.do('leave-room', { room });
  await bobToo.frame({ type: 'left', room });
  await ann.frame({ type: 'presence', room, count: 1 });
  await ann.do('publish', { room, id: '2', data: { text: 'alone' } });
  await ann.frame({ type: 'message', id: '2' });
  for (const window of [bob, bobToo]) {
    await window.do('subscribe', { room: 'lobby' });
    await window.do('publish', { room: 'lobby', id: 'fence', data: { text: 'fence' } });
    await window.frame({ type: 'message', room: 'lobby' });
    assert.deepEqual(
      window.frames.filter((frame) => frame['id'] === '2'),
      [],
    );
    assert.equal((await window.ask('subscribe', { room }))['code'], 'ROOM_NOT_MEMBER');
  }
  await bob.do('leave-room', { room });
  assert.equal((await bob.ask('leave-room', { room: 'lobby' }))['code'], 'CHAT_LOBBY');
});

test('a read position of one window is sent to the other windows of the person, and is in the welcome of the next', async (t) => {
  const chat = await serveChat(t);
  const person = await chat.person('Bob');
  const ann = await RawSocket.open(await chat.person('Ann'));
  const [bob, bobToo] = [await RawSocket.open(person), await RawSocket.open(person)];
  const { epoch } = await ann.do('publish', { room: 'lobby', id: '1', data: { text: 'hello' } });
  await bob.do('seen', { room: 'lobby', seq: 1 });
  await bobToo.frame({ type: 'seen', room: 'lobby', seq: 1 });
  assert.deepEqual(
    ann.frames.filter((frame) => frame['type'] === 'seen'),
    [],
  );
  assert.equal(readInLobby(await RawSocket.open(person)), 1);
  // The positions of streams are no second truth.
  const refused = await bob.ask('read', { room: 'lobby', epoch, offset: 1 });
  assert.equal(refused['code'], 'ROOM_UNKNOWN_COMMAND');
});

test('signing out closes the sockets of that session and no others', async (t) => {
  const chat = await serveChat(t);
  const browser = await chat.person('Ann');
  const phone = chat.visitor();
  await phone.logIn('Ann');
  const [one, two, other] = [await RawSocket.open(browser), await RawSocket.open(browser), await RawSocket.open(phone)];
  await browser.submit('/logout', {}, '/');
  for (const window of [one, two]) assert.deepEqual(await window.closed, { code: 4401, reason: 'ended by the person' });
  await other.do('ping');
});

test('limits the rooms of one address, for all people together', async (t) => {
  const chat = await serveChat(t, { roomsPerHour: 3 });
  const [ann, bob] = [await RawSocket.open(await chat.person('Ann')), await RawSocket.open(await chat.person('Bob'))];
  await ann.do('make-room', { name: 'One' });
  await bob.do('make-room', { name: 'Two' });
  assert.equal((await bob.ask('make-room', { name: 'Two' }))['code'], 'CHAT_ROOM_NAME_TAKEN', 'is not counted');
  await bob.do('make-room', { name: 'Three' });
  for (const window of [ann, bob]) {
    const refused = await window.ask('make-room', { name: 'Four' });
    assert.deepEqual([refused['code'], refused['retry']], ['CHAT_ROOMS_ADDRESS', false]);
  }
});

test('with limits off one person can create any number of rooms', async (t) => {
  const chat = await serveChat(t, { limits: 'off', roomsPerHour: 1, log: createLogger({ level: 'silent' }) });
  const ann = await RawSocket.open(await chat.person('Ann'));
  for (let count = 1; count <= 25; count++) await ann.do('make-room', { name: `Room ${count}` });
});

test('removes a new room, and frees its name, if its stream cannot be read', async (t) => {
  const chat = await serveChat(t, { log: createLogger({ level: 'silent' }) });
  const ann = await RawSocket.open(await chat.person('Ann'));
  const { heads } = chat.broker;
  chat.broker.heads = () => Promise.reject(new GaleError('ROOM_UNAVAILABLE', 'as the test wants it'));
  const bob = ann.ask('make-room', { name: 'Tea' });
  assert.equal((await bob)['code'], 'ROOM_UNAVAILABLE');
  assert.deepEqual(await new RoomRows(chat.database).list(), []);
  chat.broker.heads = heads;
  await ann.do('make-room', { name: 'Tea' });
});

test('a window that is not subscribed yet learns that its room was deleted, and others learn nothing', async (t) => {
  const chat = await serveChat(t);
  const bob = await chat.person('Bob');
  const [ann, eve] = [await RawSocket.open(await chat.person('Ann')), await RawSocket.open(await chat.person('Eve'))];
  const { id: room } = (await ann.do('make-room', { name: 'Tea', kind: 'private' }))['room'] as { id: string };
  const { person } = (await (await bob.get('/me')).json()) as { person: { id: string } };
  await ann.do('add-people', { room, people: [person.id] });
  const [welcomed, subscribed] = [await RawSocket.open(bob), await RawSocket.open(bob)];
  assert.ok(roomsOf(welcomed).some(({ id }) => id === room));
  await subscribed.do('subscribe', { room });
  await ann.do('delete-room', { room });
  for (const window of [welcomed, subscribed]) {
    await window.frame({ type: 'room-removed', room });
    assert.equal((await window.ask('subscribe', { room }))['code'], 'ROOM_UNKNOWN');
  }
  await eve.do('ping');
  assert.ok(!JSON.stringify(eve.frames).includes(room));
});

test('notifies windows of a removed room, and refuses commands for it', async (t) => {
  const chat = await serveChat(t, { emptyRoomMs: 1 });
  const person = await chat.person('Ann');
  const [ann, bob] = [await RawSocket.open(person), await RawSocket.open(await chat.person('Bob'))];
  const { id: room } = (await ann.do('make-room', { name: 'Tea' }))['room'] as { id: string };
  await ann.ask('subscribe', { room });
  for (const window of [ann, bob]) await window.frame({ type: 'room-removed', room });
  for (const [type, fields] of [
    ['publish', { id: 'x', data: { text: 'anybody?' } }],
    ['subscribe', {}],
    ['join-room', {}],
  ] as const) {
    assert.equal((await ann.ask(type, { room, ...fields }))['code'], 'ROOM_UNKNOWN', type);
  }
  assert.deepEqual(
    roomsOf(await RawSocket.open(person)).map(({ id }) => id),
    ['lobby'],
  );
  await bob.do('make-room', { name: 'Tea' });
});

test('nobody can guess the names of private rooms: after 20 taken names in an hour, all names are refused', async (t) => {
  const chat = await serveChat(t, { rooms: { presenceGraceMs: 0, commandBurst: 100_000 } });
  const ann = await RawSocket.open(await chat.person('Ann'));
  const bob = await RawSocket.open(await chat.person('Bob'));
  await ann.do('make-room', { name: 'Secret', kind: 'private' });
  const { id: room } = (await bob.do('make-room', { name: 'Tea' }))['room'] as Frame;
  for (let count = 1; count <= 10; count++) {
    assert.equal((await bob.ask('make-room', { name: 'Secret' }))['code'], 'CHAT_ROOM_NAME_TAKEN');
    assert.equal((await bob.ask('change-room', { room, name: 'secret' }))['code'], 'CHAT_ROOM_NAME_TAKEN');
  }
  for (const name of ['Secret', 'Free']) {
    const refused = await bob.ask('make-room', { name });
    assert.equal(refused['code'], 'CHAT_NAMES_TOO_FAST', name);
    assert.ok(Number(refused['retryAfterMs']) > 3_500_000, JSON.stringify(refused));
    assert.equal((await bob.ask('change-room', { room, name }))['code'], 'CHAT_NAMES_TOO_FAST', name);
  }
  await bob.do('change-room', { room, topic: 'green' });
  await ann.do('make-room', { name: 'Free' });
});

test('refuses the 21st room of a person in an hour, but not a room of another person', async (t) => {
  const chat = await serveChat(t);
  const ann = await RawSocket.open(await chat.person('Ann'));
  const bob = await RawSocket.open(await chat.person('Bob'));
  for (let count = 1; count <= 20; count++) await ann.do('make-room', { name: `Room ${count}` });
  const refused = await ann.ask('make-room', { name: 'Room 21' });
  assert.equal(refused['type'], 'error');
  assert.equal(refused['code'], 'CHAT_ROOMS_TOO_FAST');
  assert.match(String(refused['message']), /^You made 20 rooms in an hour; the next is possible in (?:59|60) min\.$/);
  assert.ok(Number(refused['retryAfterMs']) > 3_500_000, JSON.stringify(refused));
  assert.equal((await bob.do('make-room', { name: 'Room 21' }))['type'], 'reply');
});
