/** The pages of administration over HTTP: who reaches them, and what a deactivated person can still do. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { deactivated } from '../wire.ts';
import { serveChat, type ServedChat } from './support/app.ts';
import { password, type Visitor } from './support/chat-server.ts';
import { RawSocket } from './support/raw-socket.ts';

/** Every page of administration, with an action that it would do. */
const pages: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/admin/people': { action: 'role', role: 'administrator' },
  '/admin/invites': { action: 'make', role: 'member', lasts: 'week', uses: 'any' },
  '/admin/rooms': { action: 'archive' },
  '/admin/audit': {},
};

async function start(t: TestContext): Promise<{ readonly chat: ServedChat; readonly ada: Visitor }> {
  const chat = await serveChat(t);
  const ada = chat.visitor();
  assert.equal((await ada.submit('/setup', { name: 'Ada', password })).status, 303);
  return { chat, ada };
}

async function idOf({ database: { tables } }: ServedChat, name: string): Promise<string> {
  return (await tables.selectFrom('person').select('id').where('name', '=', name).executeTakeFirstOrThrow()).id;
}

async function act(ada: Visitor, fields: Readonly<Record<string, string>>): Promise<string> {
  const response = await ada.submit('/admin/people', fields);
  assert.equal(response.status, 303, await response.text());
  return new URL(response.headers.get('location') ?? '', 'http://x').searchParams.get('done') ?? '';
}

