/** M16: direct conversations and private rooms: the same people have one conversation, and outsiders find nothing. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveBuilt } from './support/built-app.ts';
import type { Visitor } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { RawSocket, type Frame } from './support/raw-socket.ts';

const browser = await launchChromium();
after(() => browser.close());

test('M16: opening a conversation from both sides gives one room, with messages in both windows', async (t) => {
  const { url } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url);
  const zhang = await ChatWindow.open(t, browser, url, { locale: 'zh-CN' });
  await ada.register('Ada');
  await zhang.register('张三');
  await ada.page.getByRole('button', { name: 'New direct message' }).click();
  await ada.page.getByRole('combobox', { name: 'Choose people' }).fill('zs');
  await ada.page.getByRole('option', { name: '张三' }).waitFor();
  await ada.page.keyboard.press('Enter');
  await ada.page.getByRole('button', { name: 'Open conversation' }).click();
  await ada.page.getByRole('heading', { level: 1, name: '张三' }).waitFor();
  // Nothing is written yet, so the other person sees nothing of it.
  assert.equal(await zhang.page.getByRole('link', { name: 'Ada' }).count(), 0);

  await zhang.page.locator('.people-row', { hasText: 'Ada' }).click();
  await zhang.page.getByRole('button', { name: '发消息', exact: true }).click();
  await zhang.page.getByRole('heading', { level: 1, name: 'Ada' }).waitFor();
  assert.equal(address(zhang), address(ada));
  await zhang.sayAndSee('只有我们两个人');
  await ada.seeTexts(['只有我们两个人']);

  const eve = await ChatWindow.open(t, browser, url);
  await eve.register('Eve');
  await eve.page.goto(`${url}/${address(ada)}`);
  await eve.page.getByRole('heading', { name: 'There is no such room' }).waitFor();
  const response = await eve.page.goto(`${url}/rooms/${decodeURIComponent(address(ada).slice('#/rooms/'.length))}`);
  assert.equal(response?.status(), 404);
  const own = await ada.page.goto(`${url}/rooms/${address(ada).slice('#/rooms/'.length)}`);
  assert.equal(own?.status(), 200);
  await ada.page.getByRole('heading', { level: 1, name: '张三' }).waitFor();
});

test('M16: only those who opened a conversation know of it, until its first message shows it to all', async (t) => {
  const chat = await serveBuilt(t);
  const [annPerson, bobPerson] = [await chat.person('Ann'), await chat.person('Bob')];
  const [ann, annToo] = [await RawSocket.open(annPerson), await RawSocket.open(annPerson)];
  const [bob, bobToo] = [await RawSocket.open(bobPerson), await RawSocket.open(bobPerson)];
  const [annId, bobId] = [await idOf(chat.database, 'Ann'), await idOf(chat.database, 'Bob')];
  const { id: room } = (await ann.do('open-direct', { people: [bobId] }))['room'] as Frame;
  await annToo.frame({ type: 'joined' });
  for (const window of [bob, bobToo]) {
    await window.do('look-at-room', { room: 'lobby' });
    assert.deepEqual(ofType(window, 'joined'), []);
  }
  assert.deepEqual(await directsOf(bobPerson), []);
  assert.deepEqual(
    (await directsOf(annPerson)).map(({ id }) => id),
    [room],
  );

  // A message that is refused shows nothing.
  assert.equal((await ann.ask('publish', { room, id: '0', data: { text: '' } }))['code'], 'CHAT_TEXT_EMPTY');
  await ann.do('publish', { room, id: '1', data: { text: 'hello' } });
  for (const window of [bob, bobToo]) {
    const joined = (await window.frame({ type: 'joined' }))['room'] as Frame;
    assert.deepEqual([joined['id'], joined['topSeq'], joined['readSeq'], joined['role']], [room, 1, 0, undefined]);
    await window.do('subscribe', { room });
  }
  const [shown] = await directsOf(bobPerson);
  assert.deepEqual([shown?.['id'], shown?.['topSeq'], shown?.['readSeq']], [room, 1, 0]);
  await ann.do('publish', { room, id: '2', data: { text: 'again' } });
  await bobToo.frame({ type: 'message', id: '2' });
  assert.equal(ofType(bob, 'joined').length, 1);

  // Bob opens another one, which Ann has opened too.
  await chat.person('Cy');
  const cyId = await idOf(chat.database, 'Cy');
  const before = bobToo.frames.length;
  const { id: three } = (await ann.do('open-direct', { people: [bobId, cyId] }))['room'] as Frame;
  const { id: same } = (await bob.do('open-direct', { people: [annId, cyId] }))['room'] as Frame;
  assert.equal(same, three);
  assert.equal(((await bobToo.frame({ type: 'joined' }, before))['room'] as Frame)['id'], three);
  assert.deepEqual(
    (await directsOf(bobPerson)).map(({ id }) => id),
    [room, three],
  );
});

test('M16: the first message of a conversation appears in an open window as unread, and the quick switcher finds it', async (t) => {
  const chat = await serveBuilt(t);
  const ann = await RawSocket.open(await chat.person('Ann'));
  const bob = await ChatWindow.open(t, browser, chat.url);
  await bob.register('Bob');
  const { page } = bob;
  const { id: room } = (await ann.do('open-direct', { people: [await idOf(chat.database, 'Bob')] }))['room'] as Frame;
  await ann.do('publish', { room, id: '1', data: { text: 'hello' } });
  const link = page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: /Ann/ });
  await link.waitFor();
  await page.waitForFunction(() => document.title.startsWith('(1)'));
  await page.reload();
  await link.waitFor();
  await page.waitForFunction(() => document.title.startsWith('(1)'));
  await page.keyboard.press('Control+k');
  await page.keyboard.type('ann');
  await page.getByRole('option', { name: /Ann/ }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Ann' }).waitFor();
  await bob.seeTexts(['hello']);
  assert.equal(address(bob), `#/rooms/${String(room)}`);
  await page.waitForFunction(() => !document.title.startsWith('('));
});

test('M16: a person who is removed gets nothing more in any open window, and cannot return to a private room', async (t) => {
  const chat = await serveBuilt(t);
  const ann = await RawSocket.open(await chat.person('Ann'));
  const bobPerson = await chat.person('Bob');
  const [bob, bobToo] = [await RawSocket.open(bobPerson), await RawSocket.open(bobPerson)];
  const bobId = await idOf(chat.database, 'Bob');
  const { id: room } = (await ann.do('make-room', { name: 'Secret', kind: 'private', people: [bobId] }))[
    'room'
  ] as Frame;
  for (const window of [bob, bobToo]) {
    const joined = (await window.frame({ type: 'joined' }))['room'] as Frame;
    assert.deepEqual([joined['id'], joined['kind'], joined['member']], [room, 'private', true]);
    await window.do('subscribe', { room });
  }
  await ann.do('publish', { room, id: '1', data: { text: 'together' } });
  await bobToo.frame({ type: 'message', id: '1' });
  assert.equal((await bob.ask('remove-person', { room, person: bobId }))['code'], 'CHAT_NOT_ALLOWED');
  await ann.do('remove-person', { room, person: bobId });
  for (const window of [bob, bobToo]) await window.frame({ type: 'left', room });
  await ann.do('publish', { room, id: '2', data: { text: 'alone' } });
  for (const window of [bob, bobToo]) {
    await window.do('publish', { room: 'lobby', id: crypto.randomUUID(), data: { text: 'fence' } });
    for (const type of ['subscribe', 'join-room', 'leave-room']) {
      assert.equal((await window.ask(type, { room }))['code'], 'ROOM_UNKNOWN', type);
    }
    assert.deepEqual(
      window.frames.filter((frame) => frame['id'] === '2'),
      [],
    );
  }
  await ann.do('add-people', { room, people: [bobId] });
  await bob.do('subscribe', { room });
});

test('M16: members see changes of a room; an archived room can be read only; a deleted one is gone with its messages', async (t) => {
  const chat = await serveBuilt(t, { rooms: { presenceGraceMs: 0, commandBurst: 1000 } });
  const ann = await RawSocket.open(await chat.person('Ann'));
  const bob = await RawSocket.open(await chat.person('Bob'));
  const annId = await idOf(chat.database, 'Ann');
  const bobId = await idOf(chat.database, 'Bob');
  const { id: room } = (await ann.do('make-room', { name: 'Tea', topic: 'green' }))['room'] as Frame;
  await bob.do('join-room', { room });
  await bob.do('subscribe', { room });
  const signal = async (): Promise<Frame> => {
    // Others, such as that of a new member, may come late.
    for (let from = bob.frames.length; ;) {
      const frame = await bob.frame({ type: 'signal', room }, from);
      const data = frame['data'] as Frame;
      if (data.type === 'room-changed') return data;
      from = bob.frames.indexOf(frame) + 1;
    }
  };
  const renamed = signal();
  await ann.do('change-room', { room, name: '茶馆', topic: '' });
  const { type, name, topic, pinyinInitials } = await renamed;
  assert.deepEqual([type, name, topic, pinyinInitials], ['room-changed', '茶馆', '', 'cg']);
  for (const [what, code] of [
    [{ name: ' ' }, 'CHAT_ROOM_NAME'],
    [{ name: 'lobby' }, 'CHAT_ROOM_NAME_TAKEN'],
    [{ topic: 'x'.repeat(201) }, 'CHAT_TOPIC'],
    [{ topic: 'a\u202eb' }, 'CHAT_TOPIC'],
  ] as const) {
    assert.equal((await ann.ask('change-room', { room, ...what }))['code'], code);
  }
  assert.equal((await bob.ask('change-room', { room, topic: 'mine' }))['code'], 'CHAT_NOT_ALLOWED');

  await ann.do('set-role', { room, person: bobId, role: 'owner' });
  await bob.frame({ type: 'room-own', room, role: 'owner' });
  await ann.do('leave-room', { room });
  assert.equal((await bob.ask('set-role', { room, person: bobId, role: 'member' }))['code'], 'CHAT_LAST_OWNER');
  await ann.do('join-room', { room });
  const until = Date.now() + 60_000;
  await bob.do('mute-room', { room, until });
  await bob.frame({ type: 'room-own', room, mutedUntil: until });

  await bob.do('publish', { room, id: '1', data: { text: 'kept' } });
  const archived = signal();
  await bob.do('archive-room', { room, archived: true });
  assert.ok(Number((await archived)['archivedAt']) > 0);
  assert.equal((await ann.ask('publish', { room, id: '2', data: { text: 'late' } }))['code'], 'CHAT_ROOM_ARCHIVED');
  assert.equal((await bob.ask('add-people', { room, people: [annId] }))['code'], 'CHAT_ROOM_ARCHIVED');
  assert.deepEqual((await ann.do('directory'))['rooms'], []);
  await ann.do('subscribe', { room });
  await bob.do('archive-room', { room, archived: false });

  await ann.do('subscribe', { room });
  assert.equal((await ann.ask('delete-room', { room }))['code'], 'CHAT_NOT_ALLOWED');
  await bob.do('delete-room', { room });
  for (const window of [ann, bob]) {
    await window.frame({ type: 'room-removed', room });
    for (const command of ['subscribe', 'join-room', 'members']) {
      assert.equal((await window.ask(command, { room }))['code'], 'ROOM_UNKNOWN', command);
    }
  }
  await ann.do('make-room', { name: '茶馆' });
  await chat.roomIsGone(String(room));
});

function ofType(window: RawSocket, type: string): readonly Frame[] {
  return window.frames.filter((frame) => frame['type'] === type);
}

/** The direct conversations in the welcome of a new window. */
async function directsOf(person: Visitor): Promise<readonly Frame[]> {
  const window = await RawSocket.open(person);
  const { rooms } = await window.frame({ type: 'welcome' });
  window.close();
  return (rooms as readonly Frame[]).filter(({ kind }) => kind === 'direct');
}

/** The fragment of the address of a window. */
function address(window: ChatWindow): string {
  return new URL(window.page.url()).hash;
}

async function idOf(database: Awaited<ReturnType<typeof serveBuilt>>['database'], name: string): Promise<string> {
  const row = database.tables.selectFrom('person').select('id').where('name', '=', name);
  return (await row.executeTakeFirstOrThrow()).id;
}
