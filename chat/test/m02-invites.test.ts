/** M2: an administrator makes an invite link, and another person joins with it in two steps. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { decodeQR } from 'qr/decode.js';
import { type ServedChat } from './support/app.ts';
import { serveBuilt } from './support/built-app.ts';
import { violations } from './support/accessibility.ts';
import { password, type Visitor } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

async function start(t: TestContext): Promise<{ readonly chat: ServedChat; readonly ada: Visitor }> {
  const chat = await serveBuilt(t, { registration: 'invite' });
  const ada = chat.visitor();
  assert.equal((await ada.submit('/setup', { name: 'Ada', password })).status, 303);
  return { chat, ada };
}

async function makeInvite(ada: Visitor, fields: Readonly<Record<string, string>> = {}): Promise<string> {
  const made = await ada.submit('/admin/invites', { role: 'member', lasts: 'week', uses: 'any', ...fields });
  assert.equal(made.status, 303, await made.text());
  return pathOf(await (await ada.get('/admin/invites')).text());
}

function pathOf(html: string): string {
  return /value="http:\/\/[^/"]+(\/invite\/[^"]+)"/.exec(html)?.[1] ?? '';
}

/** What a camera reads from a QR code. @param svg - Drawn by an empty page, since the policy of the chat forbids images from data. */
async function readCode({ page }: ChatWindow, svg: string): Promise<string> {
  const empty = await page.context().newPage();
  const pixels = await empty.evaluate(async (source) => {
    const image = new Image(240, 240);
    image.src = `data:image/svg+xml,${encodeURIComponent(source)}`;
    await image.decode();
    const context = new OffscreenCanvas(240, 240).getContext('2d');
    if (!context) throw new Error('no canvas');
    context.fillStyle = 'white';
    context.fillRect(0, 0, 240, 240);
    context.drawImage(image, 0, 0, 240, 240);
    return [...context.getImageData(0, 0, 240, 240).data];
  }, svg);
  await empty.close();
  return decodeQR({ width: 240, height: 240, data: Uint8Array.from(pixels) });
}

test('M2: a person copies the link, and another one joins with one form and sees the room with its history', async (t) => {
  const { chat } = await start(t);
  const ada = await ChatWindow.open(t, browser, chat.url, { permissions: ['clipboard-read', 'clipboard-write'] });
  await ada.logIn('Ada');
  await ada.page.getByRole('button', { name: 'New room' }).click();
  await ada.page.getByLabel('Name of the room').fill('Plans');
  await ada.page.keyboard.press('Enter');
  await ada.page.getByRole('heading', { name: 'Plans' }).waitFor();
  await ada.sayAndSee('We meet on Friday');

  const { page } = ada;
  await page.goto(`${chat.url}/admin/invites`);
  await page.getByLabel('Plans').check();
  await page.getByRole('button', { name: 'Create link' }).click();
  await page.getByText('The link is ready').waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.getByText('QR code').click();
  const code = page.getByRole('img', { name: 'QR code of the link' }).locator('svg');
  await code.waitFor();
  assert.equal(await readCode(ada, await code.evaluate((svg) => svg.outerHTML)), link);

  const bob = await ChatWindow.open(t, browser, chat.url, { viewport: { width: 360, height: 740 } });
  await bob.page.goto(link);
  await bob.page.getByText('Ada invites you to this chat.').waitFor();
  await bob.page.getByText('Plans').waitFor();
  assert.deepEqual(await violations(bob.page), []);
  await bob.page.getByLabel('Name').fill('Bob');
  await bob.page.getByLabel('Password', { exact: true }).fill(password);
  await bob.page.getByRole('button', { name: 'Join' }).click();
  await bob.seeTexts(['We meet on Friday']);
});

