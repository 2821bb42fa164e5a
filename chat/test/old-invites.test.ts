/** Invites in the hands of people who have an account: a guest, and somebody who was removed from a room since. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { serveChat, type ServedChat } from './support/app.ts';
import { password, type Visitor } from './support/chat-server.ts';
import { RawSocket, type Frame } from './support/raw-socket.ts';

interface Started {
  readonly chat: ServedChat;
  readonly ada: Visitor;
  /** A window of Ada. */
  readonly window: RawSocket;
}

async function start(t: TestContext): Promise<Started> {
  const chat = await serveChat(t);
  const ada = chat.visitor();
  assert.equal((await ada.submit('/setup', { name: 'Ada', password })).status, 303);
  return { chat, ada, window: await RawSocket.open(ada) };
}

async function makeRoom(window: RawSocket, name: string, people: readonly string[] = []): Promise<string> {
  return ((await window.do('make-room', { name, kind: 'private', people }))['room'] as Frame)['id'] as string;
}

/** @returns The path of the newest invite. */
async function invite(ada: Visitor, role: string, room?: string): Promise<string> {
  const form = { role, lasts: 'week', uses: 'any', ...(room === undefined ? {} : { rooms: room }) };
  assert.equal((await ada.submit('/admin/invites', form)).status, 303);
  const html = await (await ada.get('/admin/invites')).text();
  return /value="http:\/\/[^/"]+(\/invite\/[^"]+)"/.exec(html)?.[1] ?? '';
}

async function idOf(visitor: Visitor): Promise<string> {
  const { person } = (await (await visitor.get('/me')).json()) as { readonly person: { readonly id: string } };
  return person.id;
}

test('an old invite says to a person who was removed that they do not get in, and a new one lets them in', async (t) => {
  const { chat, ada, window } = await start(t);
  const plans = await makeRoom(window, 'Plans');
  const path = await invite(ada, 'member', plans);
  const bob = chat.visitor();
  assert.equal((await bob.submit(path, { name: 'Bob', password })).status, 303);
  const person = await idOf(bob);
  const [, token = ''] = /name="_xsrf" value="([^"]+)"/.exec(await (await bob.get(path)).text()) ?? [];
  assert.equal((await window.do('remove-person', { room: plans, person }))['type'], 'reply');
  const page = await bob.get(path);
  assert.equal(page.status, 410);
  const html = await page.text();
  assert.match(html, /You were removed from its rooms after it was made/);
  assert.equal(html.includes('<form method="post" action="/invite'), false);
  // The form of a page that was open before.
  assert.equal((await bob.post(path, { _xsrf: token })).status, 410);
  const bobs = await RawSocket.open(bob);
  assert.equal((await bobs.ask('read-history', { room: plans }))['code'], 'ROOM_UNKNOWN');

  const later = await invite(ada, 'member', plans);
  assert.equal((await bob.submit(later, {})).headers.get('location'), `/#/rooms/${plans}`);
  assert.equal((await bobs.ask('read-history', { room: plans }))['type'], 'reply');
});

test('of an old invite a person who was removed gets the other rooms', async (t) => {
  const { chat, ada, window } = await start(t);
  const bob = await chat.person('Bob');
  const person = await idOf(bob);
  const plans = await makeRoom(window, 'Plans', [person]);
  const tea = await makeRoom(window, 'Tea');
  await window.do('remove-person', { room: plans, person });
  const path = await invite(ada, 'member', tea);
  // The form of the test sends one room: the invite gets the other one here, and a date before the removal.
  await chat.database.tables.updateTable('invite').set({ madeAt: 1 }).execute();
  const { id: inviteId } = await chat.database.tables.selectFrom('invite').select('id').executeTakeFirstOrThrow();
  await chat.database.tables.insertInto('inviteRoom').values({ inviteId, roomId: plans }).execute();
  const html = await (await bob.get(path)).text();
  assert.match(html, /<li dir="auto">Tea<\/li>/);
  assert.match(html, /Not in these, since you were removed after the invite was made: Plans\./);
  assert.equal((await bob.submit(path, {})).headers.get('location'), `/#/rooms/${tea}`);
  const bobs = await RawSocket.open(bob);
  assert.equal((await bobs.ask('read-history', { room: plans }))['code'], 'ROOM_UNKNOWN');
});

