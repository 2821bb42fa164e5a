/** Guests over the socket: they are only in the rooms of their invite, and see nothing and nobody of other rooms. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { serveChat, type ServedChat } from './support/app.ts';
import { password, type Visitor } from './support/chat-server.ts';
import { RawSocket, type Frame } from './support/raw-socket.ts';
import { until } from './support/until.ts';
import { usesInRoom } from './support/wire-commands.ts';

interface Started {
  readonly chat: ServedChat;
  readonly ada: Visitor;
  /** A window of Ada. */
  readonly window: RawSocket;
  /** A public room of Ada and of the guests who are invited. */
  readonly plans: string;
  /** A public room without guests. */
  readonly tea: string;
}

async function start(t: TestContext): Promise<Started> {
  const chat = await serveChat(t, { rooms: { presenceGraceMs: 0, commandBurst: 1000 } });
  const ada = chat.visitor();
  assert.equal((await ada.submit('/setup', { name: 'Ada', password })).status, 303);
  const window = await RawSocket.open(ada);
  const make = async (name: string): Promise<string> =>
    ((await window.do('make-room', { name }))['room'] as Frame)['id'] as string;
  const plans = await make('Plans');
  const tea = await make('Tea');
  return { chat, ada, window, plans, tea };
}

/** A guest of one room. */
async function guest({ chat, ada, plans }: Started, name: string): Promise<Visitor> {
  const form = { role: 'guest', lasts: 'week', uses: 'any', rooms: plans };
  assert.equal((await ada.submit('/admin/invites', form)).status, 303);
  const html = await (await ada.get('/admin/invites')).text();
  const [, path = ''] = /value="http:\/\/[^/"]+(\/invite\/[^"]+)"/.exec(html) ?? [];
  const visitor = chat.visitor();
  assert.equal((await visitor.submit(path, { name, password })).status, 303);
  return visitor;
}

async function idOf({ database: { tables } }: ServedChat, name: string): Promise<string> {
  return (await tables.selectFrom('person').select('id').where('name', '=', name).executeTakeFirstOrThrow()).id;
}

function idsOf(list: unknown): unknown[] {
  return (list as readonly Frame[]).map(({ id }) => id).toSorted();
}

function roomsOf(window: RawSocket): unknown[] {
  return idsOf(window.frames[0]?.['rooms']);
}

async function refusesAll(window: RawSocket, room: string): Promise<void> {
  for (const [type, fields] of usesInRoom(room, 'x')) {
    // A command of the server itself.
    if (type === 'amend') continue;
    const reply = await window.ask(type, fields);
    // These need a subscription, also in rooms that do not exist.
    const code = type === 'people' || type === 'history' ? 'ROOM_NOT_MEMBER' : 'ROOM_UNKNOWN';
    assert.deepEqual([reply['type'], reply['code']], ['error', code], `${type}: ${JSON.stringify(reply)}`);
  }
}

test('for a guest the lobby and other public rooms do not exist', async (t) => {
  const started = await start(t);
  const { chat, window: ada, plans, tea } = started;
  const gus = await guest(started, 'Gus');
  const window = await RawSocket.open(gus);
  assert.deepEqual(roomsOf(window), [plans]);
  for (const room of ['lobby', tea])
    await ada.do('publish', { room, id: 'm1', data: { text: `<@${await idOf(chat, 'Gus')}> <@all>` } });

  await refusesAll(window, 'lobby');
  await refusesAll(window, tea);
  await refusesAll(window, 'no-such-room');
  assert.deepEqual((await window.do('directory'))['rooms'], []);
  assert.deepEqual((await window.do('list-mentions'))['mentions'], []);
  assert.equal((await window.ask('make-room', { name: 'Mine' }))['code'], 'CHAT_NOT_ALLOWED');
  assert.equal((await window.ask('add-people', { room: plans, people: [] }))['code'], 'CHAT_NOT_ALLOWED');
  await window.do('subscribe', { room: plans });
  await window.do('publish', { room: plans, id: 'm1', data: { text: 'hello' } });

  const row = await chat.database.tables.selectFrom('member').select('roomId').where('roomId', '=', 'lobby').execute();
  assert.equal(row.length, 1, 'only Ada');
});

test('a guest sees and reaches only people with whom they share a room', async (t) => {
  const started = await start(t);
  const { chat } = started;
  await chat.person('Bob');
  const window = await RawSocket.open(await guest(started, 'Gus'));
  const [ada, bob, gus] = await Promise.all(['Ada', 'Bob', 'Gus'].map((name) => idOf(chat, name)));
  const seen = [ada, gus].toSorted();
  assert.deepEqual(idsOf((await window.do('find-people', { text: '' }))['people']), seen);
  assert.deepEqual((await window.do('find-people', { text: 'bob' }))['people'], []);
  assert.deepEqual((await window.do('find-people', { room: started.plans, text: 'bob' }))['people'], []);
  assert.deepEqual(idsOf((await window.do('describe-people', { ids: [ada, bob, gus] }))['people']), seen);
  assert.equal((await window.ask('open-direct', { people: [bob] }))['code'], 'CHAT_PERSON_UNKNOWN');
  assert.equal((await window.ask('open-direct', { people: [ada, bob] }))['code'], 'CHAT_PERSON_UNKNOWN');
  await window.do('open-direct', { people: [ada] });
  await window.do('open-direct', { people: [] });
});

test('a member who becomes a guest leaves the lobby in open windows too, and is in it again as a member', async (t) => {
  const started = await start(t);
  const { chat, ada, window: byAda, tea } = started;
  const bob = await chat.person('Bob');
  const id = await idOf(chat, 'Bob');
  const window = await RawSocket.open(bob);
  await window.do('subscribe', { room: 'lobby' });
  const setRole = async (role: string): Promise<void> => {
    assert.equal((await ada.submit('/admin/people', { action: 'role', role, id })).status, 303);
  };

  await setRole('guest');
  await window.frame({ type: 'left', room: 'lobby' });
  await byAda.do('publish', { room: 'lobby', id: 'm1', data: { text: `<@${id}>, a secret` } });
  await refusesAll(window, 'lobby');
  await refusesAll(window, tea);
  assert.deepEqual((await window.do('list-mentions'))['mentions'], []);
  const later = await RawSocket.open(bob);
  assert.deepEqual([roomsOf(later), later.frames[0]?.['mentions']], [[], {}]);
  assert.doesNotMatch(JSON.stringify([...window.frames, ...later.frames]), /a secret/);

  const { tables } = chat.database;
  await until(async () => (await tables.selectFrom('message').select('seq').execute()).length === 1);
  await setRole('member');
  const { room } = await window.frame({ type: 'joined' });
  const { id: joined, readSeq, topSeq } = room as Frame;
  assert.deepEqual([joined, readSeq], ['lobby', topSeq], 'what was written meanwhile is not unread');
  await window.do('subscribe', { room: 'lobby' });
});

test('a guest owns no room: neither by a role, nor as the oldest member, nor after a change to guest', async (t) => {
  const started = await start(t);
  const { chat, ada, window, plans } = started;
  const gus = await guest(started, 'Gus');
  const [bob, cleo] = [await chat.person('Bob'), await chat.person('Cleo')];
  const [gusId, bobId, cleoId] = [await idOf(chat, 'Gus'), await idOf(chat, 'Bob'), await idOf(chat, 'Cleo')];
  await window.do('add-people', { room: plans, people: [bobId, cleoId] });
  // They came in the same moment.
  const cleoIn = chat.database.tables.updateTable('member').where('roomId', '=', plans).where('personId', '=', cleoId);
  await cleoIn.set(({ eb }) => ({ joinedAt: eb('joinedAt', '+', 1) })).execute();
  const [bobs, cleos, guss] = [await RawSocket.open(bob), await RawSocket.open(cleo), await RawSocket.open(gus)];
  assert.equal(
    (await window.ask('set-role', { room: plans, person: gusId, role: 'owner' }))['code'],
    'CHAT_GUEST_OWNER',
  );
  const roles = async (): Promise<unknown> => {
    const { members } = (await cleos.do('members', { room: plans })) as unknown as { members: Frame[] };
    return Object.fromEntries(members.map(({ name, role }) => [name, role]));
  };
  // Gus came first, and Bob is the oldest member who is no guest.
  await window.do('leave-room', { room: plans });
  await bobs.frame({ type: 'room-own', room: plans, role: 'owner' });
  assert.deepEqual(await roles(), { Gus: 'member', Bob: 'owner', Cleo: 'member' });
  await bobs.do('set-role', { room: plans, person: cleoId, role: 'owner' });
  await bobs.do('set-role', { room: plans, person: cleoId, role: 'member' });

  const from = cleos.frames.length;
  await ada.submit('/admin/people', { action: 'role', role: 'guest', id: bobId });
  await cleos.frame({ type: 'room-own', room: plans, role: 'owner' }, from);
  assert.deepEqual(await roles(), { Gus: 'member', Bob: 'member', Cleo: 'owner' });
  for (const socket of [bobs, guss])
    assert.equal((await socket.ask('delete-room', { room: plans }))['code'], 'CHAT_NOT_ALLOWED');

  // Nobody else can own it: the guest has the role without its rights, until they are a member again.
  const own = ((await cleos.do('make-room', { name: 'Own' }))['room'] as Frame)['id'];
  await ada.submit('/admin/people', { action: 'role', role: 'guest', id: cleoId });
  assert.equal((await cleos.ask('change-room', { room: own, name: 'Mine' }))['code'], 'CHAT_NOT_ALLOWED');
  await ada.submit('/admin/people', { action: 'role', role: 'member', id: cleoId });
  assert.equal((await cleos.ask('change-room', { room: own, name: 'Mine' }))['type'], 'reply');
});