test('M2: a person who has an account joins the rooms of a link with a press', async (t) => {
  const { chat, ada } = await start(t);
  const bobPath = await makeInvite(ada);
  const bob = chat.visitor();
  assert.equal((await bob.submit(bobPath, { name: 'Bob', password })).status, 303);
  const { tables } = chat.database;
  await tables
    .insertInto('room')
    .values({
      id: 'plans',
      kind: 'public',
      name: 'Plans',
      nameKey: 'plans',
      peopleKey: null,
      madeBy: '',
      madeAt: 1,
      archivedAt: null,
      lastAt: null,
      kept: 1,
    })
    .execute();
  const path = await makeInvite(ada, { rooms: 'plans' });
  assert.match(await (await bob.get(path)).text(), /Join as Bob/);
  const joined = await bob.submit(path, {});
  assert.equal(joined.headers.get('location'), '/#/rooms/plans');
  const member = await tables.selectFrom('member').select('personId').where('roomId', '=', 'plans').execute();
  assert.equal(member.length, 1);
});

test('M2: expired, used up, revoked, renewed and unknown links give a reason and no form', async (t) => {
  const { chat, ada } = await start(t);
  const { tables } = chat.database;
  const seen = async (path: string): Promise<{ status: number; text: string }> => {
    const response = await chat.visitor().get(path);
    const text = await response.text();
    assert.doesNotMatch(text, /<form|<input/);
    const posted = await chat.visitor().submit(path, { name: 'Eve', password }, '/login');
    assert.equal(posted.status, response.status);
    return { status: response.status, text };
  };
  const used = await makeInvite(ada, { uses: '1' });
  assert.equal((await chat.visitor().submit(used, { name: 'Bob', password })).status, 303);
  assert.match((await seen(used)).text, /used as often as it may be/);

  const revoked = await makeInvite(ada);
  const { id } = await tables.selectFrom('invite').select('id').where('maxUses', 'is', null).executeTakeFirstOrThrow();
  const before = await ada.submit('/admin/invites', { action: 'renew', id });
  assert.match(before.headers.get('location') ?? '', /done=renewed/);
  assert.match((await seen(revoked)).text, /revoked or replaced/);
  const renewed = pathOf(await (await ada.get('/admin/invites')).text());
  assert.equal((await chat.visitor().get(renewed)).status, 200);
  await tables.updateTable('invite').set({ expiresAt: 1 }).where('maxUses', 'is', null).execute();
  assert.match((await seen(renewed)).text, /expired/);
  const unknown = await seen(`${renewed.slice(0, -1)}x`);
  assert.deepEqual([unknown.status, /no such link/.test(unknown.text)], [404, true]);
  assert.equal((await tables.selectFrom('person').select('id').execute()).length, 2);
});

test('M2: a link that is renewed while its form is open, and one that has expired, show why in the language of the reader', async (t) => {
  const { chat } = await start(t);
  const ada = await ChatWindow.open(t, browser, chat.url);
  await ada.logIn('Ada');
  await ada.page.goto(`${chat.url}/admin/invites`);
  await ada.page.getByRole('button', { name: 'Create link' }).click();
  const link = ada.page.locator('.copy-link');
  const first = await link.inputValue();
  const bob = await ChatWindow.open(t, browser, chat.url, { locale: 'zh-CN' });
  await bob.page.goto(first);
  await bob.page.getByLabel('名字').fill('Bob');
  await bob.page.getByLabel('密码', { exact: true }).fill(password);

  await ada.page.getByRole('button', { name: 'Renew' }).click();
  await ada.page.getByText('There is a new link').waitFor();
  const second = await link.inputValue();
  assert.notEqual(second, first);
  await bob.page.getByRole('button', { name: '加入' }).click();
  const seeReason = async (reason: string): Promise<void> => {
    await bob.page.getByText(reason).waitFor();
    assert.equal(await bob.page.locator('form, input').count(), 0);
    assert.deepEqual(await violations(bob.page), []);
  };
  await seeReason('已被撤销');
  await bob.page.goto(first);
  await seeReason('已被撤销');

  await bob.page.goto(second);
  await bob.page.getByLabel('名字').waitFor();
  await chat.database.tables.updateTable('invite').set({ expiresAt: 1 }).execute();
  await bob.page.reload();
  await seeReason('过期');
  assert.equal((await chat.database.tables.selectFrom('person').select('id').execute()).length, 1);
});