test('a guest who opens an invite for members is told that they become a member, and is one in the open window', async (t) => {
  const { chat, ada, window } = await start(t);
  const plans = await makeRoom(window, 'Plans');
  const guest = chat.visitor();
  assert.equal((await guest.submit(await invite(ada, 'guest', plans), { name: 'Gus', password })).status, 303);
  const open = await RawSocket.open(guest);
  assert.equal((await open.ask('make-room', { name: 'Mine' }))['code'], 'CHAT_NOT_ALLOWED');
  const path = await invite(ada, 'member', plans);
  assert.match(await (await guest.get(path)).text(), /You are a guest now, and become a member/);
  assert.equal((await (await ada.get(path)).text()).includes('become a member'), false);
  assert.equal((await guest.submit(path, {})).status, 303);
  await open.frame({ type: 'joined' });
  assert.equal((await open.ask('make-room', { name: 'Mine' }))['type'], 'reply');
  assert.match(await (await ada.get('/admin/audit')).text(), /Gus changed the role of Gus from Guest to Member/i);
});

test('an old invite does not undo that an administrator made somebody a guest', async (t) => {
  const { chat, ada, window } = await start(t);
  const bob = await chat.person('Bob');
  const open = await RawSocket.open(bob);
  const paths = [await invite(ada, 'member'), await invite(ada, 'guest', 'lobby')];
  const setRole = async (role: string): Promise<void> => {
    const made = await ada.submit('/admin/people', { action: 'role', id: await idOf(bob), role });
    assert.equal(made.status, 303);
  };
  await setRole('guest');
  for (const [index, reason] of ['You were made a guest after it was made', 'You were removed'].entries()) {
    const page = await bob.get(paths[index] ?? '');
    assert.equal(page.status, 410);
    assert.ok((await page.text()).includes(reason));
  }
  assert.equal((await open.ask('read-history', { room: 'lobby' }))['code'], 'ROOM_UNKNOWN');
  assert.equal((await open.ask('make-room', { name: 'Mine' }))['code'], 'CHAT_NOT_ALLOWED');
  const later = await invite(ada, 'member');
  assert.equal((await bob.submit(later, {})).status, 303);
  assert.equal((await open.ask('read-history', { room: 'lobby' }))['type'], 'reply');
  await setRole('guest');
  await setRole('member');
  await setRole('guest');
  await setRole('member');
  assert.equal((await bob.get(later)).status, 200);
  assert.equal((await open.ask('make-room', { name: 'Mine' }))['type'], 'reply');
  assert.equal((await window.ask('read-history', { room: 'lobby' }))['type'], 'reply');
});

test('a room with somebody who does not exist is not made, and its name stays free', async (t) => {
  const { chat, window } = await start(t);
  const bob = await idOf(await chat.person('Bob'));
  const refused = await window.ask('make-room', { name: 'Plans', kind: 'private', people: [bob, 'nobody'] });
  assert.equal(refused['code'], 'CHAT_PERSON_UNKNOWN');
  const rooms = chat.database.tables.selectFrom('room').select('name').where('kind', '=', 'private');
  assert.deepEqual(await rooms.execute(), []);
  assert.equal((await window.ask('make-room', { name: 'Plans', kind: 'private', people: [bob] }))['type'], 'reply');
  assert.deepEqual(await rooms.execute(), [{ name: 'Plans' }]);
});

test('an invite whose rooms are archived or deleted makes no guest without rooms, and is not used up', async (t) => {
  const { chat, ada, window } = await start(t);
  const [archived, deleted] = [await makeRoom(window, 'Archived'), await makeRoom(window, 'Deleted')];
  const [guestOfArchived, guestOfDeleted] = [await invite(ada, 'guest', archived), await invite(ada, 'guest', deleted)];
  const memberOfArchived = await invite(ada, 'member', archived);
  const cleo = chat.visitor();
  const [, token = ''] = /name="_xsrf" value="([^"]+)"/.exec(await (await cleo.get(guestOfArchived)).text()) ?? [];
  await window.do('archive-room', { room: archived, archived: true });
  await window.do('delete-room', { room: deleted });
  const gone = /Its rooms are archived or deleted\. Ask for a new one\./;
  for (const path of [guestOfArchived, guestOfDeleted]) {
    const page = await chat.visitor().get(path);
    assert.deepEqual([page.status, gone.test(await page.text())], [410, true], path);
  }
  // The form of a page that was open before.
  assert.equal((await cleo.post(guestOfArchived, { _xsrf: token, name: 'Cleo', password })).status, 410);

  // A new member joins the chat. Somebody who has an account gets nothing, and does not use up the invite.
  const page = await (await cleo.get(memberOfArchived)).text();
  assert.equal(page.includes('Archived'), false);
  const joined = await cleo.submit(memberOfArchived, { name: 'Cleo', password });
  assert.deepEqual([joined.status, joined.headers.get('location')], [303, '/']);
  const again = await cleo.get(memberOfArchived);
  assert.deepEqual([again.status, gone.test(await again.text())], [410, true]);
  const uses = await chat.database.tables.selectFrom('invite').select('uses').orderBy('uses').execute();
  assert.deepEqual(uses, [{ uses: 0 }, { uses: 0 }, { uses: 1 }]);
});