test('for members, guests and people who are not administrators any more there are no pages of administration', async (t) => {
  const { chat, ada } = await start(t);
  const { tables } = chat.database;
  const bob = await chat.person('Bob');
  const id = await idOf(chat, 'Bob');
  const refuses = async (visitor: Visitor, tokenPath: string): Promise<void> => {
    for (const [path, fields] of Object.entries(pages)) {
      assert.equal((await visitor.get(path)).status, 404, path);
      assert.equal((await visitor.submit(path, { id, ...fields }, tokenPath)).status, 404, path);
    }
  };
  for (const role of ['member', 'guest'] as const) {
    await tables.updateTable('person').set({ role }).where('id', '=', id).execute();
    await refuses(bob, '/settings');
    assert.doesNotMatch(await (await bob.get('/settings')).text(), /\/admin\//);
  }
  assert.equal(await act(ada, { action: 'role', role: 'administrator', id }), 'role');
  for (const path of Object.keys(pages)) assert.equal((await bob.get(path)).status, 200, path);
  assert.equal(await act(bob, { action: 'role', role: 'member', id: await idOf(chat, 'Ada') }), 'role');
  await refuses(ada, '/settings');
  for (const path of Object.keys(pages)) {
    const response = await chat.visitor().get(path);
    assert.deepEqual(
      [response.status, response.headers.get('location')],
      [302, `/login?next=${encodeURIComponent(path)}`],
    );
  }
});

test('the last administrator is neither deactivated nor demoted, and nobody deactivates their own account', async (t) => {
  const { chat, ada } = await start(t);
  const id = await idOf(chat, 'Ada');
  assert.equal(await act(ada, { action: 'role', role: 'guest', id }), 'last');
  assert.equal(await act(ada, { action: 'deactivate', id }), 'yourself');
  assert.equal(await act(ada, { action: 'deactivate', id: 'nobody' }), 'unknown');
  assert.equal((await ada.submit('/admin/people', { action: 'paint', id })).status, 400);
  assert.equal((await ada.submit('/admin/people', { action: 'role', role: 'owner', id })).status, 400);
  const rows = await chat.database.tables
    .selectFrom('audit')
    .select('action')
    .where('action', 'not like', 'session.%')
    .execute();
  assert.deepEqual(rows, [{ action: 'setup' }]);
});

test('a link to sign in ends when the person changes the password', async (t) => {
  const { chat, ada } = await start(t);
  const bob = await chat.person('Bob');
  const link = await ada.submit('/admin/people', { action: 'link', id: await idOf(chat, 'Bob') });
  const [, path = ''] = /value="http:\/\/[^/"]+(\/sign-in\/[^"]+)"/.exec(await link.text()) ?? [];
  assert.equal((await chat.visitor().get(path)).status, 200);
  const change = { current: password, password: 'another good password' };
  assert.equal((await bob.submit('/settings/password', change, '/settings')).status, 303);
  assert.equal((await chat.visitor().get(path)).status, 404);
});

test('a deactivated person has no session, window or link, and hears why only with the right password', async (t) => {
  const { chat, ada } = await start(t);
  const bob = await chat.person('Bob');
  const id = await idOf(chat, 'Bob');
  const window = await RawSocket.open(bob);
  const link = await ada.submit('/admin/people', { action: 'link', id });
  const [, path = ''] = /value="http:\/\/[^/"]+(\/sign-in\/[^"]+)"/.exec(await link.text()) ?? [];
  assert.equal((await chat.visitor().get(path)).status, 200);
  assert.equal(await act(ada, { action: 'deactivate', id }), 'deactivated');

  assert.deepEqual(await window.closed, { code: 4401, reason: deactivated });
  assert.equal(await bob.handshake(), 401);
  assert.equal((await bob.get('/')).status, 302);
  assert.equal((await bob.get('/me').then((me) => me.json())).person, null);
  assert.match(await (await bob.get('/login?ended=deactivated')).text(), /An administrator deactivated your account/);
  assert.equal((await chat.visitor().get(path)).status, 404);
  const wrong = await chat.visitor().submit('/login', { name: 'Bob', password: 'wrong horse battery' });
  assert.doesNotMatch(await wrong.text(), /deactivated/);
  const right = await chat.visitor().submit('/login', { name: 'Bob', password });
  assert.deepEqual([right.status, /This account is deactivated/.test(await right.text())], [400, true]);
  assert.doesNotMatch(await (await chat.visitor().get('/login?ended=deactivated')).text(), /deactivated/);

  assert.equal(await act(ada, { action: 'reactivate', id }), 'reactivated');
  assert.equal((await bob.get('/')).status, 302);
  await bob.logIn('Bob');
  assert.equal((await bob.get('/')).status, 200);
  const log = await (await ada.get('/admin/audit')).text();
  const sentences = [
    'reactivated the account of Bob',
    'deactivated the account of Bob',
    'created a sign-in link for Bob',
    'signed in from 127.0.0.1',
    'set up the chat',
  ];
  assert.deepEqual(
    [...log.matchAll(/Ada ([^<]+)\.</g)].map(([, sentence]) => sentence),
    sentences,
  );
});

test('an account that the command line deactivated, in the database only, loses its windows too', async (t) => {
  const { chat } = await start(t);
  const window = await RawSocket.open(await chat.person('Bob'));
  await chat.database.tables
    .updateTable('person')
    .set({ deactivatedAt: Date.now() })
    .where('name', '=', 'Bob')
    .execute();
  assert.deepEqual(await window.closed, { code: 4401, reason: deactivated });
});

test('the list of people and the log have pages, and wrong addresses of pages show the first one', async (t) => {
  const { chat, ada } = await start(t);
  const { tables } = chat.database;
  const people = Array.from({ length: 60 }, (_, index) => {
    const name = `Person ${String(index).padStart(2, '0')}`;
    return { id: `p${index}`, name, nameKey: name.toLowerCase(), passwordHash: '', createdAt: 1 };
  });
  await tables.insertInto('person').values(people).execute();
  const entry = { at: Date.now(), actorId: null, action: 'room.archive', target: null };
  await tables
    .insertInto('audit')
    .values(people.map(({ name }) => ({ ...entry, details: JSON.stringify({ name }) })))
    .execute();
  const count = async (path: string, pattern: RegExp): Promise<number> =>
    [...(await (await ada.get(path)).text()).matchAll(pattern)].length;
  const row = /<li class="row/g;
  assert.equal(await count('/admin/people', row), 50);
  const [, next = ''] =
    /href="(\/admin\/people\?[^"]*after=[^"]*)"/.exec(await (await ada.get('/admin/people')).text()) ?? [];
  assert.equal(await count(next.replaceAll('&amp;', '&'), row), 11);
  assert.equal(await count('/admin/people?q=person+0', row), 10);
  assert.equal(await count('/admin/people?q=%25', row), 0);
  assert.equal(await count('/admin/audit', row), 50);
  const [, older = ''] = /href="(\/admin\/audit\?before=\d+)"/.exec(await (await ada.get('/admin/audit')).text()) ?? [];
  // The setup and the sign-in of its administrator.
  assert.equal(await count(older, row), 12);
  for (const before of ['x', '-1', '1e9', '9'.repeat(30)])
    assert.equal(await count(`/admin/audit?before=${before}`, row), 50);
});

test('the pages of the rooms have each room once, also while rooms get messages', async (t) => {
  const { chat, ada } = await start(t);
  const { tables } = chat.database;
  const rooms = Array.from({ length: 110 }, (_, index) => {
    const id = `r${String(index).padStart(3, '0')}`;
    // Several rooms have the same time.
    return { id, kind: 'public', name: id, nameKey: id, madeBy: '', madeAt: 1000 - Math.floor(index / 7) } as const;
  });
  await tables.insertInto('room').values(rooms).execute();
  const seen: string[] = [];
  let path: string | undefined = '/admin/rooms?q=r';
  while (path !== undefined) {
    const html: string = await (await ada.get(path)).text();
    seen.push(...[...html.matchAll(/id="room-([^"]+)"/g)].map(([, id = '']) => id));
    path = /href="(\/admin\/rooms\?[^"]*after=[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&');
    // A room of the page before moves to the beginning.
    await tables.updateTable('room').set({ lastAt: 2000 }).where('id', '=', 'r020').execute();
  }
  assert.deepEqual(
    seen,
    rooms.map(({ id }) => id),
  );
  for (const after of ['x', '5', '.', '-1.r', `9.${'r'.repeat(200)}`])
    assert.match(await (await ada.get(`/admin/rooms?after=${after}`)).text(), /id="room-r020"/);
});

test('an administrator renames, archives and deletes private rooms of others; the log names each', async (t) => {
  const { chat, ada } = await start(t);
  const bob = await RawSocket.open(await chat.person('Bob'));
  const made = (await bob.do('make-room', { name: 'Tea', kind: 'private' }))['room'] as { readonly id: string };
  const room = made.id;
  const order = async (fields: Readonly<Record<string, string>>): Promise<string> => {
    const response = await ada.submit('/admin/rooms', { room, ...fields }, '/settings');
    assert.equal(response.status, 303, await response.text());
    return new URL(response.headers.get('location') ?? '', 'http://x').searchParams.get('done') ?? '';
  };
  assert.match(await (await ada.get('/admin/rooms?q=tea')).text(), /<bdi>Tea<\/bdi>/);
  assert.equal(await order({ action: 'rename', name: ' ' }), 'CHAT_ROOM_NAME');
  assert.equal(await order({ action: 'rename', name: 'Coffee' }), 'renamed');
  assert.equal(await order({ action: 'archive' }), 'archived');
  assert.equal(await order({ action: 'open' }), 'open');
  assert.equal(await order({ action: 'archive', room: 'lobby' }), 'ROOM_UNKNOWN');
  assert.equal(await order({ action: 'delete' }), 'unconfirmed');
  assert.equal(await order({ action: 'delete', confirm: 'yes' }), 'deleted');
  assert.equal(await order({ action: 'archive' }), 'ROOM_UNKNOWN');
  const { tables } = chat.database;
  const rows = await tables
    .selectFrom('audit')
    .select(['action', 'details'])
    .where('target', '=', room)
    .orderBy('id')
    .execute();
  assert.deepEqual(
    rows.map(({ action, details }) => `${action} ${details}`),
    [
      'room.rename {"from":"Tea","to":"Coffee"}',
      'room.archive {"name":"Coffee"}',
      'room.unarchive {"name":"Coffee"}',
      'room.delete {"name":"Coffee"}',
    ],
  );
});