test('only administrators see and make invites', async (t) => {
  const { chat, ada } = await start(t);
  const bob = chat.visitor();
  assert.equal((await bob.submit(await makeInvite(ada), { name: 'Bob', password })).status, 303);
  assert.equal((await bob.get('/admin/invites')).status, 404);
  const forged = await bob.submit('/admin/invites', { role: 'member', lasts: 'week', uses: 'any' }, '/settings');
  assert.equal(forged.status, 404);
  assert.equal((await chat.visitor().get('/admin/invites')).status, 302);
  assert.doesNotMatch(await (await bob.get('/settings')).text(), /admin/);
});

test('guesses of links are limited for their address', async (t) => {
  const { chat, ada } = await start(t);
  const path = await makeInvite(ada);
  const eve = chat.visitor();
  for (let guess = 0; guess < 20; guess++) {
    assert.equal((await eve.get(`/invite/${String(guess).padStart(24, 'x')}`)).status, 404);
  }
  const limited = await eve.get(path);
  assert.equal(limited.status, 429);
  assert.ok(Number(limited.headers.get('retry-after')) > 0);
  assert.match(await limited.text(), /Too many links/);
});

test('a guest needs rooms, and is in no other room', async (t) => {
  const { chat, ada } = await start(t);
  const refused = await ada.submit('/admin/invites', { role: 'guest', lasts: 'week', uses: 'any' });
  assert.equal(refused.status, 400);
  assert.match(await refused.text(), /at least one room/);
  const path = await makeInvite(ada, { role: 'guest', rooms: 'lobby' });
  assert.match(await (await chat.visitor().get(path)).text(), /as a guest/);
  assert.equal((await chat.visitor().submit(path, { name: 'Gus', password })).status, 303);
  const rows = await chat.database.tables
    .selectFrom('person')
    .select(['name', 'role'])
    .where('name', '=', 'Gus')
    .execute();
  assert.deepEqual(rows, [{ name: 'Gus', role: 'guest' }]);
});

/** The checkboxes of the rooms in the form. */
function roomInputs(html: string): string[] {
  return [...html.matchAll(/<input[^>]*>/g)].map(([input]) => input).filter((input) => / name="rooms"/.test(input));
}

function valuesOf(inputs: readonly string[]): string[] {
  return inputs.map((input) => / value="([^"]*)"/.exec(input)?.[1] ?? '');
}

test('the form of an invite shows 50 rooms, finds others by name or pinyin, and keeps what was chosen', async (t) => {
  const { chat, ada } = await start(t);
  const rooms = Array.from({ length: 120 }, (_, at) => ({
    id: `r${at}`,
    name: `Room ${at}`,
    pinyin: '',
    pinyinInitials: '',
  }));
  rooms.push({ id: 'zs', name: '张三的房间', pinyin: 'zhangsandefangjian', pinyinInitials: 'zsdfj' });
  await chat.database.tables
    .insertInto('room')
    .values(
      rooms.map((room, at) => ({
        ...room,
        kind: 'public',
        nameKey: room.name.toLowerCase(),
        madeBy: 'ada',
        madeAt: at + 1,
      })),
    )
    .execute();
  const first = await (await ada.get('/admin/invites')).text();
  assert.equal(roomInputs(first).length, 50);
  assert.match(first, /At most 50 rooms are shown/);
  const chosen = { role: 'guest', lasts: 'day', uses: '5', rooms: 'r3' };
  const found = await ada.submit('/admin/invites', { ...chosen, action: 'find', find: 'zs' });
  assert.equal(found.status, 200);
  const html = await found.text();
  assert.deepEqual(valuesOf(roomInputs(html)), ['lobby', 'zs', 'r3']);
  assert.deepEqual(valuesOf(roomInputs(html).filter((input) => / checked/.test(input))), ['r3']);
  assert.match(html, /<input[^>]* value="guest"[^>]* checked/);
  assert.equal(
    (await ada.submit('/admin/invites', { ...chosen, action: 'make', find: 'zs', rooms: 'r119' })).status,
    303,
  );
  const made = await chat.database.tables.selectFrom('inviteRoom').select('roomId').execute();
  assert.deepEqual(made, [{ roomId: 'r119' }]);
});
